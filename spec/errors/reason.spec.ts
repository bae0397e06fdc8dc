import { of } from 'rxjs';

import {
  constant,
  type HttpAttempt,
  HttpNetworkError,
  HttpTimeoutError,
  isHttpError,
  RetryClient,
} from '../../src/index.js';
import { network } from '../support/scripted-network.js';
import { failureOf } from '../support/settled.js';

const url = 'http://a.test/';
const strategy = { attempts: 2, backoff: constant(0) };
const refused = (attempt: HttpAttempt): HttpNetworkError => new HttpNetworkError({ attempt, summary: 'refused' });

describe('The reason of an error', () => {
  it('is why nothing more was tried, in toString() and toJSON() in words', async () => {
    const client = new RetryClient({ strategy, interceptors: [network(503).interceptor], throwHttpErrors: true });
    const error = (await failureOf(client.get(url))) as HttpNetworkError;

    expect(error.reason).toBe('attempts');
    expect(String(error)).toBe('HttpStatusError: GET http://a.test/: 503 (attempt 2 of 2): no attempt is left');
    expect(error.message).toBe('GET http://a.test/: 503 (attempt 2 of 2)');
    expect(error.toJSON()).toEqual(jasmine.objectContaining({ reason: 'attempts', gaveUp: 'no attempt is left' }));
  });

  for (const [reason, request] of [
    ['permanent', (client: RetryClient) => client.getJSON(url)],
    ['method', (client: RetryClient) => client.post(url, 'x', { throwHttpErrors: true })],
  ] as const) {
    it(`is ${reason}`, async () => {
      const status = reason === 'permanent' ? 404 : 503;
      const error = await failureOf(
        request(new RetryClient({ strategy, interceptors: [network(status).interceptor] })),
      );

      expect((error as HttpNetworkError).reason).toBe(reason);
    });
  }

  it('is the deadline if totalTimeout has expired', async () => {
    const client = new RetryClient({ totalTimeout: 20, fetch: () => new Promise(() => undefined) });
    const error = (await failureOf(client.get(url))) as HttpTimeoutError;

    expect([error.name, error.reason]).toEqual(['HttpTimeoutError', 'deadline']);
  });

  it('is set once, by the request that the error was made for', async () => {
    const elsewhere: HttpAttempt = {
      number: 1,
      of: 1,
      requestId: 'other',
      startedAt: 0,
      method: 'GET',
      url,
      context: {},
    };
    const ofAnother = refused(elsewhere);
    const client = new RetryClient({ strategy: { attempts: 1 }, interceptors: [network(ofAnother).interceptor] });
    await failureOf(client.get(url));
    expect(ofAnother.reason).toBeUndefined();

    const inner = new RetryClient({
      strategy: { attempts: 1 },
      interceptors: [({ attempt }) => network(refused(attempt)).interceptor({ attempt } as never, () => of())],
    });
    const outer = new RetryClient({ strategy, interceptors: [() => inner.get(url)] });
    const error = await failureOf(outer.get(url));
    expect(isHttpError(error) && error.reason).toBe('attempts');
  });

  it('is absent if the request went on', async () => {
    const seen: (string | undefined)[] = [];
    const client = new RetryClient({
      strategy,
      interceptors: [({ attempt }) => network(refused(attempt)).interceptor({ attempt } as never, () => of())],
    });
    client.attempts$.subscribe((event) => {
      if (event.type === 'retry' && event.outcome.kind === 'error') {
        seen.push((event.outcome.error as HttpNetworkError).reason);
      }
    });
    await failureOf(client.get(url));

    expect(seen).toEqual([undefined]);
  });
});
