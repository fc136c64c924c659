// The shapes that leave this package, and the few constants of Fashion-MNIST that everyone needs.

/** Pixels from top to bottom. */
export const IMAGE_ROWS = 28;
/** Pixels from left to right. */
export const IMAGE_COLUMNS = 28;
/** Bytes of one image. */
export const IMAGE_SIZE = 784;

/** What labels 0..9 mean, in the data set's own words. */
export const CLASS_NAMES: readonly string[] = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

/** n images and what they show. */
export interface LabelledImages {
  /** [n * 28 * 28], row by row; 0 is background, 255 the brightest. */
  readonly images: Uint8Array;
  /** [n], each in 0..9. */
  readonly labels: Uint8Array;
  /** [10], what each label means. */
  readonly classNames: readonly string[];
}

/** A training and a test set. */
export interface ImageDataset {
  readonly name: 'fashion-mnist' | 'synthetic-fashion';
  /** True when the images are drawn by this package: its results must never stand beside published figures. */
  readonly synthetic: boolean;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** The folder or the mirror that the data came from, or 'generated, seed 42'. */
  readonly source: string;
  /** SHA-256 of what was read, by file name as read; of the generated images and labels under 'train' and 'test'. */
  readonly sha256: Readonly<Record<string, string>>;
  /** The same of the unpacked content, by name without '.gz': equal for equal images, however they were packed. */
  readonly contentSha256: Readonly<Record<string, string>>;
}
