/** A model from a .keras archive of Keras 3 or of `saveKeras`. */
import { z } from 'zod';
import { checkPath } from '../checks.ts';
import { readWhole } from '../files.ts';
import { buildModel, checkFinite } from '../layers/model.ts';
import { parseTopology } from '../layers/topology.ts';
import { readArchive, weightPaths } from './archive.ts';
import { readHdf5Weights } from './hdf5-thread.ts';
import { READ_LIMITS, valuesFor, type KerasModel } from './load-keras-h5.ts';
import { parseTrainingConfig, type LoadedTraining } from './training-settings.ts';

const record = z.record(z.string(), z.unknown());
/** A model that was not compiled has an empty one. */
const compiledSchema = z.object({
  compile_config: z.object({ loss: z.unknown(), metrics: z.unknown(), optimizer: record }),
});

/**
 * Loads what `model.save('x.keras')` of Keras 3 has written, if it is a Sequential or functional model of the known layers (README) in
 * float32, channels last.
 *
 * @throws ModelFileError 'not-found', 'corrupt', 'unsupported', 'permission' or 'disk'; as careful as `loadKerasH5`.
 */
export async function loadKeras(path: string): Promise<KerasModel> {
  checkPath(path);
  const bytes = await readWhole(path, 'give the path of a .keras file');
  const { config, kerasVersion, weights } = readArchive(bytes, path);
  const topology = parseTopology(config, path, 'of Keras');
  const groups = weightPaths(topology).map((group, i) => ({
    path: group,
    count: topology.layers[i]?.weights.length ?? 0,
  }));
  const layers = await readHdf5Weights(weights, groups, READ_LIMITS, path);
  const parts = { topology, values: valuesFor(topology, layers, path) };
  checkFinite(parts, path);
  return { model: await buildModel(parts, path), training: trainingOf(config, path), kerasVersion };
}

function trainingOf(config: unknown, path: string): LoadedTraining | undefined {
  const compiled = compiledSchema.safeParse(config);
  if (!compiled.success) return undefined;
  const { loss, metrics, optimizer } = compiled.data.compile_config;
  return parseTrainingConfig({ loss, metrics, optimizer_config: optimizer }, path);
}
