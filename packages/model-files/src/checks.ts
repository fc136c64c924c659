/** What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call. */
import { types } from 'node:util';
import { shown } from '@fashion-bench/onnx';
import { z } from 'zod';
import { ModelFileError } from './errors.ts';
import { optimizerSchema } from './keras/training-settings.ts';

function mustBe(what: string, value: unknown, accepted: string, fits: boolean): void {
  if (fits) return;
  throw new ModelFileError('argument', `${what} must be ${accepted}, not ${shown(value)}.`);
}

/** @throws ModelFileError 'argument' for what is no text. */
export function checkPath(path: unknown): void {
  mustBe('The path of a model', path, 'a text', typeof path === 'string' && path !== '');
}

/** @throws ModelFileError 'argument' for what is no model of layers. */
export function checkModel(model: unknown): void {
  const fits =
    typeof model === 'object' &&
    model !== null &&
    'getClassName' in model &&
    'layers' in model &&
    Array.isArray(model.layers);
  mustBe('The model', model, 'a tf.LayersModel', fits);
}

/** @throws ModelFileError 'argument' where the images are not n of this many values each. */
export function checkImages(images: unknown, n: unknown, input: readonly number[]): void {
  mustBe('The number of images', n, 'a whole number', Number.isSafeInteger(n) && Number(n) >= 0);
  const values = input.reduce((product, size) => product * size, Number(n));
  const fits = types.isFloat32Array(images) && images.length === values;
  const accepted = `a Float32Array of ${values} values, those of ${Number(n)} images of the shape [${input.join(', ')}]`;
  mustBe('The images', images, accepted, fits);
}

const strings = z.array(z.string(), 'a list of texts');
const OPTIONS = {
  keras: z.strictObject({
    training: z
      .object(
        { loss: z.string(), optimizer: optimizerSchema, metrics: strings },
        'an object of loss, optimizer and metrics',
      )
      .optional(),
  }),
  onnx: z.strictObject({ classNames: strings.optional() }),
};

/** @throws ModelFileError 'argument' for an option that is unknown or has a value it may not have. */
export function checkOptions(of: keyof typeof OPTIONS, options: unknown): void {
  const { error } = OPTIONS[of].safeParse(options, { reportInput: true });
  const [issue] = error?.issues ?? [];
  if (!issue) return;
  const known = Object.keys(OPTIONS[of].shape).join(', ');
  if (issue.code === 'unrecognized_keys') {
    throw new ModelFileError(
      'argument',
      `There is no option "${issue.keys.join('", "')}"; there is ${known}.`,
    );
  }
  const place = issue.path.join('.');
  if (place === '') mustBe('The options', options, `an object of ${known}`, false);
  const accepted = issue.message.replace(/^Invalid input: expected /u, 'of type ');
  mustBe(`The option ${place}`, issue.input, accepted, false);
}
