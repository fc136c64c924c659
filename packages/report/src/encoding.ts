/** Classes, probabilities and pixels as the strings of `predictions.json`, and back. */

const CLASSES_AT_MOST = 36;
const FULL_SCALE = 65_535;

/** One base-36 digit for each class. @throws RangeError for a class outside 0 to 35 */
export function encodeClasses(classes: ArrayLike<number>): string {
  return Array.from(classes, (label) => {
    if (!Number.isInteger(label) || label < 0 || label >= CLASSES_AT_MOST) {
      throw new RangeError(`A class must be a whole number from 0 to 35, not ${label}.`);
    }
    return label.toString(36);
  }).join('');
}

/** [n] classes. */
export function decodeClasses(text: string): Uint8Array {
  return Uint8Array.from(text, (digit) => Number.parseInt(digit, 36));
}

/** Probabilities in [0, 1] as `round(65535 p)`, little-endian, in base64. */
export function encodeProbabilities(probabilities: ArrayLike<number>): string {
  const bytes = Buffer.alloc(probabilities.length * 2);
  for (let i = 0; i < probabilities.length; i++) {
    const p = Math.min(Math.max(probabilities[i] ?? 0, 0), 1);
    bytes.writeUInt16LE(Math.round(p * FULL_SCALE), i * 2);
  }
  return bytes.toString('base64');
}

/** [n * classes], each within 8e-6 of what was encoded. */
export function decodeProbabilities(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return Float64Array.from(
    { length: bytes.length / 2 },
    (_, i) => bytes.readUInt16LE(i * 2) / FULL_SCALE,
  );
}

export function encodePixels(pixels: Uint8Array): string {
  return Buffer.from(pixels).toString('base64');
}

/** [rows * columns] grey levels. */
export function decodePixels(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
