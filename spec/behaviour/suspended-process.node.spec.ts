import { stat } from 'node:fs/promises';

import { from, map } from 'rxjs';

import { HttpTimeoutError, type Interceptor, RetryClient } from '../../src/index.js';
import { settled } from '../support/settled.js';

const url = 'http://a.test/';

/** Sends a request and stands still just before the timers: those that are due by then fire before anything is read. */
function whileStandingStill<T>(begin: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => {
    setImmediate(() => {
      resolve(begin());
      const until = performance.now() + 400;
      while (performance.now() < until);
    });
  });
}

/** What another thread answers while this one stands still: Node hears of it only after the timers that are due. */
const fromElsewhere: Interceptor = () => from(stat('.')).pipe(map(() => new Response(null, { status: 204 })));

describe('A process that is suspended for longer than a limit', () => {
  for (const limit of ['timeout', 'totalTimeout'] as const) {
    it(`emits an answer that came meanwhile, and no ${limit}`, async () => {
      const client = new RetryClient({ [limit]: 100, strategy: { attempts: 1 }, interceptors: [fromElsewhere] });
      const answer = await whileStandingStill(() => settled(client.get(url)));

      expect(answer.values.map(({ status }) => status)).toEqual([204]);
    });

    it(`errors with the ${limit} when no answer came`, async () => {
      const client = new RetryClient({
        [limit]: 100,
        strategy: { attempts: 1 },
        interceptors: [() => from(new Promise<never>(() => undefined))],
      });
      const answer = await whileStandingStill(() => settled(client.get(url)));

      expect(answer.error).toBeInstanceOf(HttpTimeoutError);
    });
  }
});
