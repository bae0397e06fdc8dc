import type { ObservableInput, Subscription } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason, Outcome } from './attempt.js';
import type { Policy, Verdict } from './strategy.js';

/** What becomes of an attempt's connection: its body is the consumer's, it is read to its end in bounds, or it is cut. */
export type Release = 'keep' | 'drain' | 'abort';

/** What a run lets its host do from outside: end it for a reason of the host's own. */
export interface Interruptible {
  fail(reason: FailureReason, error: unknown): void;
}

/**
 * What is particular to the thing that is retried: HTTP in the client, nothing in the bare operator. The run decides when; its host
 * says what an attempt is, where it goes, and what must be let go of.
 */
export interface Host<A extends Attempt> {
  /** Whether anybody listens to `tell`. */
  readonly listening: boolean;
  /** Whether the source emits responses and nothing else. */
  readonly answersHttp: boolean;
  /** When the run must be over, on asyncScheduler's clock. */
  readonly deadline: number;
  /** Called first: from here on the host may interrupt the run. */
  open(run: Interruptible): void;
  /** Called last, once. */
  close(): void;
  /** Passes an event on to those who listen from outside. */
  tell(event: AttemptEvent<unknown, A>): void;
  /** Completes what is known of an attempt before it is announced. */
  describe(attempt: Attempt): A;
  /** Judges an outcome, given what `shouldRetry` said of it. */
  judge(policy: Policy, outcome: Outcome, asked: boolean | undefined): Verdict;
  /** Why another attempt is out of the question, whatever was judged. */
  obstacle(emitted: boolean): FailureReason | undefined;
  /** The origin that the current attempt went to, and the one that the next will go to. */
  readonly origin: string;
  readonly nextOrigin: string;
  /** Turns to the next place that is not barred; `false` if there is none. */
  turn(barred: (origin: string) => boolean): boolean;
  /** Turns a response that is the last word into an error, where the caller wants that. */
  statusError(response: Response): Error | undefined;
  /** Reads an accepted response within the attempt; absent where responses are handed over as they are. */
  readonly select?: ((response: Response) => ObservableInput<unknown>) | undefined;
  /** The response as `select` is to see it. */
  view(response: Response): Response;
  /** What is to blame for an error of `select`. */
  blame(error: unknown): unknown;
  /** A wait that takes the backoff's place, in ms. */
  delay(): number | undefined;
  /** Lets go of what the current attempt holds; what goes on beside the wait is returned. */
  release(how: Release): Subscription | undefined;
}
