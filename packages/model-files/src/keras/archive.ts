/** A .keras file: a zip archive of config.json, metadata.json and model.weights.h5. */
import { unzipSync, zipSync, type UnzipFileInfo } from 'fflate';
import { z } from 'zod';
import { ModelFileError } from '../errors.ts';
import { MAX_FILE_BYTES, MAX_JSON_BYTES } from '../layers/limits.ts';
import type { Topology } from '../layers/topology.ts';
import { jsonOf } from './load-keras-h5.ts';

const CONFIG = 'config.json';
const METADATA = 'metadata.json';
const WEIGHTS = 'model.weights.h5';
/** Names of the files that are read, and how many bytes each may have. */
const LIMITS: Readonly<Record<string, number>> = {
  [CONFIG]: MAX_JSON_BYTES,
  [METADATA]: MAX_JSON_BYTES,
  [WEIGHTS]: MAX_FILE_BYTES,
};

export interface Archive {
  readonly config: unknown;
  readonly kerasVersion: string | undefined;
  readonly weights: Uint8Array<ArrayBuffer>;
}

const metadataSchema = z.object({ keras_version: z.string().optional() });

/** @throws ModelFileError 'corrupt' or 'unsupported'. */
export function readArchive(bytes: Uint8Array, path: string): Archive {
  const filter = ({ name, originalSize }: UnzipFileInfo): boolean => {
    if (!Object.hasOwn(LIMITS, name)) return false;
    const most = LIMITS[name] ?? 0;
    if (originalSize <= most) return true;
    throw new ModelFileError(
      'unsupported',
      `${path} declares ${originalSize} bytes of ${name}; up to ${most} are read here.`,
    );
  };
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    throw new ModelFileError(
      'corrupt',
      `${path} is a damaged archive; take another copy of the file.`,
      { cause: error },
    );
  }
  const { [CONFIG]: config, [METADATA]: metadata, [WEIGHTS]: weights } = files;
  if (!config || !weights) {
    throw new ModelFileError(
      'corrupt',
      `${path} has no ${config ? WEIGHTS : CONFIG} in it; save the model again with model.save('x.keras').`,
    );
  }
  const json = (file: Uint8Array, name: string): unknown =>
    jsonOf(new TextDecoder().decode(file), `a ${name}`, path);
  const about = metadataSchema.safeParse(metadata && json(metadata, METADATA));
  return {
    config: json(config, CONFIG),
    kerasVersion: about.success ? about.data.keras_version : undefined,
    weights: new Uint8Array(weights),
  };
}

/** The archive's bytes. Not compressed, as Keras does it: weights hardly shrink. */
export function writeArchive({ config, kerasVersion, weights }: Archive): Uint8Array {
  const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return zipSync(
    {
      [METADATA]: json({ keras_version: kerasVersion }),
      [CONFIG]: json(config),
      [WEIGHTS]: weights,
    },
    // The same model gives the same archive, whenever it is saved.
    { level: 0, mtime: '1980-01-01T00:00:00' },
  );
}

/**
 * Where each layer's weights lie: `layers/` and the class in snake case, numbered from the second of a class on, whatever the layer's name
 * (Keras 3's saving/saving_lib.py, `_save_container_state`). An InputLayer has none.
 */
export function weightPaths({ layers }: Topology): readonly string[] {
  const seen = new Map<string, number>();
  return layers.map(({ className }) => {
    const name = snakeCase(className);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return `layers/${count === 0 ? name : `${name}_${count}`}/vars`;
  });
}

/** As Keras' `to_snake_case`: BatchNormalization is batch_normalization, ReLU re_lu, Conv2D conv2d. */
function snakeCase(name: string): string {
  return name
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
