import type { Backoff, BackoffContext } from '../../src/index.js';

/** Creates the context of a backoff for the first retry, with some fields replaced. */
export function context(overrides: Partial<BackoffContext> = {}): BackoffContext {
  return {
    retry: 1,
    previousDelay: 0,
    random: () => 0.5,
    outcome: { kind: 'error', error: new Error('down'), attempt: { number: 1, of: 3, requestId: 'r', startedAt: 0 } },
    ...overrides,
  };
}

/** Returns the first `count` delays of one request in ms. Each call gets the delay before it as `previousDelay`. */
export function delays(backoff: Backoff, count: number, random?: () => number): number[] {
  const result: number[] = [];
  for (let retry = 1; retry <= count; retry++) {
    result.push(backoff(context({ retry, previousDelay: result.at(-1) ?? 0, ...(random && { random }) })));
  }
  return result;
}
