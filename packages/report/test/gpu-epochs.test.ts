import { expect, it } from 'vitest';
import { renderReport, type RunRecord } from '../src/index.ts';
import { fullRecord, published, withRun } from './fixture.ts';

const WEBGPU = {
  ...{ id: 'onnx-webgpu', library: 'onnxruntime-node', version: '1.30.0' },
  ...{ device: 'Made-up GPU 3000', driver: 'libvulkan_made_up.so, 1.2.3', gpu: true },
  caveats: ['float32 sums differ in their last digits between devices and drivers'],
};

/** The full record as if its network had been trained by WebGPU, in three batches. */
function gpuRecord(engine: typeof WEBGPU): RunRecord {
  const record = withRun({ id: 'gpu' });
  return {
    ...record,
    machine: {
      ...record.machine,
      gpu: engine.gpu ? { name: engine.device, driver: engine.driver, memoryBytes: null } : null,
    },
    engines: record.engines.map((entry) =>
      entry.state === 'missing' && entry.id === 'onnx-webgpu'
        ? { state: 'available', engine }
        : entry,
    ),
    cnn: record.cnn.flatMap((run) =>
      [32, 128, 512].map((batchSize, i) => ({
        ...{ ...run, engine: 'onnx-webgpu', batchSize },
        epochs: run.epochs.map((epoch, at) => ({
          ...epoch,
          // Warm: 2, 3, 4, 2, 3, 4, ... seconds, halved with every larger batch.
          seconds: (at === 0 ? 9 : 2 + ((at - 1) % 3)) / 2 ** i,
        })),
      })),
    ),
  };
}

const sectionOf = (markdown: string): string =>
  /## GPU epochs\n\n([\s\S]*?)\n\n## /u.exec(markdown)?.[1] ?? '';

it('renders epochs on a GPU as the stored Markdown, with the machine and the engine around them', async () => {
  const report = renderReport(gpuRecord(WEBGPU), published());
  await expect(`${sectionOf(report)}\n`).toMatchFileSnapshot('./fixtures/gpu-epochs.md');
  expect(report).toContain('Made-up GPU 3000 (GPU); driver libvulkan_made_up.so, 1.2.3');
});

it('counts all epochs but the first, with median and spread', () => {
  const [, , first] = sectionOf(renderReport(gpuRecord(WEBGPU), published())).split('\n');
  const cells = (first ?? '').split('|').map((cell) => cell.trim());
  expect(cells.slice(1, -1)).toEqual([
    ...[
      'Made-up GPU 3000',
      'libvulkan_made_up.so, 1.2.3',
      '`onnx-webgpu`, onnxruntime-node 1.30.0',
    ],
    ...['32', '60,000', '42', '9.00 s', '49', '3.00 s', '2.00 s to 4.00 s', '2.00 s to 4.00 s'],
  ]);
});

it('has no such table without a GPU', () => {
  expect(renderReport(fullRecord(), published())).not.toContain('GPU epochs');
});

it('calls a driver that computes on the processor what it is, alone and beside a GPU', () => {
  const swiftshader = gpuRecord({
    ...WEBGPU,
    ...{ device: 'SwiftShader Device', driver: 'libvk_swiftshader.so', gpu: false },
  });
  const words =
    '**No GPU:** `onnx-webgpu` computed on SwiftShader Device (driver libvk_swiftshader.so), a driver that imitates a GPU on the processor.';
  const alone = renderReport(swiftshader, published());
  expect(alone).toContain(words);
  expect(alone).not.toContain('## GPU epochs');
  const beside = renderReport([gpuRecord(WEBGPU), swiftshader], published());
  expect(beside).toContain(words);
  expect(sectionOf(beside)).toContain('Made-up GPU 3000');
  expect(sectionOf(beside)).not.toContain('SwiftShader');
});
