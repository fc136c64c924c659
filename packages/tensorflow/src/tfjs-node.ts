/**
 * The whole JavaScript package @tensorflow/tfjs-node-gpu on the addon that works here, for who wants TensorFlow.js'
 * own API on TensorFlow. It becomes the backend of TensorFlow.js in this process; nothing else in this repository needs it.
 * A subpath of its own, because its types are that package's, which is optional.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';

import type * as TensorFlowJs from '@tensorflow/tfjs-node-gpu';

import { clause, TensorflowError } from './errors.ts';
import { findInstallation, packageFolder } from './installation.ts';

/**
 * Puts back the two functions that the package calls and Node 23 removed (tfjs#8425, tfjs#8609), with the meaning that
 * Node's documentation gave them. Does nothing where they are.
 */
export function supplyRemovedFunctions(target: object = util): void {
  const removed = {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: (value: unknown): boolean => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(removed)) {
    if (typeof Reflect.get(target, name) !== 'function') Reflect.set(target, name, value);
  }
}

type TfjsNode = typeof TensorFlowJs;

function isTfjsNode(value: unknown): value is TfjsNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['tensor', 'backend', 'sequential'].every(
      (name) => typeof Reflect.get(value, name) === 'function',
    )
  );
}

/** @throws TensorflowError 'missing' or 'load'. */
export function loadTfjsNode(): TfjsNode {
  const folder = packageFolder();
  const found = findInstallation();
  if (folder === null || found.state !== 'complete') {
    throw new TensorflowError(
      'missing',
      'TensorFlow.js on TensorFlow needs the package @tensorflow/tfjs-node-gpu and a built binding; "pnpm bench engines" says what is missing.',
    );
  }
  const load = createRequire(join(folder, 'package.json'));
  supplyRemovedFunctions();
  try {
    // The package asks node-pre-gyp where its addon is, and would be told a place inside its own folder.
    const finder: unknown = load('@mapbox/node-pre-gyp/lib/pre-binding.js');
    if (typeof finder === 'object' && finder !== null)
      Reflect.set(finder, 'find', () => found.addon);
    const loaded: unknown = load(folder);
    if (isTfjsNode(loaded)) return loaded;
  } catch (cause) {
    throw new TensorflowError('load', `TensorFlow does not load (${clause(cause)}).`, { cause });
  }
  throw new TensorflowError('load', `${folder} is not @tensorflow/tfjs-node-gpu.`);
}
