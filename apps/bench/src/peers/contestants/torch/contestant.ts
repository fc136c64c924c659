import { type ContestantSpec, inPython } from '../contestant.ts';

/**
 * As it comes, most of a step goes into memory that glibc gives back to the system and takes again; told to keep it,
 * PyTorch takes less than half the time.
 */
const KEEP_MEMORY = String(2 ** 30);

export const torch: ContestantSpec = {
  id: 'torch',
  name: 'PyTorch',
  race: 'cnn',
  gpu: true,
  environment: { MALLOC_TRIM_THRESHOLD_: KEEP_MEMORY, MALLOC_MMAP_THRESHOLD_: KEEP_MEMORY },
  target: { factor: 1, device: 'gpu' },
  program: inPython('torch', { torch: 'torch' }),
};
