// What a download is told and what it tells.

import type { OpenFile } from '@fashion-bench/files';

/** What happens while the data is being looked for and downloaded; sizes in bytes. */
export type DownloadEvent =
  /** A usual folder has files that cannot be used; the search goes on. */
  | { readonly type: 'skipped'; readonly folder: string; readonly reason: string }
  | { readonly type: 'start'; readonly file: string; readonly url: string; readonly total: number }
  /** After every piece; `received` falls back when a mirror starts over. */
  | {
      readonly type: 'progress';
      readonly file: string;
      readonly url: string;
      readonly received: number;
      readonly total: number;
    }
  /** The connection failed; the next attempt follows, from `received` on. */
  | {
      readonly type: 'retry';
      readonly file: string;
      readonly url: string;
      readonly attempt: number;
      readonly received: number;
      readonly reason: string;
    }
  /** This mirror does not deliver; the next one, if any, follows. */
  | {
      readonly type: 'mirror-failed';
      readonly file: string;
      readonly url: string;
      readonly reason: string;
    }
  | {
      readonly type: 'done';
      readonly file: string;
      readonly url: string;
      readonly path: string;
      readonly total: number;
    };

/** How to download; everything that a test wants to be different. */
export interface DownloadSettings {
  /** Base URLs, tried in this order. */
  readonly mirrors: readonly string[];
  readonly fetch: typeof fetch;
  readonly onEvent: (event: DownloadEvent) => void;
  readonly signal?: AbortSignal | undefined;
  /** A connection that brings nothing for so long is given up, in milliseconds; default 15,000. */
  readonly idleMilliseconds?: number;
  /** A mirror that brings less than `paceBytes` in so long is given up, in milliseconds; default 60,000. */
  readonly paceMilliseconds?: number;
  /** Default 65,536. */
  readonly paceBytes?: number;
  /** Wait before the first retry in milliseconds, doubled for each that follows; default 200. */
  readonly retryMilliseconds?: number;
  readonly openFile?: OpenFile;
}
