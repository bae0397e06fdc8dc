import { Observable } from 'rxjs';

import type { HttpLike } from '../http/http-like.js';
import { originOf } from '../http/url.js';
import type { Gate, GateAttempt } from '../retry/gate.js';
import { httpOf } from '../retry/outcome.js';
import { wallClock } from '../util/clock.js';
import { readProperty } from '../util/foreign-object.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { reportedOutcome } from './attempt-outcomes.js';
import { defineGate } from './define-gate.js';
import { GATE_KEY, type GateKey, KeyedState, type ObservableState } from './keyed-state.js';
import { readRateLimitFields } from './rate-limit-fields.js';
import { Applicant, ServerLimitLine, type ServerLimitSnapshot } from './server-limit-line.js';

/** Options of {@link serverLimit}. */
export interface ServerLimitOptions {
  /** The longest time that an attempt is held, in ms; `Infinity` for any. @default 60_000 */
  readonly maxWait?: number | undefined;
  /** Which attempts share what a server says. @default 'origin' */
  readonly by?: GateKey | undefined;
}

const RULES: OptionRules<ServerLimitOptions> = {
  maxWait: [0, 'a number of at least 0', (maxWait: number) => maxWait >= 0],
  by: GATE_KEY,
};

/**
 * Obeys what servers say about their limits, for all requests to the same origin: not the request that was refused
 * alone waits, but all others, too.
 *
 * It reads `Retry-After` (with 403, 429, 503 and 529) and, with any status, what is left of a quota and when it is
 * reset: `RateLimit` with `RateLimit-Policy`, `RateLimit-Remaining`, `X-RateLimit-Remaining` and others like it, in the
 * forms of GitHub, Twitter, Discord, OpenAI, Anthropic, Kong, Symfony and others. Only limits on requests count, not
 * those on bytes, tokens or concurrency. What is malformed is ignored, and so is a response from a cache (`Age`).
 *
 * While nothing is left, attempts are held until the reset. Attempts that began since the response count as used, so
 * of 100 requests only as many are sent as the server allows. After a hold, those who wait are let in one by one, in
 * the order in which they came: at the rate of the server's policy (at most 1 s apart), or within a tenth of the hold
 * (at most 1 s) if no rate is known. An attempt that would be held for longer than `maxWait` is rejected, with the
 * time as `retryAfter`.
 *
 * A reset is obeyed for at most ten minutes, then the server is asked again; `Retry-After` for at most a day. One of
 * more than 31 days is ignored.
 *
 * In a browser, a server of another origin must expose these headers by `Access-Control-Expose-Headers`. A server with
 * several limits for different resources needs a `by` that tells them apart.
 *
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts
 * import { RetryClient, serverLimit } from 'rxjs-retry-client';
 *
 * // GitHub limits searches apart from the rest.
 * const limit = serverLimit({ by: ({ url = '' }) => (url.includes('/search/') ? 'search' : 'core') });
 * export const client = new RetryClient({ baseUrl: 'https://api.github.com', strategy: { gates: [limit] } });
 *
 * limit.changes$.subscribe(({ key, remaining, resetAfter }) => {
 *   if (remaining === 0) console.warn(`${key}: nothing left for ${resetAfter} ms`);
 * });
 * ```
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ | RateLimit fields, draft 10}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 | RFC 9110, section 10.2.3}, on Retry-After
 */
export function serverLimit(options: ServerLimitOptions = {}): Gate & ObservableState<ServerLimitSnapshot> {
  checkKnownOptions(options, RULES);
  const { maxWait = 60_000, by = 'origin' } = options;
  const lines = new KeyedState<ServerLimitLine, ServerLimitSnapshot>({
    by,
    create: (key) =>
      new ServerLimitLine(maxWait, () => {
        lines.notify(key);
      }),
    isInUse: (line) => line.isInUse,
    snapshotOf: (line) => line.snapshot(),
  });
  return {
    ...defineGate<{ applicant: Applicant }>({
      name: 'server-limit',
      delay: (attempt) => lines.peek(lines.keyOf(attempt))?.delay() ?? 0,
      admit: (attempt, memo) => {
        const line = lines.use(lines.keyOf(attempt));
        const delay = line.delay();
        if (line.isTooLong(delay)) return line.reject(delay);
        return new Observable<void>((subscriber) => {
          const applicant = new Applicant(line, subscriber);
          memo.applicant = applicant;
          subscriber.add(() => {
            line.leave(applicant);
          });
          line.enter(applicant);
        });
      },
      next: (event, { applicant }) => {
        // What an attempt emits after its response is heard only once.
        if (applicant?.state !== 'admitted') return;
        const outcome = reportedOutcome(event);
        const http = outcome && (httpOf(outcome) ?? outcome.response);
        if (http && !isOfAnotherOrigin(event.attempt, http)) {
          applicant.line.hear(applicant, readRateLimitFields(http, wallClock()));
        }
      },
    }),
    snapshot: lines.snapshot.bind(lines),
    changes$: lines.changes$,
  };
}

/** Whether a redirection led to another origin, whose limits are not those of the attempt's. */
function isOfAnotherOrigin({ url }: GateAttempt, response: HttpLike): boolean {
  return (
    url !== undefined &&
    readProperty(response, 'redirected') === true &&
    originOf(String(readProperty(response, 'url'))) !== originOf(url)
  );
}
