/** What a part of a run is handed: settings, data, engine, and where to put its measurements. */

import type { EngineInfo, EngineStatus } from '@fashion-bench/engine';

import type { Settings } from '../command-line/settings.ts';
import type { RunData } from '../data/data.ts';
import type { Progress } from '../process/progress.ts';
import type { Journal } from './journal.ts';

export interface RunContext {
  readonly settings: Settings;
  readonly data: RunData;
  readonly engine: EngineInfo;
  /** All engines, as this machine has them. */
  readonly engines: readonly EngineStatus[];
  readonly threads: number;
  readonly progress: Progress;
  /** Aborted with an InterruptedError when the user stops the run. */
  readonly signal: AbortSignal;
  readonly journal: Journal;
  /** Whether an interrupted run is being resumed, whose results are in the journal. */
  readonly resumed: boolean;
}
