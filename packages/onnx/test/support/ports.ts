/** A graph with inputs in a word, for what must be refused. */
import { GraphBuilder, type Value } from '../../src/index.ts';

export interface Ports {
  readonly g: GraphBuilder;
  readonly f32: (...shape: readonly (number | string)[]) => Value;
  readonly i32: (...shape: readonly number[]) => Value;
}

export function ports(): Ports {
  const g = new GraphBuilder('refusals');
  let count = 0;
  return {
    g,
    f32: (...shape) => g.input(`x${count++}`, 'float32', shape),
    i32: (...shape) => g.input(`x${count++}`, 'int32', shape),
  };
}

/** The whole message, and what brings it about. */
export type Refusal = [message: string, build: (p: Ports) => unknown];

/** What a caller without the type checker may pass. */
export const untyped = (value: unknown): never => value as never;
