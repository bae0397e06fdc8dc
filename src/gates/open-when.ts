import { catchError, distinctUntilChanged, isObservable, map, Observable, of, startWith } from 'rxjs';

import type { Gate } from '../retry/gate.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { invalidOptionMessage, type OptionRule } from '../util/option-rule.js';
import { defineGate } from './define-gate.js';
import type { ObservableState } from './keyed-state.js';
import { HoldLimit, isBlocked, OPEN_RULES, type OpenOptions } from './open-options.js';
import { type OpenSnapshot, openState } from './open-state.js';

/** Options of {@link openWhen}. */
export interface OpenWhenOptions extends OpenOptions {
  /**
   * Emits `true` when attempts may begin, and `false` when they may not.
   *
   * The gate subscribes to it for each attempt, until that begins. So it must replay its latest value, as a
   * BehaviorSubject does, or `shareReplay`. An attempt that it has emitted nothing to is held.
   */
  readonly open$: Observable<boolean>;
  /** The gate's name in events and errors. @default 'open-when' */
  readonly name?: string | undefined;
}

const OPEN$: OptionRule = [undefined, 'an Observable of true and false', isObservable];

/** The rule for each option. */
const RULES: OptionRules<OpenWhenOptions> = {
  open$: OPEN$,
  name: ['', 'a name that is not empty', (name: string) => name !== ''],
  ...OPEN_RULES,
};

/** Emits once, as soon as the latest value of `open$` is `true`. */
function whenOpen(open$: Observable<boolean>): Observable<true> {
  return new Observable<true>((attempt) => {
    let isOpen = false;
    let isSubscribing = true;
    const admitIfOpen = (): void => {
      // Of several values that it replays only the last one is its state.
      if (!isOpen || isSubscribing) return;
      attempt.next(true);
      attempt.complete();
    };
    attempt.add(
      open$.subscribe({
        next: (value: unknown) => {
          isOpen = value === true;
          admitIfOpen();
        },
        error: (error: unknown) => {
          attempt.error(error);
        },
        complete: () => {
          if (!isOpen) attempt.error(new Error('open$ has completed, and is closed'));
        },
      }),
    );
    isSubscribing = false;
    admitIfOpen();
  });
}

/** Emits whether `open$` is open: closed at first, then each change. An error closes it. */
function statesOf(open$: Observable<boolean>): Observable<boolean> {
  return open$.pipe(
    map((value: unknown) => value === true),
    catchError(() => of(false)),
    startWith(false),
    distinctUntilChanged(),
  );
}

/** Returns what `open$` replays now. */
function isOpenNow(states$: Observable<boolean>): boolean {
  let isOpen = false;
  // eslint-disable-next-line rxjs-x/no-ignored-error -- an error closes it
  const subscription = states$.subscribe((state) => {
    isOpen = state;
  });
  subscription.unsubscribe();
  return isOpen;
}

/** Emits the states after those that `open$` replays. It never completes. */
function changesOf(states$: Observable<boolean>): Observable<boolean> {
  return new Observable<boolean>((output) => {
    let isSubscribing = true;
    output.add(
      // eslint-disable-next-line rxjs-x/no-ignored-error -- an error closes it
      states$.subscribe((state) => {
        if (!isSubscribing) output.next(state);
      }),
    );
    isSubscribing = false;
  });
}

/**
 * A gate that is open while an Observable of yours says so: the user is signed in, the tab is visible, the maintenance
 * is over. While it is closed, attempts are held, or only retries.
 *
 * An attempt begins while the latest value of `open$` is `true`. A `false` while it is under way changes nothing. If
 * `open$` fails, or completes while it is closed, the attempt is rejected, with that error as the cause.
 *
 * It has no keys. `snapshot` subscribes to `open$` and returns what it replays at that moment, so it is what an attempt
 * would find. `changes$` is subscribed to `open$` for as long as it is subscribed to itself.
 *
 * A request that opens the gate must not pass through it, or it waits for itself: give it `gates: []`.
 *
 * @returns the gate, for `strategy.gates`
 * @throws TypeError or RangeError that names the option, its value and what was expected
 *
 * @example Requests wait until the settings have come. The request for these passes no gate.
 * ```ts
 * import { map, shareReplay } from 'rxjs';
 * import { openWhen, RetryClient } from 'rxjs-retry-client';
 *
 * const plain = new RetryClient({ baseUrl: 'https://api.example.com/' });
 * const settings$ = plain.getJSON<{ theme: string }>('settings').pipe(shareReplay(1));
 * const loaded = openWhen({ open$: settings$.pipe(map(() => true)), name: 'settings', maxWait: 60_000 });
 *
 * export const client = plain.extend({ strategy: { gates: [loaded] } });
 * client.get('users').subscribe(({ status }) => console.log(status));
 * ```
 */
export function openWhen(options: OpenWhenOptions): Gate & ObservableState<OpenSnapshot> {
  checkKnownOptions(options, RULES);
  const { open$, name = 'open-when', blocks, maxWait = Infinity } = options;
  // A caller without types can leave it out.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
  if (open$ === undefined) throw new TypeError(invalidOptionMessage('open$', open$, OPEN$[1]));
  const limit = new HoldLimit(maxWait);
  const whenOpen$ = whenOpen(open$);
  const states$ = statesOf(open$);
  return {
    ...defineGate({
      name,
      admit: (attempt) => (isBlocked(blocks, attempt) ? limit.apply(attempt, whenOpen$) : undefined),
    }),
    ...openState(() => isOpenNow(states$), changesOf(states$)),
  };
}
