/** Writes src/generated/*-wasm.ts. Run it after every change in assembly/. */
import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { WASM_MODULES, compileWasm } from './compile-wasm.ts';

for (const name of WASM_MODULES) {
  const target = fileURLToPath(new URL(`../src/generated/${name}-wasm.ts`, import.meta.url));
  const temporary = `${target}.${process.pid}.tmp`;
  const base64 = Buffer.from(await compileWasm(name)).toString('base64');
  await writeFile(
    temporary,
    `// Compiled from assembly/${name}.ts by \`pnpm wasm\`; test/wasm.test.ts compares the two.\n` +
      `export const ${name.toUpperCase()}_WASM: string =\n  '${base64}';\n`,
  );
  await rename(temporary, target);
}
