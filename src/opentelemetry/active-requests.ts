import type { Attributes, ObservableUpDownCounter } from '@opentelemetry/api';

import { SERVER_ADDRESS, SERVER_PORT } from './attribute-names.js';
import type { MessageTarget } from './message-attributes.js';

/** How many sendings with the same attributes are under way. */
interface Count {
  readonly attributes: Attributes;
  value: number;
}

/** How many counts are kept before those that are 0 are dropped: as many as the SDK keeps by default. */
const MAX_COUNTS = 2_000;

/**
 * Counts the sendings under way, and says how many they are when metrics are collected. To tell the SDK of each one as
 * it begins and ends would cost about as much as its span.
 *
 * The instruments of a meter provider own it.
 */
export class ActiveRequests {
  readonly instrument: ObservableUpDownCounter;
  readonly #counts = new Map<string, Count>();

  constructor(instrument: ObservableUpDownCounter) {
    this.instrument = instrument;
    instrument.addCallback((result) => {
      for (const { attributes, value } of this.#counts.values()) result.observe(value, attributes);
    });
  }

  /** Counts one more. The result's `value` is one less when it has ended. */
  begin({ metric, name }: MessageTarget): Count {
    // The name of a span says the method and the template.
    const key = `${String(metric[SERVER_ADDRESS])}:${String(metric[SERVER_PORT])} ${name}`;
    let count = this.#counts.get(key);
    if (!count) {
      if (this.#counts.size >= MAX_COUNTS) this.#dropIdle();
      count = { attributes: metric, value: 0 };
      this.#counts.set(key, count);
    }
    count.value += 1;
    return count;
  }

  #dropIdle(): void {
    for (const [key, { value }] of this.#counts) if (value === 0) this.#counts.delete(key);
  }
}
