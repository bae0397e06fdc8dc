import { stat } from 'node:fs/promises';

import { from, map } from 'rxjs';

import { HttpTimeoutError, type Interceptor, RetryClient } from '../../src/index.js';
import { settled } from '../support/settled.js';

const url = 'http://a.test/';

/** Calls `begin`, then blocks the thread for 400 ms: due timers fire before Node reads anything that arrived. */
function whileSuspended<T>(begin: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => {
    setImmediate(() => {
      resolve(begin());
      const until = performance.now() + 400;
      while (performance.now() < until);
    });
  });
}

/** Answers from another thread while this one is blocked: Node delivers the answer after the due timers. */
const answerOfAnotherThread: Interceptor = () => from(stat('.')).pipe(map(() => new Response(null, { status: 204 })));

describe('A process that is suspended for longer than a limit', () => {
  for (const limit of ['timeout', 'totalTimeout'] as const) {
    it(`emits an answer that came meanwhile, and no ${limit}`, async () => {
      const client = new RetryClient({
        [limit]: 100,
        strategy: { attempts: 1 },
        interceptors: [answerOfAnotherThread],
      });
      const answer = await whileSuspended(() => settled(client.get(url)));

      expect(answer.values.map(({ status }) => status)).toEqual([204]);
    });

    it(`errors with the ${limit} when no answer came`, async () => {
      const client = new RetryClient({
        [limit]: 100,
        strategy: { attempts: 1 },
        interceptors: [() => from(new Promise<never>(() => undefined))],
      });
      const answer = await whileSuspended(() => settled(client.get(url)));

      expect(answer.error).toBeInstanceOf(HttpTimeoutError);
    });
  }
});
