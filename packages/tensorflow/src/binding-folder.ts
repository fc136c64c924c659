/**
 * The folder of a binding that was built here: the addon, and a file that says for which library. It is looked for in
 * the folder that FASHION_BENCH_TENSORFLOW names, else in node_modules/.cache of the project around this package or
 * around the current folder.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { TensorflowError } from './errors.ts';

/** Environment variable with the folder of a built binding. */
export const BINDING_VARIABLE = 'FASHION_BENCH_TENSORFLOW';

export const ADDON_FILE = 'tfjs_binding.node';
export const MANIFEST_FILE = 'binding.json';

/** Where a project keeps the binding it built, from its root. */
export const CACHE_PATH: string = join('node_modules', '.cache', 'fashion-bench', 'tensorflow');

const manifestSchema = z.object({
  /** Of this file. */
  schema: z.literal(1),
  /** Version of @tensorflow/tfjs-node-gpu whose sources were compiled. */
  version: z.string(),
  /** TensorFlow's version, as the library said in the smoke run. */
  tensorflow: z.string(),
  /** Absolute paths of the shared libraries that the addon loads. */
  libraries: z.array(z.string()).min(1),
});

export type BindingManifest = z.infer<typeof manifestSchema>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The folder and all above it. */
function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

/** @returns null where nothing was built. The folder that the variable names counts even if it is empty. */
export function findBindingFolder(
  env: Environment = process.env,
  starts: readonly string[] = [import.meta.dirname, process.cwd()],
): string | null {
  const named = env[BINDING_VARIABLE];
  if (named !== undefined && named !== '') return named;
  const candidates = starts.flatMap(ancestors).map((folder) => join(folder, CACHE_PATH));
  return candidates.find((folder) => existsSync(join(folder, MANIFEST_FILE))) ?? null;
}

/** @throws TensorflowError 'missing' where the folder holds no binding, or one of another version of this package. */
export function readManifest(folder: string): BindingManifest {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TensorflowError(
      'missing',
      `${folder} holds no built binding (there is no ${MANIFEST_FILE}); build one with pnpm engine:tensorflow --from DIR.`,
      { cause },
    );
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TensorflowError(
      'missing',
      `${path} is damaged or of another version; build the binding again with pnpm engine:tensorflow --from DIR.`,
      { cause },
    );
  }
}
