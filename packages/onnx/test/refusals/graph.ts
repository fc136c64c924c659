/** Names, inputs, constants and outputs of the graph itself. */
import { ports, untyped, type Refusal } from '../support/ports.ts';

export const graph: readonly Refusal[] = [
  ['the name "x" is taken', ({ g }) => [g.input('x', 'int32', []), g.input('x', 'int32', [])]],
  [
    'the name "x" is taken',
    ({ g }) => [g.input('x', 'int32', []), g.constant('int8', [], Int8Array.of(1), 'x')],
  ],
  ['an input, constant or output needs a name', ({ g }) => g.input('', 'int32', [])],
  [
    'input "x": the sizes of [-1] must be whole numbers from 0, or names',
    ({ g }) => g.input('x', 'int32', [-1]),
  ],
  [
    'input "x": the sizes of [0.5] must be whole numbers from 0, or names',
    ({ g }) => g.input('x', 'int32', [0.5]),
  ],
  [
    'constant "c": 3 elements of Float32Array do not make float32 [2,2]',
    ({ g }) => g.constant('float32', [2, 2], new Float32Array(3), 'c'),
  ],
  [
    'constant "const_0": 4 elements of Int32Array do not make float32 [2,2]',
    ({ g }) => g.constant('float32', [2, 2], untyped(new Int32Array(4))),
  ],
  ['1.5 is no int32', ({ g }) => g.scalar(1.5, 'int32')],
  ['256 is no uint8', ({ g }) => g.scalar(256, 'uint8')],
  ['[1, 0.5] are not all whole numbers', ({ g }) => g.ints([1, 0.5])],
  ['graph "refusals" has no output', ({ g }) => g.build()],
  [
    'output "y": "x0" does not belong to this graph',
    ({ g }) => {
      g.output('y', ports().f32(2));
    },
  ],
  [
    'output "y" exists already',
    ({ g, f32 }) => {
      const x = f32(2);
      g.output('y', x);
      g.output('y', x);
    },
  ],
  [
    'the name "x1" is taken',
    ({ g, f32 }) => {
      const x = f32(2);
      f32(2);
      g.output('x1', x);
    },
  ],
  [
    'the name "y" is taken',
    ({ g, f32 }) => {
      g.output('y', f32(2));
      g.input('y', 'bool', []);
    },
  ],
];
