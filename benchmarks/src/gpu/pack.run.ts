/**
 * `pnpm --filter @fashion-bench/benchmarks pack:gpu --out FOLDER [--data-dir FOLDER]`: what a race on a GPU needs, in one
 * folder, for a machine without Node and network. Run `pnpm build` before. See benchmarks/gpu/README.md.
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { loadFashionMnist } from '@fashion-bench/dataset';
import { formatBytes } from '@fashion-bench/report';

import { pack, PackError } from './pack.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Where systems keep it; taken along for those that have a driver and no loader. */
const VULKAN_LOADERS = [
  '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
  '/usr/lib/aarch64-linux-gnu/libvulkan.so.1',
  '/usr/lib64/libvulkan.so.1',
];

/** What PyTorch's part of the race needs. */
const TORCH = ['contestants/torch/program.py', 'python/protocol.py'].map((path) =>
  join('apps/bench/src/peers', path),
);

/** @throws PackError where Node was installed without its licence, which has to go with it */
function nodeLicence(): string {
  const prefix = dirname(dirname(process.execPath));
  const places = ['LICENSE', 'share/doc/nodejs/LICENSE', 'share/doc/node/LICENSE'];
  const found = places.map((place) => join(prefix, place)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new PackError(
    `Node's own LICENSE lies neither in ${prefix} nor in its share/doc: start this with a Node as nodejs.org packs it.`,
  );
}

/** The four files, checked, by their places in the new folder. */
async function dataFiles(dir: string | undefined): Promise<Record<string, string>> {
  const { source, sha256 } = await loadFashionMnist({ ...(dir === undefined ? {} : { dir }) });
  const files = Object.keys(sha256).map(
    (name) => [join('data', name), join(source, name)] as const,
  );
  if (files.every(([, path]) => existsSync(path))) return Object.fromEntries(files);
  throw new PackError(
    `The images came from ${source}, which is no folder with the four files: start again, or name one with --data-dir.`,
  );
}

/** The commit, for the record that will be made there, as the program that is packed would note it here. */
async function commit(): Promise<string> {
  const words = `import { gitState } from './apps/bench/dist/process/repository.js'; console.log(JSON.stringify(await gitState('.')));`;
  const node = [process.execPath, ['--input-type=module', '--eval', words], { cwd: root }] as const;
  return (await promisify(execFile)(...node)).stdout;
}

const { values } = parseArgs({
  options: { out: { type: 'string' }, 'data-dir': { type: 'string' } },
});
try {
  if (values.out === undefined) throw new PackError('Name the folder to make with --out FOLDER.');
  // pnpm runs this in benchmarks/; a path is meant from where the user stands.
  const out = resolve(process.env['INIT_CWD'] ?? '', values.out);
  const loader = VULKAN_LOADERS.find((path) => existsSync(path));
  const { files, bytes } = await pack({
    ...{ root, out },
    programs: [
      'apps/bench/dist/main.js',
      'apps/bench/dist/peers/contestants/fashion-bench-cnn/program.js',
    ],
    extras: {
      'run.sh': join(root, 'benchmarks/gpu/run.sh'),
      'README.md': join(root, 'benchmarks/gpu/README.md'),
      LICENSE: join(root, 'LICENSE'),
      ...Object.fromEntries(TORCH.map((path) => [path, join(root, path)])),
      'node/bin/node': process.execPath,
      'node/LICENSE': nodeLicence(),
      ...(loader === undefined ? {} : { 'lib/libvulkan.so.1': loader }),
      ...(await dataFiles(values['data-dir'])),
    },
    texts: {
      // By this file the program finds its own root.
      'pnpm-workspace.yaml':
        '# Packed for a machine without Node and network; nothing can be installed here.\n',
      'commit.json': await commit(),
    },
  });
  process.stdout.write(
    `${out}: ${files} files, ${formatBytes(bytes)}, for ${process.platform}-${process.arch} with Node ${process.versions.node}. Pack it with tar -czf, and there: bash run.sh\n`,
  );
} catch (error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
