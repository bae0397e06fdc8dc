import type { Backoff, BackoffContext } from '../../src/index.js';

/** What a backoff is told before retry 1, save what `part` says. */
export function context(part: Partial<BackoffContext> = {}): BackoffContext {
  return {
    retry: 1,
    previousDelay: 0,
    random: () => 0.5,
    outcome: { kind: 'error', error: new Error('down'), attempt: { number: 1, of: 3, requestId: 'r', startedAt: 0 } },
    ...part,
  };
}

/** The first `count` delays of one request, each call being told the delay before it. */
export function delays(backoff: Backoff, count: number, random?: () => number): number[] {
  const result: number[] = [];
  for (let retry = 1; retry <= count; retry++) {
    result.push(backoff(context({ retry, previousDelay: result.at(-1) ?? 0, ...(random && { random }) })));
  }
  return result;
}
