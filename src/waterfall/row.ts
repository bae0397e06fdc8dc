import type { FailureReason } from '../retry/attempt.js';

/** One thing that takes time within a request: a sending of an attempt, the wait after it, or a hold by gates. */
export interface Bar {
  /** The number of the attempt that it belongs to. */
  readonly attempt: number;
  /**
   * What goes on, or how it ended: `superseded` if another sending of the same attempt decided it. All but `waiting`
   * and `held` are sendings.
   */
  readonly state: 'running' | 'succeeded' | 'retried' | 'failed' | 'cancelled' | 'superseded' | 'waiting' | 'held';
  readonly isHedge?: true;
  /** In ms since the epoch. */
  readonly from: number;
  /** In ms since the epoch; absent while it goes on. */
  readonly to?: number;
  /** When the headers came, in ms since the epoch. */
  readonly headers?: number;
  /** The status or kind of error; of a hold, the gates. */
  readonly label?: string;
  /** What the error says. */
  readonly detail?: string;
  /** Where it was sent. */
  readonly url?: string;
}

/** A request as it is drawn. Rows are never changed: another state is another object. It is data, and fits JSON. */
export interface Row {
  readonly id: string;
  readonly method: string;
  /** Safe to show. */
  readonly url: string;
  /** The `name` of the client. */
  readonly client?: string | undefined;
  /** In ms since the epoch. */
  readonly begin: number;
  /** In ms since the epoch; absent while it is under way. */
  readonly end?: number;
  /** How it ended; absent while it is under way. */
  readonly state?: 'succeeded' | 'failed' | 'cancelled';
  /** Why nothing more was tried. */
  readonly reason?: FailureReason | undefined;
  /** The gate that let no further attempt in. */
  readonly gate?: string | undefined;
  readonly bars: readonly Bar[];
}
