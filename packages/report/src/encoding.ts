/** Classes, probabilities and pixels as the strings of `predictions.json`, and back. */

import { types } from 'node:util';

import { mustBe, mustBeNumbers } from './checks.ts';

const CLASSES_AT_MOST = 36;
const FULL_SCALE = 65_535;

/** One base-36 digit for each class. @throws ReportInputError for a class outside 0 to 35, as all of these do for what is not theirs */
export function encodeClasses(classes: ArrayLike<number>): string {
  mustBeNumbers('The classes', classes);
  return Array.from(classes, (label) => {
    const isClass = Number.isInteger(label) && label >= 0 && label < CLASSES_AT_MOST;
    mustBe('A class', 'a whole number from 0 to 35', label, isClass);
    return label.toString(36);
  }).join('');
}

/** [n] classes. */
export function decodeClasses(text: string): Uint8Array {
  mustBe('Encoded classes', 'digits from 0 to z', text, /^[0-9a-z]*$/u.test(texted(text)));
  return Uint8Array.from(text, (digit) => Number.parseInt(digit, 36));
}

/** Probabilities in [0, 1] as `round(65535 p)`, little-endian, in base64. */
export function encodeProbabilities(probabilities: ArrayLike<number>): string {
  mustBeNumbers('The probabilities', probabilities);
  const bytes = Buffer.alloc(probabilities.length * 2);
  for (let i = 0; i < probabilities.length; i++) {
    const given = probabilities[i]!;
    // Rounding may have left it a little outside.
    mustBe('A probability', 'between 0 and 1', given, given >= -1e-3 && given <= 1 + 1e-3);
    const p = Math.min(Math.max(given, 0), 1);
    bytes.writeUInt16LE(Math.round(p * FULL_SCALE), i * 2);
  }
  return bytes.toString('base64');
}

/** [n * classes], each within 8e-6 of what was encoded. */
export function decodeProbabilities(text: string): Float64Array {
  mustBeBase64('Encoded probabilities', text);
  const bytes = Buffer.from(text, 'base64');
  return Float64Array.from(
    { length: bytes.length / 2 },
    (_, i) => bytes.readUInt16LE(i * 2) / FULL_SCALE,
  );
}

export function encodePixels(pixels: Uint8Array): string {
  mustBe('The pixels', 'a Uint8Array', pixels, types.isUint8Array(pixels));
  return Buffer.from(pixels).toString('base64');
}

/** [rows * columns] grey levels. */
export function decodePixels(text: string): Uint8Array {
  mustBeBase64('Encoded pixels', text);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function mustBeBase64(what: string, text: unknown): void {
  mustBe(what, 'base64', text, /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/u.test(texted(text)));
}

/** What no pattern matches, for what is no text. */
function texted(value: unknown): string {
  return typeof value === 'string' ? value : '\n';
}
