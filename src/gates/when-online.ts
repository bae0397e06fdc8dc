import { filter, NEVER, Observable, startWith, switchMap, take } from 'rxjs';

import { tryParseUrl } from '../http/url.js';
import type { AttemptEvent } from '../retry/attempt.js';
import { type Gate, type GateAttempt, UNKNOWN_DELAY } from '../retry/gate.js';
import { httpOf } from '../retry/outcome.js';
import { now } from '../util/clock.js';
import { isCancellation, isNamed } from '../util/error-name.js';
import { readProperty } from '../util/foreign-object.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { longTimer } from '../util/long-timer.js';
import { FUNCTION } from '../util/option-rule.js';
import { Connectivity } from './connectivity.js';
import { defineGate } from './define-gate.js';
import type { ObservableState } from './keyed-state.js';
import { HoldLimit, isBlocked, OPEN_RULES, type OpenOptions } from './open-options.js';
import { type OpenSnapshot, openState } from './open-state.js';

/** Options of {@link whenOnline}. */
export interface WhenOnlineOptions extends OpenOptions {
  /**
   * When the network comes back, each attempt that waits is sent after a random part of this time, in ms. Otherwise all
   * clients of a network that was down would be back in one moment.
   *
   * @default 1_000
   */
  readonly spread?: number | undefined;
  /** The source of randomness for `spread`, uniform in [0, 1). @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** The rule for each option. */
const RULES: OptionRules<WhenOnlineOptions> = {
  spread: [0, 'a finite number of at least 0', (ms: number) => ms >= 0 && ms < Infinity],
  random: FUNCTION,
  ...OPEN_RULES,
};

/** `localhost` and its subdomains, 127.0.0.0/8 and `[::1]`, as the URL parser writes them. */
const LOOPBACK_HOST = /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/;

/** Whether a request may be answered without a network. The bare operator's attempts have no URL to tell by. */
function needsNoNetwork({ url }: GateAttempt): boolean {
  if (url === undefined) return false;
  const { protocol, hostname, origin } = tryParseUrl(url) ?? {};
  return (
    // `data:` and `blob:`, and what no attempt can be sent to.
    !protocol?.startsWith('http') ||
    LOOPBACK_HOST.test(hostname as string) ||
    (origin === readProperty(globalThis.location, 'origin') && isControlled())
  );
}

/** Whether a service worker answers the page's requests. In a sandboxed frame, asking for it throws. */
function isControlled(): boolean {
  return Boolean(readProperty(readProperty(globalThis.navigator, 'serviceWorker'), 'controller'));
}

/**
 * Whether an attempt has failed by the network: no response came, or its body broke off. In the bare operator it is any
 * error except a response's, and an AbortError.
 */
function isNetworkFailure(event: AttemptEvent<unknown, GateAttempt>): boolean {
  if (event.type !== 'retry' && event.type !== 'failure') return false;
  const { outcome, attempt } = event;
  const status = httpOf(outcome)?.status;
  if (status !== undefined) return status === 0 && !String(outcome.response?.type).startsWith('opaque');
  if (outcome.kind !== 'error') return false;
  return attempt.url === undefined ? !isCancellation(outcome.error) : isNamed(outcome.error, 'HttpNetworkError');
}

/**
 * A gate that is closed while the browser is offline. An attempt that would be sent then is held, so that none is
 * wasted. When the network comes back, waits end: each attempt that waits, or is held, is sent after a random part of
 * `spread`. What `Retry-After` or another gate asks for is waited for all the same.
 *
 * It believes the browser's `offline` and `online` events, and each change of `navigator.onLine`. Some browsers say
 * `false` there though they are online, so the value at the start is believed only once an attempt has failed by the
 * network.
 *
 * It holds no attempt to a loopback host (`localhost`, `*.localhost`, `127.0.0.0/8`, `[::1]`), and none to the page's
 * own origin while a service worker controls the page. Other responses that the browser's cache has are not looked for:
 * give such a request `gates: []`. In Node, and in workers without the events, it lets all attempts pass, and adds no
 * listener.
 *
 * Make it once, beside the client, and put it outermost. It listens for as long as it exists.
 *
 * @returns the gate, for `strategy.gates`
 * @throws TypeError or RangeError that names the option, its value and what was expected
 * @see {@link https://html.spec.whatwg.org/multipage/system-state.html#navigator.online | HTML, browser state}
 *
 * @example
 * ```ts
 * import { RetryClient, whenOnline } from 'rxjs-retry-client';
 *
 * const online = whenOnline({ spread: 3_000, maxWait: 600_000 });
 * export const client = new RetryClient({ strategy: { gates: [online] } });
 * online.changes$.subscribe(({ open }) => console.log(open ? 'online' : 'offline'));
 * ```
 */
export function whenOnline(options: WhenOnlineOptions = {}): Gate & ObservableState<OpenSnapshot> {
  checkKnownOptions(options, RULES);
  const { spread = 1_000, blocks, maxWait = Infinity, random = () => Math.random() } = options;
  const name = 'when-online';
  const connectivity = Connectivity.create();
  if (!connectivity) return { ...defineGate({ name }), ...openState(() => true, NEVER) };

  const limit = new HoldLimit(maxWait);
  let isWaking = false;

  /** Emits once the network is back, and the attempt's part of the spread is over. */
  const holdUntilOnline = (): Observable<unknown> => {
    const since = now();
    const { back$ } = connectivity;
    return (isWaking ? back$.pipe(startWith(undefined)) : back$).pipe(
      switchMap(() => longTimer(random() * Math.min(spread, since + maxWait - now()))),
      // It can be gone again.
      filter(() => connectivity.isOnline()),
      take(1),
    );
  };

  const mayHold = (attempt: GateAttempt): boolean => isBlocked(blocks, attempt) && !needsNoNetwork(attempt);

  return {
    ...defineGate({
      name,
      // A loopback host is preferred meanwhile.
      delay: (attempt) => (!connectivity.peek() && mayHold(attempt) ? UNKNOWN_DELAY : 0),
      admit: (attempt) => {
        // An attempt whose wait has just been ended is spread, too.
        const isSpread = isWaking && spread > 0 && maxWait > 0;
        return (connectivity.isOnline() && !isSpread) || !mayHold(attempt)
          ? undefined
          : limit.apply(attempt, holdUntilOnline());
      },
      next: (event) => {
        if (isNetworkFailure(event)) connectivity.endDoubt();
      },
      wake$: new Observable<void>((subscriber) =>
        // eslint-disable-next-line rxjs-x/no-ignored-error -- it never fails
        connectivity.back$.subscribe(() => {
          isWaking = true;
          subscriber.next();
          isWaking = false;
        }),
      ),
    }),
    ...openState(() => connectivity.peek(), connectivity.changes$),
  };
}
