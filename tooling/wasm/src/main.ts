/** `pnpm wasm`, after every change in an assembly/ folder: writes the generated modules of all packages. */
import { writeFile } from 'node:fs/promises';
import { compileModule, generatedPath, wasmModules } from './modules.ts';

for (const module of wasmModules) {
  await writeFile(generatedPath(module), await compileModule(module));
}
