/** What can be run, as one table. A part's name is what stands for it on the command line; without a part everything runs. */

interface PartRow {
  /** What the manual says of it. */
  readonly help: string;
  /** What follows the part, as the manual shows it. */
  readonly takes?: string;
}

const TABLE = {
  all: { help: '' },
  knn: { help: 'classify the test images by their k nearest neighbours' },
  cnn: { help: "train the study's convolutional network, or the published one" },
  kernels: { help: 'time the distance kernels of every engine on the same blocks' },
  peers: { help: "race other libraries, or draw the README's table", takes: 'cnn|knn|readme' },
  'peers cnn': { help: 'train beside the libraries that people use for it, in turn' },
  'peers knn': { help: 'search beside the libraries that people use for it, in turn' },
  'peers readme': { help: "draw the README's speed table from the stored records" },
  engines: { help: 'list the compute engines, and why some are missing' },
  predict: {
    help: "say of single images which class they are in, by an .h5 or .onnx file, a folder with model.json, or a run's folder (its first training)",
    takes: 'model',
  },
  report: {
    help: 'make the report anew from record.json files or folders that hold one (default: the latest run); several: one comparison of all',
    takes: 'record...',
  },
  compare: {
    help: 'say of two runs what got faster, slower, better or worse, what cannot be told, and in which settings they differ',
    takes: 'record...',
  },
} as const satisfies Readonly<Record<string, PartRow>>;

export type Part = keyof typeof TABLE;

export const PARTS: Readonly<Record<Part, PartRow>> = TABLE;

export const PART_NAMES: readonly Part[] = Object.keys(TABLE).filter((name) => isPart(name));

function isPart(name: string): name is Part {
  return Object.hasOwn(TABLE, name);
}

/** In a sentence. */
export function partName(part: Part): string {
  return part === 'all' ? 'a run of all parts' : part;
}

/** Those that make a run with a record of its own, which can be resumed. */
export const MEASURED_PARTS = ['all', 'knn', 'cnn', 'kernels'] as const;
export type MeasuredPart = (typeof MEASURED_PARTS)[number];
