/**
 * `pnpm engine:tensorflow --from DIR`: builds the TensorFlow binding of this checkout. Prints what it does on standard
 * error; the exit status is 0 only if the binding has multiplied two matrices.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { BINDING_VARIABLE, buildBinding, CACHE_PATH, TensorflowError } from '../src/index.ts';

const USAGE = `Usage: pnpm engine:tensorflow --from DIR [--into DIR]

  --from DIR  an unpacked libtensorflow archive (with include/ and lib/), or an installed Python package
              tensorflow, version 2.12 or newer (its folder, site-packages, or the virtual environment)
  --into DIR  where the binding goes (default: ${CACHE_PATH}); ${BINDING_VARIABLE}
              must name it then
`;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      into: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true || values.from === undefined) {
    say(USAGE);
    return values.help === true ? 0 : 2;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort(new TensorflowError('build', `Stopped by ${signal}; nothing was changed.`));
    });
  }
  const root = resolve(import.meta.dirname, '../../..');
  const { device, folder, library } = await buildBinding({
    from: resolve(process.env['INIT_CWD'] ?? '.', values.from),
    into:
      values.into === undefined
        ? join(root, CACHE_PATH)
        : resolve(process.env['INIT_CWD'] ?? '.', values.into),
    onStage: say,
    signal: stop.signal,
  });
  say(`TensorFlow ${device.tensorflow} works, on ${device.gpu?.name ?? 'the CPU'}.`);
  if (device.noGpu !== null) say(`It uses no GPU: ${device.noGpu}.`);
  say(`The binding is in ${folder}; it loads ${library.libraries.join(' and ')}.`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
