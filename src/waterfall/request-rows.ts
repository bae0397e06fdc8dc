import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { reduceRow } from './reduce-row.js';
import type { Row } from './row.js';

/** The rows of the last requests, in the order in which they began. What it keeps is bounded, and is data alone. */
export class RequestRows {
  readonly #rows = new Map<string, Row>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  apply(event: AttemptEvent<unknown, HttpAttempt>): void {
    const { requestId } = event.attempt;
    this.#rows.set(requestId, reduceRow(this.#rows.get(requestId), event));
    if (this.#rows.size > this.#limit) this.#rows.delete(this.#oldest());
  }

  toArray(): Row[] {
    return [...this.#rows.values()];
  }

  /** The first that has ended; if all are under way, the first. */
  #oldest(): string {
    let oldest = '';
    for (const { id, end } of this.#rows.values()) {
      oldest ||= id;
      if (end !== undefined) return id;
    }
    return oldest;
  }
}
