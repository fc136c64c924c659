// What the four files of Fashion-MNIST are: names, shapes, sizes and hashes, and how to recognise MNIST's.
// Sources: SHA-256 of the .gz files from Keras (keras/src/datasets/fashion_mnist.py, FILE_HASHES); the files with these
// hashes also have the MD5 sums printed in zalandoresearch/fashion-mnist's README. SHA-256 of the unpacked files was
// computed from those files. MNIST's SHA-256 are those of TensorFlow Datasets (mnist/checksums.tsv).

/** One of the four files. */
export interface DataFile {
  /** Without '.gz'. */
  readonly name: string;
  readonly split: 'train' | 'test';
  readonly kind: 'images' | 'labels';
  /** Dimensions in the IDX header: [n, 28, 28] or [n]. */
  readonly dimensions: readonly number[];
  /** Bytes of the .gz file as published. */
  readonly packedBytes: number;
  /** SHA-256 of the .gz file as published, in hexadecimal. */
  readonly packedSha256: string;
  /** SHA-256 of the unpacked file. */
  readonly unpackedSha256: string;
}

/** The files in the order in which they are read: labels first, because they are small and betray MNIST. */
export const FASHION_MNIST_FILES: readonly DataFile[] = [
  {
    name: 'train-labels-idx1-ubyte',
    split: 'train',
    kind: 'labels',
    dimensions: [60_000],
    packedBytes: 29_515,
    packedSha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
    unpackedSha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
  },
  {
    name: 't10k-labels-idx1-ubyte',
    split: 'test',
    kind: 'labels',
    dimensions: [10_000],
    packedBytes: 5_148,
    packedSha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
    unpackedSha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  },
  {
    name: 'train-images-idx3-ubyte',
    split: 'train',
    kind: 'images',
    dimensions: [60_000, 28, 28],
    packedBytes: 26_421_880,
    packedSha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
    unpackedSha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
  },
  {
    name: 't10k-images-idx3-ubyte',
    split: 'test',
    kind: 'images',
    dimensions: [10_000, 28, 28],
    packedBytes: 4_422_102,
    packedSha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
    unpackedSha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
  },
];

/**
 * The names under which a file may lie in a folder, in the order in which they are tried: packed and unpacked, also as
 * MNIST's authors and their mirrors write it, `train-images.idx3-ubyte`.
 */
export function namesOf({ name }: DataFile): readonly string[] {
  const dotted = name.replace('-idx', '.idx');
  return [`${name}.gz`, name, `${dotted}.gz`, dotted];
}

/** SHA-256 of MNIST's four .gz files: training images and labels, test images and labels. */
const MNIST_PACKED_SHA256: ReadonlySet<string> = new Set([
  '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
  '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
  '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
  'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
]);

/**
 * How often MNIST's labels 0..9 occur, training and test. Fashion-MNIST has 6,000 and 1,000 of each. This recognises
 * MNIST however it was packed or unpacked.
 */
const MNIST_LABEL_COUNTS: readonly string[] = [
  '5923,6742,5958,6131,5842,5421,5918,6265,5851,5949',
  '980,1135,1032,1010,982,892,958,1028,974,1009',
];

/** Whether this is the SHA-256 of one of MNIST's .gz files. */
export function isMnistHash(sha256: string): boolean {
  return MNIST_PACKED_SHA256.has(sha256);
}

/** Whether these are MNIST's labels, judged by how often each occurs. */
export function areMnistLabels(labels: Uint8Array): boolean {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return MNIST_LABEL_COUNTS.includes(counts.join());
}
