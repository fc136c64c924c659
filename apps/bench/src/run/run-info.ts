/** Which run this is, of which program: what every kind of record says about its origin before anything is measured. */

import type { EngineStatus } from '@fashion-bench/engine';
import type { OptionValue, RunInfo } from '@fashion-bench/report';

import type { Settings } from '../command-line/settings.ts';
import { gitState } from '../process/repository.ts';
import { VERSION } from '../process/version.ts';

/** Everything but what only the end of a run tells. */
export type RunBeginning = Omit<
  RunInfo,
  'status' | 'wallSeconds' | 'peakMemoryBytes' | 'expectations'
>;

export interface Beginning {
  readonly id: string;
  readonly startedAt: Date;
  /** The command line as it was given. */
  readonly command: string;
  readonly root: string;
  readonly settings: Settings;
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly engines: readonly EngineStatus[];
}

export async function runBeginning(given: Beginning): Promise<RunBeginning> {
  const { id, startedAt, command, root, settings, options, engines } = given;
  const git = await gitState(root);
  return {
    id,
    startedAt: startedAt.toISOString(),
    command,
    options,
    seed: settings.seed,
    quick: settings.quick,
    synthetic: settings.synthetic,
    gitCommit: git.commit,
    gitDirty: git.dirty,
    version: VERSION,
    nodeVersion: process.versions.node,
    packages: Object.fromEntries(
      engines.flatMap((status) =>
        status.state === 'available' ? [[status.engine.library, status.engine.version]] : [],
      ),
    ),
  };
}
