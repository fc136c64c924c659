/**
 * Numbers as words, in one place: the same figure looks the same in every table and on the terminal.
 * Nothing here depends on the locale of the machine.
 */

import { mustBeNumber } from './checks.ts';

/** What stands in a cell that has no value. */
export const NOTHING = '–';

/** A count with thousands separators: `438122` -> `438,122`. */
export function formatCount(value: number): string {
  mustBeNumber('A count', value);
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/gu, ',');
}

/** An accuracy with four decimals, the resolution of 10,000 test images: `0.8577`. */
export function formatAccuracy(fraction: number): string {
  mustBeNumber('An accuracy', fraction);
  return fraction.toFixed(4);
}

/** A fraction as a percentage: `0.1518` -> `15.18 %`. */
export function formatPercent(fraction: number, decimals = 2): string {
  mustBeNumber('A fraction', fraction);
  return `${(fraction * 100).toFixed(decimals)} %`;
}

/** A difference of two accuracies in percentage points, always signed: `+0.14`, `−0.23`, `0.00`. */
export function formatPoints(difference: number): string {
  mustBeNumber('A difference', difference);
  const digits = Math.abs(difference * 100).toFixed(2);
  if (digits === '0.00') return digits;
  return `${difference < 0 ? '−' : '+'}${digits}`;
}

/** A duration from microseconds to hours, three digits or so: `412 µs`, `1.98 s`, `24 min 10 s`. */
export function formatSeconds(seconds: number): string {
  mustBeNumber('A duration', seconds);
  if (seconds === 0) return '0 s';
  // The limits lie where rounding would reach the next unit, so that no "1000 ms" or "60.0 s" appears.
  if (seconds < 0.9995e-3) return `${threeDigits(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${threeDigits(seconds * 1e3)} ms`;
  if (seconds < 59.95) return `${threeDigits(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoPlaces(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoPlaces(minutes % 60)} min`;
}

/** A spread: `3.10 ms to 3.31 ms`. */
export function formatRange(low: number, high: number): string {
  return `${formatSeconds(low)} to ${formatSeconds(high)}`;
}

/** Bytes in binary units: `812 MiB`, `1.21 GiB`. */
export function formatBytes(bytes: number): string {
  mustBeNumber('A number of bytes', bytes);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : threeDigits(value)} ${units[unit] ?? ''}`;
}

/** A throughput: `588 GOP/s`. */
export function formatGops(gops: number): string {
  mustBeNumber('A throughput', gops);
  return `${threeDigits(gops)} GOP/s`;
}

/** A p-value: two digits, small ones by a bound: `0.032`, `< 0.0001`. */
export function formatP(p: number): string {
  if (p < 0.0001) return '< 0.0001';
  return p < 0.1 ? p.toPrecision(2) : p.toFixed(2);
}

/** How many times as large: `1.04`, `0.52`, `12.3`. */
export function formatRatio(ratio: number): string {
  return threeDigits(ratio);
}

/** Words joined as English does: `a`, `a and b`, `a, b and c`. */
export function formatList(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1] ?? ''}`;
}

/** `1 epoch`, `50 epochs`. */
export function formatPlural(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** Three significant digits without an exponent: `0.0412`, `1.98`, `74.0`, `1240`. */
function threeDigits(value: number): string {
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.max(0, 2 - magnitude);
  const rounded = value.toFixed(decimals);
  // 9.999 rounds to 10.000: one digit too many.
  return Number(rounded) >= 10 ** (magnitude + 1) && decimals > 0
    ? value.toFixed(decimals - 1)
    : rounded;
}

function twoPlaces(value: number): string {
  return String(value).padStart(2, '0');
}
