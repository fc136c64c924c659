// Models saved and then tampered with.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { saveModel } from '../../src/index.ts';
import { smallModel } from './models.ts';

/** Saves the small model into a new folder and changes its model.json. */
export async function saveChanged(folder: string, change: (json: string) => string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await saveModel(smallModel(), folder);
  const path = join(folder, 'model.json');
  await writeFile(path, change(await readFile(path, 'utf8')));
}

const manifestSchema = z.looseObject({
  weightsManifest: z.tuple([
    z.object({
      paths: z.array(z.string()),
      weights: z.array(z.looseObject({ shape: z.array(z.number()), dtype: z.string() })),
    }),
  ]),
});
type Manifest = z.infer<typeof manifestSchema>['weightsManifest'][0];

/** As `saveChanged`, for the list of weights and their files. */
export function saveListing(folder: string, change: (manifest: Manifest) => void): Promise<void> {
  return saveChanged(folder, (text) => {
    const json = manifestSchema.parse(JSON.parse(text));
    change(json.weightsManifest[0]);
    return JSON.stringify(json);
  });
}
