import { constant, RetryClient } from '../../src/index.js';
import { failureOf } from '../support/settled.js';

describe('Where the platform has no web streams and no Request', () => {
  const missing = ['ReadableStream', 'Request'] as const;
  const platform = missing.map((name) => Object.getOwnPropertyDescriptor(globalThis, name)!);
  beforeEach(() => {
    // Node creates its own on first access, and needs streams for that.
    expect(new Response()).toBeDefined();
    for (const name of missing) Reflect.deleteProperty(globalThis, name);
  });
  afterEach(() => {
    missing.forEach((name, index) => Object.defineProperty(globalThis, name, platform[index]!));
  });

  for (const cause of [undefined, Object.assign(new Error('reset'), { code: 'ECONNRESET' })]) {
    it(`a transport's failure ${cause ? 'with' : 'without'} a cause is tried again, and explained`, async () => {
      let calls = 0;
      const fetch = (): Promise<Response> => {
        calls += 1;
        return Promise.reject(new TypeError('fetch failed', { cause }));
      };
      const error = await failureOf(
        new RetryClient({ fetch, strategy: { backoff: constant(0) } }).get('http://a.test/'),
      );
      expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError' }));
      expect(calls).toBe(3);
    });
  }
});
