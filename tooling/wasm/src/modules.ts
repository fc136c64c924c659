/** The WebAssembly modules of this repository, and how AssemblyScript's own compiler makes each from its source. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');

export interface WasmModule {
  /** The folder below packages/ whose assembly/NAME.ts it is. */
  readonly package: string;
  readonly name: string;
  /** One memory for all worker threads, which comes from outside; else a memory of the caller's own. */
  readonly sharedMemory: boolean;
}

export const wasmModules: readonly WasmModule[] = [
  { package: 'knn', name: 'kernel', sharedMemory: true },
  { package: 'knn', name: 'manhattan', sharedMemory: true },
  { package: 'training', name: 'dropout', sharedMemory: false },
];

/** The committed file: TypeScript that exports the module's bytes as base64. */
export function generatedPath(module: WasmModule): string {
  return inPackage(module, `src/generated/${module.name}-wasm.ts`);
}

/**
 * Compiles a module. @returns the text of its generated file
 * @throws Error with the compiler's messages where the source does not compile
 */
export async function compileModule(module: WasmModule): Promise<string> {
  const { name, sharedMemory } = module;
  const folder = await mkdtemp(join(tmpdir(), 'wasm-'));
  try {
    const target = join(folder, `${name}.wasm`);
    await promisify(execFile)(process.execPath, [
      ...[compiler, inPackage(module, `assembly/${name}.ts`), '--outFile', target],
      ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--enable', 'simd'],
      ...['--importMemory', '--initialMemory', '1'],
      ...(sharedMemory
        ? ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536']
        : []),
    ]);
    const bytes = await readFile(target);
    return (
      `// Compiled from assembly/${name}.ts by \`pnpm wasm\`; a test of tooling/wasm compares the two.\n` +
      `export const ${name.toUpperCase()}_WASM: string =\n  '${bytes.toString('base64')}';\n`
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function inPackage(module: WasmModule, path: string): string {
  return fileURLToPath(new URL(`../../../packages/${module.package}/${path}`, import.meta.url));
}
