import { createHash } from 'node:crypto';

import type { AttemptEvent, HttpAttempt } from '../../src/index.js';
import { WHOLE } from '../support/hostile-server.js';
import type { Plan } from './plan.js';

/** A digest, so that bodies are compared whole and reported short. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const WHOLE_DIGEST = digest(WHOLE);

/** The statuses that have no body by HTTP's own rules. */
const BODILESS = [204, 205, 304];

/** Watches one request of a soak: what it does against the rules is a violation. */
export class Audit {
  readonly violations: string[] = [];
  /** How it ended, in a word. */
  outcome = 'unsettled';
  attempts = 0;
  #open = false;
  #settled = false;
  #left = false;
  #values = 0;
  /** The failures that prove that nothing was sent. */
  #unsent = 0;

  constructor(readonly plan: Plan) {}

  #violate(what: string): void {
    this.violations.push(`#${String(this.plan.index)} ${this.plan.scenario} (${this.plan.transport}, ${this.plan.method}): ${what}`);
  }

  event(event: AttemptEvent<unknown, HttpAttempt>): void {
    if (this.#settled && event.type === 'start') this.#violate('an attempt starts after the end');
    if (event.type === 'start') {
      if (this.#open) this.#violate('an attempt starts before the one before it is settled');
      this.#open = true;
      this.attempts += 1;
      if (this.attempts > this.plan.attempts) this.#violate('there are more attempts than allowed');
    } else if (event.type === 'retry') {
      if (!this.#open) this.#violate('a retry of what is not open');
      this.#open = false;
      const { outcome } = event;
      if (outcome.kind === 'error' && (outcome.error as { sent?: boolean }).sent === false) this.#unsent += 1;
    } else if (event.type !== 'value') {
      this.#open = false;
    }
  }

  value(): void {
    this.#values += 1;
    if (this.#left) this.#violate('a value after it was unsubscribed from');
    if (this.#values > 1) this.#violate('a second value');
  }

  /** It errored, completed, or was unsubscribed from. */
  settle(how: string): void {
    if (this.#left) this.#violate(`${how} after it was unsubscribed from`);
    else if (this.#settled) this.#violate(`${how} after it was settled: ${this.outcome}`);
    else this.outcome = how;
    this.#settled = true;
    if (how === 'left') this.#left = true;
  }

  /** Something was handed over as a whole body. */
  body(text: string, status: number): void {
    if (text === '' && (BODILESS.includes(status) || status >= 300)) return;
    if (digest(text) !== WHOLE_DIGEST) this.#violate(`a body of ${String(text.length)} characters was handed over as whole: ${digest(text)}`);
  }

  /** How often the server got it. */
  received(times: number): void {
    if (!this.#settled) this.#violate('it never settled');
    if (this.#open && this.#settled) this.#violate('its last attempt was never settled');
    const { method, idempotencyKey, scenario } = this.plan;
    if (method !== 'POST' || idempotencyKey) return;
    if (this.attempts - this.#unsent > 1) this.#violate(`a POST without a key was tried ${String(this.attempts)} times`);
    // A redirect to itself is followed by the transport.
    if (times > 1 && scenario !== 'redirect-loop') this.#violate(`a POST without a key reached the server ${String(times)} times`);
  }
}
