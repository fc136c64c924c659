/** The trained network as files in the run's folder, for Keras and for any ONNX runtime. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { exportOnnx, saveKerasH5 } from '@fashion-bench/model-files';

import type { RunContext } from '../../run/context.ts';
import { optimizerOf } from './networks.ts';

const EXTENSIONS = ['.h5', '.onnx'] as const;

/** Each is whole where it is there at all. */
export function hasModelFiles(folder: string, name: string): boolean {
  return EXTENSIONS.every((extension) => existsSync(join(folder, `${name}${extension}`)));
}

type Model = Parameters<typeof saveKerasH5>[0];

/**
 * Writes `<name>.h5` and `<name>.onnx`, each whole or not at all.
 * @throws ModelFileError, OutputError
 */
export async function saveModelFiles(
  model: Model,
  name: string,
  { data, journal, settings }: Pick<RunContext, 'data' | 'journal' | 'settings'>,
): Promise<void> {
  await journal.folder.claim([`${name}.h5`, `${name}.onnx`]);
  const path = join(journal.folder.path, name);
  await saveKerasH5(model, `${path}.h5`, {
    training: {
      loss: 'sparse_categorical_crossentropy',
      optimizer: optimizerOf(settings),
      metrics: ['accuracy'],
    },
  });
  await exportOnnx(model, `${path}.onnx`, { classNames: data.test.classNames });
}
