/** What the table of contestants knows of each: who races, in what, and how the program is started. */

import { delimiter, extname, join } from 'node:path';

import type { RaceKind } from '@fashion-bench/report';

/** A child process; `env` is added to the environment. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ProgramSetting {
  readonly python: string;
  /** The repository. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface ContestantSpec {
  /** In records, in file names, and what `--peers` takes. */
  readonly id: string;
  /** As people call it. */
  readonly name: string;
  readonly race: RaceKind;
  /** Whether it can compute on a GPU; one that cannot is named as absent from a race there. */
  readonly gpu: boolean;
  /** Variables with which it is at its best; the record shows them. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * What a race on the whole of the real data promises: ours takes at most 1 / `factor` of its time, by the race's first
   * clock. `null` where nothing is promised.
   */
  readonly target: { readonly factor: number; readonly device: 'any' | 'gpu' } | null;
  readonly program: (setting: ProgramSetting) => Program;
}

/**
 * `program.py` in a folder beside this file. It is started from the sources: nothing compiles it.
 *
 * @param libraries what the record calls a library -> the module that knows its version; the first gives the contestant's
 */
export function inPython(
  folder: string,
  libraries: Readonly<Record<string, string>>,
): ContestantSpec['program'] {
  return ({ python, root, env }) => {
    const peers = join(root, 'apps', 'bench', 'src', 'peers');
    const names = Object.entries(libraries).map(([name, module]) => `${name}=${module}`);
    const path = [join(peers, 'python'), env['PYTHONPATH'] ?? ''].filter(Boolean);
    return {
      file: python,
      // -u: answers must not wait in a buffer. -B: no __pycache__ in the checkout.
      args: ['-u', '-B', join(peers, 'contestants', folder, 'program.py'), ...names],
      env: { PYTHONPATH: path.join(delimiter) },
    };
  };
}

/** `program.ts` in a folder beside this file. From the sources, in tests, Node needs the loader that runs this file. */
export function inNode(folder: string): ContestantSpec['program'] {
  const extension = extname(import.meta.filename);
  const loader =
    extension === '.ts'
      ? ['--conditions=@fashion-bench/source', '--import', import.meta.resolve('tsx')]
      : [];
  const path = join(import.meta.dirname, folder, `program${extension}`);
  return () => ({ file: process.execPath, args: [...loader, path], env: {} });
}
