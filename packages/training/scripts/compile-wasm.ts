/**
 * assembly/dropout.ts -> WebAssembly bytes, by AssemblyScript's own compiler.
 * Shared by the build script and by the test that compares the committed bytes with the source.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const source = fileURLToPath(new URL('../assembly/dropout.ts', import.meta.url));
const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');

/** @throws Error with the compiler's messages where the source does not compile. */
export async function compileWasm(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'wasm-'));
  try {
    const target = join(folder, 'dropout.wasm');
    await promisify(execFile)(process.execPath, [
      ...[compiler, source, '--outFile', target],
      ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
      ...['--enable', 'simd', '--importMemory', '--initialMemory', '1'],
    ]);
    return await readFile(target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
