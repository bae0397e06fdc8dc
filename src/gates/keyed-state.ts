import { type Observable, Subject } from 'rxjs';

import { originOf } from '../http/url.js';
import type { GateAttempt } from '../retry/gate.js';
import type { OptionRule } from '../util/option-rule.js';

/**
 * What attempts share a gate's state with: those of the same `origin`, `all`, or those with the same key of your own.
 * Attempts without a URL, as in the bare operator, have one state in common with `origin`, too.
 */
export type GateKey = 'origin' | 'all' | ((attempt: GateAttempt) => string);

/** The rule for the option `by`. */
export const GATE_KEY: OptionRule = [
  undefined,
  "'origin', 'all', or a function that returns a key",
  (by: unknown) => by === 'origin' || by === 'all' || typeof by === 'function',
];

/** The key of attempts that have no other. */
export const KEY_OF_ALL = 'all';

/** The number of keys whose state is kept. */
const MAX_KEYS = 1_000;

/** How many keys in use are passed over in search of one to drop. */
const MAX_LOOKS = 10;

let lastUrl = '';
let lastOrigin = '';

/** Remembers the last URL: each gate asks for the origin of the same attempt several times, and parsing is slow. */
function cachedOriginOf(url: string): string {
  if (url !== lastUrl) lastOrigin = originOf(url);
  // The same string is compared faster than an equal one.
  lastUrl = url;
  return lastOrigin;
}

/** The state of a gate, for displays and alarms. */
export interface ObservableState<Snapshot> {
  /** Returns the state of each key that has been used. */
  snapshot(): ReadonlyMap<string, Snapshot>;
  /** Returns the state of one key; that of a key that was never used is as at the start. */
  snapshot(key: string): Snapshot;
  /**
   * Emits the state of a key each time that an event or a call changes it. It never completes. What the passing of time
   * alone changes is seen with the next attempt.
   */
  readonly changes$: Observable<Snapshot & { readonly key: string }>;
}

/** How {@link KeyedState} creates, keeps and shows the state of a key. */
export interface KeyedStateConfig<State, Snapshot> {
  readonly by: GateKey;
  readonly create: (key: string) => State;
  /** Whether the state must be kept: attempts are under way, or wait. @default () => false */
  readonly isInUse?: (state: State) => boolean;
  readonly snapshotOf: (state: State) => Snapshot;
}

/**
 * A gate's state for each key, by default for each origin. Of more than 1,000 keys the least recently used go, except
 * those in use. The gate owns it, for as long as it lives.
 */
export class KeyedState<State, Snapshot> implements ObservableState<Snapshot> {
  readonly #config: KeyedStateConfig<State, Snapshot>;
  /** The least recently used first. */
  readonly #states = new Map<string, State>();
  /** The key that was used last: most requests in a row go to one origin. */
  #lastKey: string | undefined;
  readonly #changes = new Subject<Snapshot & { readonly key: string }>();
  readonly changes$: Observable<Snapshot & { readonly key: string }> = this.#changes.asObservable();

  constructor(config: KeyedStateConfig<State, Snapshot>) {
    this.#config = config;
  }

  keyOf(attempt: GateAttempt): string {
    const { by } = this.#config;
    if (typeof by === 'function') {
      const key: unknown = by(attempt);
      return String(key);
    }
    return by === 'all' || attempt.url === undefined ? KEY_OF_ALL : cachedOriginOf(attempt.url);
  }

  /** Returns the state of a key if there is one, and changes nothing: for questions. */
  peek(key: string): State | undefined {
    return this.#states.get(key);
  }

  /** Returns the state of a key, which counts as used. */
  use(key: string): State {
    const known = this.#states.get(key);
    if (known && key === this.#lastKey && this.#states.size <= MAX_KEYS) return known;
    const state = known ?? this.#config.create(key);
    this.#lastKey = key;
    this.#states.delete(key);
    this.#states.set(key, state);
    this.#dropOldest();
    return state;
  }

  /**
   * Drops keys beyond the maximum. It looks at a few of them only, since all may be in use. One that is in use counts
   * as used just now.
   */
  #dropOldest(): void {
    let looks = 0;
    for (const [key, state] of this.#states) {
      if (this.#states.size <= MAX_KEYS || looks === MAX_LOOKS) return;
      looks += 1;
      this.#states.delete(key);
      if (this.#config.isInUse?.(state)) this.#states.set(key, state);
    }
  }

  readonly snapshot: ObservableState<Snapshot>['snapshot'] = ((key?: string) => {
    const { create, snapshotOf } = this.#config;
    return key === undefined
      ? new Map([...this.#states].map(([name, state]) => [name, snapshotOf(state)]))
      : snapshotOf(this.#states.get(key) ?? create(key));
  }) as ObservableState<Snapshot>['snapshot'];

  /** Tells `changes$` that the state of a key has changed. */
  notify(key: string): void {
    if (this.#changes.observed) this.#changes.next({ ...this.snapshot(key), key });
  }
}
