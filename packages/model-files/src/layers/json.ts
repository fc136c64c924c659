/** JSON from a file that nobody vouches for: bounded in length and depth before anything is built of it. */
import { MAX_JSON_BYTES } from './limits.ts';

/** Keras needs about ten; deeper, and whoever walks the value runs out of stack. */
const MAX_DEPTH = 64;

/** @throws RangeError whose message ends a sentence that begins with the place; SyntaxError for what is no JSON. */
export function parseJson(text: string): unknown {
  if (text.length > MAX_JSON_BYTES) {
    throw new RangeError(`has ${text.length} characters; up to ${MAX_JSON_BYTES} are read here`);
  }
  if (depthOf(text) > MAX_DEPTH) throw new RangeError(`is nested more than ${MAX_DEPTH} deep`);
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}

/** Brackets that are open at once, those inside of strings not counted. */
function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') inString = !inString;
    else if (inString) i += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}
