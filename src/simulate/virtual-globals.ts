import { asyncScheduler } from 'rxjs';

import { requestIdOf } from '../retry/request-id.js';
import { MAX_TIMEOUT_MS } from '../util/long-timer.js';
import type { VirtualTimer } from './timer-heap.js';
import type { VirtualTime } from './virtual-time.js';

/** Virtual time begins on 2026-01-01. Some servers state dates, and some gates read them. In ms since 1970. */
const EPOCH_MS = Date.UTC(2026, 0);

/** An interval fires at most once in a ms, as on other platforms. */
const MIN_PERIOD_MS = 1;

let isVirtual = false;

/** Does some work on the real platform in between: what a caller does about progress may need time that passes. */
export type OnRealPlatform = (work: () => void) => void;

/**
 * Does some work while the platform's timers, clocks and random numbers are virtual: `setTimeout`, `setInterval`, what
 * ends them, `Date.now`, `performance.now` and `Math.random`. RxJS and this package ask for these at each call.
 *
 * @param random - for `Math.random`
 * @throws Error if other work is being done so: a simulation cannot run in a simulation, nor in virtual time of RxJS
 */
export function withVirtualGlobals<T>(
  time: VirtualTime,
  random: () => number,
  work: (onRealPlatform: OnRealPlatform) => T,
): T {
  if (isVirtual) throw new Error('simulate() was called within a simulation: one ends before the next begins');
  // The first request of a process chooses the random prefix of all requests' ids. No seed shall choose it.
  requestIdOf(0);
  const globals = [
    ...timerFunctions(time, 'setTimeout', 'clearTimeout'),
    ...timerFunctions(time, 'setInterval', 'clearInterval'),
    new Replacement(Date, 'now', () => Math.floor(EPOCH_MS + time.now)),
    new Replacement(performance, 'now', () => time.now),
    new Replacement(Math, 'random', random),
    // It is set while one of RxJS's timers fires. If one of them has called simulate(), the virtual ones would wait for
    // that to return.
    new Replacement(asyncScheduler, '_active', false),
  ];
  const install = (): void => {
    isVirtual = true;
    for (const each of globals) each.install();
  };
  const uninstall = (): void => {
    for (const each of globals) each.uninstall();
    isVirtual = false;
  };
  try {
    install();
    if (asyncScheduler.now() !== Date.now()) {
      throw new Error("simulate() has virtual time of its own, and cannot run in that of RxJS's TestScheduler");
    }
    return work((real) => {
      uninstall();
      try {
        real();
      } finally {
        install();
      }
    });
  } finally {
    uninstall();
  }
}

/** A timer as `setTimeout` and `setInterval` return it. */
class PlatformTimer implements VirtualTimer {
  order = 0;
  index = -1;
  readonly #time: VirtualTime;
  readonly #handler: (...values: unknown[]) => void;
  readonly #values: readonly unknown[];
  /** In ms; absent if it fires once. */
  #period: number | undefined;

  constructor(
    time: VirtualTime,
    handler: (...values: unknown[]) => void,
    values: readonly unknown[],
    period: number | undefined,
  ) {
    this.#time = time;
    this.#handler = handler;
    this.#values = values;
    this.#period = period;
  }

  fire(): void {
    this.#handler(...this.#values);
    // Most are RxJS's intervals, which it ends when they fire.
    if (this.#period !== undefined) this.#time.start(this, this.#period);
  }

  /** As Node's timers have it. In a simulation no process waits for a timer. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  cancel(): void {
    this.#period = undefined;
    this.#time.cancel(this);
  }
}

/** Returns virtual functions for one kind of timers. */
function timerFunctions(
  time: VirtualTime,
  set: 'setTimeout' | 'setInterval',
  clear: 'clearTimeout' | 'clearInterval',
): Replacement[] {
  const clearReal = globalThis[clear] as (timer: unknown) => void;
  const setVirtual = (handler: (...values: unknown[]) => void, ms?: unknown, ...values: unknown[]): PlatformTimer => {
    const delay = toDelay(ms);
    const period = set === 'setInterval' ? Math.max(delay, MIN_PERIOD_MS) : undefined;
    const timer = new PlatformTimer(time, handler, values, period);
    time.start(timer, delay);
    return timer;
  };
  const clearVirtual = (timer: unknown): void => {
    if (timer instanceof PlatformTimer) timer.cancel();
    // It was started before the simulation.
    else clearReal(timer);
  };
  return [new Replacement(globalThis, set, setVirtual), new Replacement(globalThis, clear, clearVirtual)];
}

/** What is no delay, and what is longer than a platform's longest delay, counts as none: as on other platforms. */
function toDelay(delay: unknown): number {
  const ms = Number(delay);
  return ms > 0 && ms <= MAX_TIMEOUT_MS ? ms : 0;
}

/** A property that is replaced for a while, and is then as it was. */
class Replacement {
  readonly #owner: object;
  readonly #name: string;
  readonly #original: PropertyDescriptor | undefined;
  readonly #value: unknown;

  constructor(owner: object, name: string, value: unknown) {
    this.#owner = owner;
    this.#name = name;
    this.#original = Object.getOwnPropertyDescriptor(owner, name);
    this.#value = value;
  }

  install(): void {
    const enumerable = this.#original?.enumerable ?? true;
    Object.defineProperty(this.#owner, this.#name, {
      value: this.#value,
      configurable: true,
      enumerable,
      writable: true,
    });
  }

  uninstall(): void {
    if (this.#original) Object.defineProperty(this.#owner, this.#name, this.#original);
    else Reflect.deleteProperty(this.#owner, this.#name);
  }
}
