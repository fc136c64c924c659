/** A model to TensorFlow.js' own files, model.json and weights.bin, which plain TensorFlow.js can read. */
import * as tf from '@tensorflow/tfjs';
import { checkPath } from '../checks.ts';
import { partsOf } from '../layers/model.ts';
import { writeModelFolder } from './model-folder.ts';
import { MODEL_JSON, WEIGHTS_BIN } from './model-json.ts';

/**
 * Saves layers and weights (not the optimizer's memory) as a folder of two files. A model that is already there is
 * replaced; anything else is left alone. The files appear whole or not at all.
 *
 * @throws ModelFileError 'unsupported' for a model that `loadModel` could not read, 'corrupt' for weights that are not
 * finite, 'exists-not-model', 'permission', 'disk'.
 */
export async function saveModel(model: tf.LayersModel, folder: string): Promise<void> {
  checkPath(folder);
  partsOf(model);
  // Plain TensorFlow.js has no file:// handler in Node.
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    await writeModelFolder(folder, filesOf(artifacts));
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler);
}

/** The artifacts in the shape of TensorFlow.js' own file handlers, which are not exported. */
function filesOf(artifacts: tf.io.ModelArtifacts): Record<string, Uint8Array> {
  const { modelTopology, format, generatedBy, convertedBy, userDefinedMetadata } = artifacts;
  const json = {
    modelTopology,
    format,
    generatedBy,
    convertedBy,
    weightsManifest: [{ paths: [WEIGHTS_BIN], weights: artifacts.weightSpecs }],
    userDefinedMetadata,
  };
  return {
    [MODEL_JSON]: new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`),
    [WEIGHTS_BIN]: new Uint8Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData)),
  };
}
