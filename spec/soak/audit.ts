import { createHash } from 'node:crypto';

import type { AttemptEvent, HttpAttempt } from '../../src/index.js';
import { findSequenceViolation } from '../support/attempt-events.js';
import { WHOLE } from '../support/hostile-server.js';
import type { Plan } from './plan.js';

/** Hashes a text, so that reports of wrong bodies are short. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const WHOLE_DIGEST = digest(WHOLE);

/** The scenarios whose answer is complete without a body. */
const BODILESS: readonly string[] = [
  'no-content',
  'no-content-with-body',
  'not-modified',
  'not-modified-with-body',
  'redirect-without-location',
];

/** Whether the platform does not report that a body was cut, so that its beginning may pass as the whole body. */
function isUndetectable({ scenario, transport }: Plan): boolean {
  // With the right Content-Length, fetch and node-fetch accept compressed data that ends early: they flush zlib as
  // browsers do, because some servers send such data.
  if (scenario === 'truncated-gzip') return transport !== 'undici';
  // A body without a length ends with the connection, and no transport distinguishes FIN and RST there. node-fetch sees
  // no difference. Undici, also in fetch, takes ECONNRESET as the end, since some systems report it after a complete
  // body.
  return scenario === 'reset-in-unframed-body';
}

/**
 * Audits one request of a soak: it records every event, and reports each violation of the rules. {@link Audit.close}
 * ends it.
 */
export class Audit {
  /** How the request ended: `completed`, `left`, or the name of its error. */
  outcome = 'unsettled';
  attempts = 0;
  #hedges = 0;
  readonly #events: AttemptEvent<unknown, HttpAttempt>[] = [];
  readonly #violations: string[];
  #settled = false;
  #values = 0;

  /** @param violations - the list to which violations are added, even after the end */
  constructor(
    readonly plan: Plan,
    violations: string[],
  ) {
    this.#violations = violations;
  }

  addViolation(violation: string): void {
    const { index, scenario, faults, transport, method, reads } = this.plan;
    this.#violations.push(
      `#${index} ${scenario} (${faults} faults, ${transport}, ${method}, reads ${reads}): ${violation}`,
    );
  }

  /** Records an event of an attempt. */
  onEvent(event: AttemptEvent<unknown, HttpAttempt>): void {
    this.#events.push(event);
    if (event.type === 'hedge') this.#hedges += 1;
    if (event.type !== 'start') return;
    if (this.#settled) this.addViolation('an attempt starts after the end');
    this.attempts += 1;
    if (event.attempt.number !== this.attempts) {
      this.addViolation(`start ${this.attempts} is of attempt ${event.attempt.number}`);
    }
    if (this.attempts > this.plan.attempts) this.addViolation(`there are more attempts than ${this.plan.attempts}`);
  }

  /** Records a value. */
  onValue(): void {
    this.#values += 1;
    if (this.#settled) this.addViolation(`a value after the end: ${this.outcome}`);
    if (this.#values > 1) this.addViolation('a second value');
  }

  /** Records the end: it completed, failed, or was unsubscribed. */
  onSettle(outcome: string): void {
    if (this.#settled) this.addViolation(`${outcome} after the end: ${this.outcome}`);
    else this.outcome = outcome;
    this.#settled = true;
    if (outcome === 'completed' && this.#values === 0) this.addViolation('completed without a value');
  }

  /** Checks a body that was emitted as complete. */
  onBody(text: string): void {
    const { scenario } = this.plan;
    if (digest(text) === WHOLE_DIGEST || (text === '' && BODILESS.includes(scenario))) return;
    if (isUndetectable(this.plan) && WHOLE.startsWith(text)) return;
    this.addViolation(`a body of ${text.length} characters was emitted as complete: ${digest(text)}`);
  }

  /**
   * Checks the whole request after client and server have finished.
   *
   * @param received - the number of requests that the server received, by the scenario in their path
   */
  close(received: Readonly<Record<string, number>>): void {
    if (!this.#settled) this.addViolation('it never settled');
    const sequenceViolation = findSequenceViolation(this.#events);
    if (sequenceViolation !== undefined) this.addViolation(sequenceViolation);

    const { method, idempotencyKey, scenario } = this.plan;
    const times = received[scenario] ?? 0;
    // In a redirect loop the transport itself repeats the request.
    if (scenario !== 'redirect-loop' && times > this.attempts + this.#hedges) {
      this.addViolation(`${this.attempts} attempts and ${this.#hedges} hedges reached the server ${times} times`);
    }
    if (times === 0 && this.outcome === 'completed') this.addViolation('it completed without the server');
    if (method !== 'POST' || idempotencyKey) return;
    if (this.#hedges > 0) this.addViolation('a POST without a key was hedged');
    const unsent = this.#events.filter(
      (event) => event.type === 'retry' && event.outcome.kind === 'error' && isUnsent(event.outcome.error),
    ).length;
    if (this.attempts - unsent > 1) {
      this.addViolation(`a POST without a key was tried ${this.attempts} times, ${unsent} of them unsent`);
    }
    if (scenario !== 'redirect-loop' && times > 1) {
      this.addViolation(`a POST without a key reached the server ${times} times`);
    }
  }
}

/** Whether an error proves that nothing was sent. Any method may then be retried. */
function isUnsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'sent' in error && error.sent === false;
}
