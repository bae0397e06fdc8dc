import { createHash } from 'node:crypto';

import type { AttemptEvent, HttpAttempt } from '../../src/index.js';
import { illegality } from '../support/event-log.js';
import { WHOLE } from '../support/hostile-server.js';
import type { Plan } from './plan.js';

/** A digest, so that bodies are compared whole and reported short. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const WHOLE_DIGEST = digest(WHOLE);

/** The scenarios whose answer is in order, and has no body. */
const BODILESS: readonly string[] = [
  'no-content',
  'no-content-with-body',
  'not-modified',
  'not-modified-with-body',
  'redirect-without-location',
];

/** Whether the platform does not tell its clients: here the beginning of a body may be handed over as the whole. */
function isUnseen({ scenario, transport }: Plan): boolean {
  // Fetch and node-fetch let what is decompressed end wherever the compressed bytes do, if only Content-Length was met: they flush zlib as
  // browsers do, which some servers that are slightly wrong need.
  if (scenario === 'truncated-gzip') return transport !== 'undici';
  // A body that nothing but the connection's end delimits is whole when that ends, and there none makes a difference between FIN and RST:
  // node-fetch sees none, and undici, in fetch too, takes ECONNRESET for the end, since some systems tell of it after a whole body.
  return scenario === 'reset-in-unframed-body';
}

/** Watches one request of a soak: what it does against the rules is a violation. */
export class Audit {
  /** How it ended, in a few words. */
  outcome = 'unsettled';
  attempts = 0;
  readonly #events: AttemptEvent<unknown, HttpAttempt>[] = [];
  readonly #violations: string[];
  #settled = false;
  #values = 0;

  /** @param violations - gets what is against the rules, however late it happens */
  constructor(
    readonly plan: Plan,
    violations: string[],
  ) {
    this.#violations = violations;
  }

  violate(what: string): void {
    const { index, scenario, faults, transport, method, reads } = this.plan;
    this.#violations.push(`#${index} ${scenario} (${faults} faults, ${transport}, ${method}, reads ${reads}): ${what}`);
  }

  event(event: AttemptEvent<unknown, HttpAttempt>): void {
    this.#events.push(event);
    if (event.type !== 'start') return;
    if (this.#settled) this.violate('an attempt starts after the end');
    this.attempts += 1;
    if (event.attempt.number !== this.attempts) {
      this.violate(`start ${this.attempts} is of attempt ${event.attempt.number}`);
    }
    if (this.attempts > this.plan.attempts) this.violate(`there are more attempts than ${this.plan.attempts}`);
  }

  /** It emitted. */
  value(): void {
    this.#values += 1;
    if (this.#settled) this.violate(`a value after the end: ${this.outcome}`);
    if (this.#values > 1) this.violate('a second value');
  }

  /** It completed, failed, or was unsubscribed from. */
  settle(how: string): void {
    if (this.#settled) this.violate(`${how} after the end: ${this.outcome}`);
    else this.outcome = how;
    this.#settled = true;
    if (how === 'completed' && this.#values === 0) this.violate('completed without a value');
  }

  /** Something was handed over as a whole body. */
  body(text: string): void {
    const { scenario } = this.plan;
    if (digest(text) === WHOLE_DIGEST || (text === '' && BODILESS.includes(scenario))) return;
    if (isUnseen(this.plan) && WHOLE.startsWith(text)) return;
    this.violate(`a body of ${text.length} characters was handed over as whole: ${digest(text)}`);
  }

  /**
   * All is over, at both ends.
   *
   * @param received - how often the server got a request of it, by the scenario in the request's path
   */
  close(received: Readonly<Record<string, number>>): void {
    if (!this.#settled) this.violate('it never settled');
    const illegal = illegality(this.#events);
    if (illegal !== undefined) this.violate(illegal);

    const { method, idempotencyKey, scenario } = this.plan;
    const times = received[scenario] ?? 0;
    // There the transport itself asks again and again, as the server told it to.
    if (scenario !== 'redirect-loop' && times > this.attempts) {
      this.violate(`${this.attempts} attempts reached the server ${times} times`);
    }
    if (times === 0 && this.outcome === 'completed') this.violate('it completed without the server');
    if (method !== 'POST' || idempotencyKey) return;
    const unsent = this.#events.filter(
      (event) => event.type === 'retry' && event.outcome.kind === 'error' && isUnsent(event.outcome.error),
    ).length;
    if (this.attempts - unsent > 1) {
      this.violate(`a POST without a key was tried ${this.attempts} times, ${unsent} of them unsent`);
    }
    if (scenario !== 'redirect-loop' && times > 1) {
      this.violate(`a POST without a key reached the server ${times} times`);
    }
  }
}

/** Whether a failure proves that nothing was sent: then DESIGN.md lets any method be tried again. */
function isUnsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'sent' in error && error.sent === false;
}
