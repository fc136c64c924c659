/** Weights and moments as TensorFlow variables, one for each weight tensor, and the optimizer's update of them. */
import {
  attribute as a,
  type MultiOperation,
  type Operation,
  type Tensorflow,
  type TensorId,
} from '@fashion-bench/tensorflow';

import { TrainingError } from '../errors.ts';
import type { NetworkSpec, WeightSpec } from '../network/network.ts';
import {
  byOptimizer,
  type OptimizerConfig,
  type OptimizerTable,
  stepRate,
} from '../trainer/optimizer.ts';

/** For a step's rate, the function that updates one weight tensor; `handles`: its own, then those of its slots. */
type Update = (rate: TensorId) => (handles: readonly TensorId[], gradient: TensorId) => void;

const shared = { T: a.type('float32'), use_locking: a.bool(false) };

const UPDATES: OptimizerTable<[tf: Tensorflow], Update> = {
  sgd: (config, tf) => {
    if ((config.momentum ?? 0) > 0) refused(config, ' with momentum');
    const apply = tf.multiOperation('ResourceApplyGradientDescent', shared, 0);
    return (rate) =>
      ([weights], gradient) =>
        apply(present(weights), rate, gradient);
  },
  adam: ({ beta1, beta2, epsilon }, tf) => {
    const attributes = { ...shared, use_nesterov: a.bool(false) };
    const apply = tf.multiOperation('ResourceApplyAdam', attributes, 0);
    return (rate) => {
      // The operation computes its bias correction from two powers in float32, where 1 - 0.999 has lost four digits.
      // With both at zero it corrects nothing; the rate has been corrected in float64.
      const [zero, ...constants] = [0, beta1, beta2, epsilon].map((value) =>
        tf.tensor(Float32Array.of(value), []),
      );
      const powers = [present(zero), present(zero)];
      return (handles, gradient) => apply(...handles, ...powers, rate, ...constants, gradient);
    };
  },
  rmsprop: (config) => refused(config),
  adamax: (config) => refused(config),
  lion: (config) => refused(config),
};

/** The operations of TensorFlow that the others would take are not run anywhere here, so that nobody has checked them. */
function refused({ name }: OptimizerConfig, what = ''): never {
  throw new TrainingError(
    `The optimizer ${name}${what} is not known to the engine tensorflow; onnx-cpu, onnx-webgpu and reference know it.`,
  );
}

function present(id: TensorId | undefined): TensorId {
  if (id === undefined) throw new TrainingError('A weight has no variable for it.');
  return id;
}

/** Variables are found by name inside TensorFlow: each trainer's are its own. */
let trainers = 0;

export class Variables {
  readonly #tf: Tensorflow;
  readonly #network: NetworkSpec;
  /** [vector][weight]: the weights, then the optimizer's slots. */
  readonly #handles: readonly (readonly TensorId[])[];
  readonly #read: Operation;
  readonly #assign: MultiOperation;
  readonly #destroy: MultiOperation;

  /** @param slots vectors of the optimizer beside the weights. All variables begin at zero. */
  constructor(tf: Tensorflow, network: NetworkSpec, slots: number) {
    this.#tf = tf;
    this.#network = network;
    const dtype = a.type('float32');
    this.#read = tf.operation('ReadVariableOp', { dtype });
    this.#assign = tf.multiOperation('AssignVariableOp', { dtype }, 0);
    this.#destroy = tf.multiOperation(
      'DestroyResourceOp',
      { ignore_lookup_error: a.bool(true) },
      0,
    );
    const trainer = trainers++;
    this.#handles = Array.from({ length: 1 + slots }, (_, vector) =>
      network.weights.map(({ shape }, i) =>
        tf.operation('VarHandleOp', {
          container: a.string(''),
          shared_name: a.string(`fashion-bench/${trainer}/${vector}/${i}`),
          dtype,
          shape: a.shape(shape),
        })(),
      ),
    );
  }

  /** The weights as tensors, in the order of `network.weights`; they belong to the current scope. */
  weights(): readonly TensorId[] {
    return (this.#handles[0] ?? []).map((handle) => this.#read(handle));
  }

  /** Flat copies of all vectors. */
  snapshot(): readonly Float32Array[] {
    return this.#handles.map((handles) => {
      const flat = new Float32Array(this.#network.parameters);
      this.#tf.scope(() => {
        this.#network.weights.forEach(({ offset }, i) => {
          const handle = handles[i];
          if (handle !== undefined) flat.set(this.#tf.readFloats(this.#read(handle)), offset);
        });
      });
      return flat;
    });
  }

  /** Takes flat vectors in the order of `snapshot`; their lengths have been checked. */
  assign(flats: readonly Float32Array[]): void {
    this.#tf.scope(() => {
      this.#handles.forEach((handles, vector) => {
        this.#network.weights.forEach(({ shape, offset, size }, i) => {
          const handle = handles[i];
          // A copy of its own: the variable may keep the memory that it is given.
          const values = flats[vector]?.slice(offset, offset + size);
          if (handle !== undefined && values) this.#assign(handle, this.#tf.tensor(values, shape));
        });
      });
    });
  }

  /** Takes new values of weights that the optimizer leaves alone. */
  move(moved: ReadonlyMap<WeightSpec, TensorId>): void {
    this.#network.weights.forEach((spec, i) => {
      const [value, handle] = [moved.get(spec), this.#handles[0]?.[i]];
      if (value !== undefined && handle !== undefined) this.#assign(handle, value);
    });
  }

  /** The function that takes step t = 1, 2, … with the gradients of all trainable weights. */
  optimizer(
    config: OptimizerConfig,
  ): (t: number, gradients: ReadonlyMap<WeightSpec, TensorId>) => void {
    for (const option of [
      'weightDecay',
      'clipnorm',
      'globalClipnorm',
      'clipvalue',
      'useEma',
    ] as const) {
      if (config[option] !== undefined) refused(config, ` with ${option}`);
    }
    const update = byOptimizer(UPDATES, config, this.#tf);
    return (t, gradients) => {
      const apply = update(this.#tf.tensor(Float32Array.of(stepRate(config, t)), []));
      this.#network.weights.forEach((spec, i) => {
        const gradient = gradients.get(spec);
        if (gradient === undefined) return;
        apply(
          this.#handles.map((handles) => present(handles[i])),
          gradient,
        );
      });
    };
  }

  dispose(): void {
    for (const handle of this.#handles.flat()) {
      this.#destroy(handle);
      this.#tf.free(handle);
    }
  }
}
