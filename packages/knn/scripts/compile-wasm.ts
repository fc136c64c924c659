/**
 * assembly/*.ts -> WebAssembly bytes, by AssemblyScript's own compiler.
 * Shared by the build script and by the test that compares the committed bytes with the sources.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');

/** The modules in assembly/, by file name. */
export const WASM_MODULES = ['kernel', 'manhattan'] as const;
export type WasmModuleName = (typeof WASM_MODULES)[number];

/** @throws Error with the compiler's messages where the source does not compile. */
export async function compileWasm(name: WasmModuleName): Promise<Uint8Array> {
  const source = fileURLToPath(new URL(`../assembly/${name}.ts`, import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'knn-wasm-'));
  try {
    const target = join(folder, `${name}.wasm`);
    await promisify(execFile)(process.execPath, [
      ...[compiler, source, '--outFile', target],
      ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
      // The memory is shared by all workers and comes from outside.
      ...['--enable', 'simd', '--enable', 'threads', '--importMemory', '--sharedMemory'],
      ...['--initialMemory', '1', '--maximumMemory', '65536'],
    ]);
    return await readFile(target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
