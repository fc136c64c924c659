/** Convolution and pooling, plain and blocked. */
import type { AttributesOf, Value } from '../../src/index.ts';
import { untyped, type Ports, type Refusal } from '../support/ports.ts';

const conv =
  (attributes: AttributesOf<'Conv'>) =>
  ({ g, f32 }: Ports): Value =>
    g.op('Conv', [f32(1, 1, 5), f32(2, 1, 3)], attributes);
const convNode = 'node Conv_0 (float32[1,1,5], float32[2,1,3])';
const pool =
  (attributes: AttributesOf<'MaxPool'>) =>
  ({ g, f32 }: Ports): Value =>
    g.op('MaxPool', [f32(1, 1, 5)], attributes);
const poolNode = 'node MaxPool_0 (float32[1,1,5])';

export const nn: readonly Refusal[] = [
  [`${convNode}: its pads [1] must have length 2 and no entry below 0`, conv({ pads: [1] })],
  [`${convNode}: its pads [-1,0] must have length 2 and no entry below 0`, conv({ pads: [-1, 0] })],
  [`${convNode}: its strides [0] must have length 1 and no entry below 1`, conv({ strides: [0] })],
  [
    `${convNode}: its dilations [1,1] must have length 1 and no entry below 1`,
    conv({ dilations: [1, 1] }),
  ],
  [`${convNode}: a window of 7 does not fit into 5 padded pixels`, conv({ dilations: [3] })],
  [`${convNode}: kernel_shape [2] is not that of [2,1,3]`, conv({ kernel_shape: [2] })],
  [`${convNode}: it has no attribute "auto_pad"`, conv(untyped({ auto_pad: 'SAME_UPPER' }))],
  [`${convNode}: input [1,1,5] has not the 2 channels of its kernel`, conv({ group: 2 })],
  [
    'node Conv_0 (float32[1,2,5], float32[3,1,3]): 3 channels are not a whole number of 2 groups',
    ({ g, f32 }) => g.op('Conv', [f32(1, 2, 5), f32(3, 1, 3)], { group: 2 }),
  ],
  [
    'node Conv_0 (float32[1,1,5], float32[2,1,3], float32[3]): its bias [3] must be [2]',
    ({ g, f32 }) => g.op('Conv', [f32(1, 1, 5), f32(2, 1, 3), f32(3)]),
  ],
  [
    'node Conv_0 (float32[1,1,5], float32[2,1,3,3]): ranks of input [1,1,5] and kernel [2,1,3,3] do not fit',
    ({ g, f32 }) => g.op('Conv', [f32(1, 1, 5), f32(2, 1, 3, 3)]),
  ],
  [
    'node Conv_0 (float32[1,1,n], float32[1,1,3]): the size "n" must be a number here; give the graph a fixed shape',
    ({ g, f32 }) => g.op('Conv', [f32(1, 1, 'n'), f32(1, 1, 3)]),
  ],
  [
    'node ConvTranspose_0 (float32[1,1,2], float32[1,1,2]): its output_padding [1] must be at most [0]',
    ({ g, f32 }) => g.op('ConvTranspose', [f32(1, 1, 2), f32(1, 1, 2)], { output_padding: [1] }),
  ],
  [
    'node ConvTranspose_0 (float32[1,1,2], float32[1,1,2]): its pads leave nothing of axis 2',
    ({ g, f32 }) => g.op('ConvTranspose', [f32(1, 1, 2), f32(1, 1, 2)], { pads: [2, 1] }),
  ],
  [
    'node ConvTranspose_0 (float32[1,1,2], float32[2,1,2]): input [1,1,2] has not the 2 channels of its kernel',
    ({ g, f32 }) => g.op('ConvTranspose', [f32(1, 1, 2), f32(2, 1, 2)]),
  ],
  [`${poolNode}: it needs the attribute kernel_shape`, pool({})],
  [`${poolNode}: kernel_shape [2,2] does not fit [1,1,5]`, pool({ kernel_shape: [2, 2] })],
  [
    `${poolNode}: its pads [2,0] must be smaller than its kernel [2]`,
    pool({ kernel_shape: [2], pads: [2, 0] }),
  ],
  [
    'node MaxUnpool_0 (float32[1,1,2], int32[1,1,2]): input 1 must be int64, not int32',
    ({ g, f32, i32 }) => g.op('MaxUnpool', [f32(1, 1, 2), i32(1, 1, 2)], { kernel_shape: [2] }),
  ],
  [
    'node MaxUnpool_0 (float32[1,1,2], int64[1,1,3]): indices [1,1,3] are not [1,1,2]',
    ({ g, f32 }) =>
      g.op('MaxUnpool', [f32(1, 1, 2), g.input('i', 'int64', [1, 1, 3])], { kernel_shape: [2] }),
  ],
  [
    'node NchwcReorderInput_0 (float32[1,6,2,2]): its channels must be a multiple of 4, not 6',
    ({ g, f32 }) => g.op('NchwcReorderInput', [f32(1, 6, 2, 2)]),
  ],
  [
    'node NchwcReorderInput_0 (float32[1,16,2]): it takes rank 4, not [1,16,2]',
    ({ g, f32 }) => g.op('NchwcReorderInput', [f32(1, 16, 2)]),
  ],
  [
    'node NchwcReorderOutput_0 (float32[1,16,2,2]): it needs the attribute channels',
    ({ g, f32 }) => g.op('NchwcReorderOutput', [f32(1, 16, 2, 2)]),
  ],
  [
    'node NchwcReorderOutput_0 (float32[1,16,2,2]): channels = 17 is outside 1..16',
    ({ g, f32 }) => g.op('NchwcReorderOutput', [f32(1, 16, 2, 2)], { channels: 17 }),
  ],
  [
    'node NchwcConv_0 (float32[1,16,2,2], float32[16,16,1,1], none, float32[1,16,1,1]): its addend [1,16,1,1] must be [1,16,2,2]',
    ({ g, f32 }) =>
      g.op('NchwcConv', [f32(1, 16, 2, 2), f32(16, 16, 1, 1), undefined, f32(1, 16, 1, 1)]),
  ],
];
