import type { AttemptEvent } from '../retry/attempt.js';
import { LatencyCounts, type LatencyReport } from './latencies.js';

/** What happened in one second. */
export interface SecondReport {
  /** When it began, in ms since the simulation did. */
  readonly at: number;
  /** The requests that began. */
  readonly offered: number;
  /** The messages that arrived at servers: first attempts, retries and hedges. */
  readonly arrived: number;
  /** The requests that ended with a response below 400: the goodput. */
  readonly answered: number;
  /** The requests that ended otherwise. */
  readonly failed: number;
  /** The retries that were sent. */
  readonly retries: number;
  /** The hedges that were sent. */
  readonly hedges: number;
  /** The requests that ended because a gate let no attempt in, or allowed no retry. */
  readonly rejected: number;
  /** The requests that gates hold, at its end. */
  readonly held: number;
  /** The requests at servers, at its end. */
  readonly inFlight: number;
}

/** What a strategy did. */
export interface SimulationReport {
  /**
   * The messages that arrived at servers, for each request: 1 without retries, less where gates let some not in. `NaN`
   * if there were no requests.
   */
  readonly load: number;
  /** The share of the requests that succeeded, of those that have ended: from 0 to 1. `NaN` if none has. */
  readonly success: number;
  /** The time from a request's start to its end, of those that have ended, successful or not. */
  readonly latency: LatencyReport;
  readonly series: readonly SecondReport[];
  /** The requests that began. */
  readonly requests: number;
  /** The messages that arrived at servers. */
  readonly messages: number;
  /** The requests that were under way when the simulation ended. */
  readonly pending: number;
  /** When the last request ended, in ms since the simulation began. */
  readonly lastEnd: number;
}

export const SECOND_MS = 1_000;

const NOTHING = { offered: 0, arrived: 0, answered: 0, failed: 0, retries: 0, hedges: 0, rejected: 0 };

/** Counts what happens, second by second. A run owns one. */
export class Recorder {
  readonly #series: SecondReport[] = [];
  #current = { ...NOTHING };
  readonly #totals = { ...NOTHING };
  readonly #latencies = new LatencyCounts();
  /** The ids of the requests that gates hold. */
  readonly #held = new Set<string>();
  #lastEnd = 0;

  /** When the current second ends, in ms. */
  get secondEnd(): number {
    return (this.#series.length + 1) * SECOND_MS;
  }

  #count(what: keyof typeof NOTHING): void {
    this.#current[what] += 1;
    this.#totals[what] += 1;
  }

  onOffered(): void {
    this.#count('offered');
  }

  onArrived(): void {
    this.#count('arrived');
  }

  onEnded(at: number, begin: number, isAnswered: boolean): void {
    this.#count(isAnswered ? 'answered' : 'failed');
    this.#latencies.add(at - begin);
    this.#lastEnd = at;
  }

  /** Hears an event of an attempt. */
  next(event: AttemptEvent): void {
    const { type, attempt } = event;
    if (type === 'hold') {
      this.#held.add(attempt.requestId);
    } else if (type === 'hedge') {
      this.#count('hedges');
    } else if (type === 'start') {
      this.#held.delete(attempt.requestId);
      if (attempt.number > 1) this.#count('retries');
    } else if (type === 'failure' || type === 'cancel') {
      this.#held.delete(attempt.requestId);
      if (type === 'failure' && event.reason === 'rejected') this.#count('rejected');
    }
  }

  /** Ends the current second. */
  endSecond(inFlight: number): void {
    this.#series.push({ at: this.#series.length * SECOND_MS, ...this.#current, held: this.#held.size, inFlight });
    this.#current = { ...NOTHING };
  }

  /** Ends the last second, which may be a part of one. The series is as long as the simulation was. */
  report(at: number, inFlight: number): SimulationReport {
    if (at > this.secondEnd - SECOND_MS || Object.values(this.#current).some((count) => count > 0)) {
      this.endSecond(inFlight);
    }
    const { offered, arrived, answered, failed } = this.#totals;
    return {
      load: arrived / offered,
      success: answered / (answered + failed),
      latency: this.#latencies.report(),
      series: this.#series,
      requests: offered,
      messages: arrived,
      pending: offered - answered - failed,
      lastEnd: this.#lastEnd,
    };
  }
}
