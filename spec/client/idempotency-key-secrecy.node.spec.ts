import { constant, HttpStatusError, logAttempts, RetryClient } from '../../src/index.js';
import { findSecret } from '../support/find-secret.js';
import { network } from '../support/scripted-network.js';
import { failureOf } from '../support/settled.js';

describe('The key of idempotencyKey', () => {
  it('is not in events, errors or logs', async () => {
    const secret = 'SECRET-0123456789';
    const played = network(503, () => new Response('no', { status: 409 }), 500);
    const client = new RetryClient({ interceptors: [played.interceptor], strategy: { backoff: constant(0) } });
    const seen: unknown[] = [];
    const log = (...args: unknown[]) => seen.push(args);
    client.attempts$.subscribe((event) => seen.push(event));
    client.attempts$.subscribe(logAttempts({ debug: log, info: log, warn: log, error: log }));
    const error = await failureOf(
      client.post('http://a.test/', 'a', { idempotencyKey: secret, throwHttpErrors: true }),
    );
    expect(error).toBeInstanceOf(HttpStatusError);
    expect(played.header('idempotency-key')).toEqual([secret, secret, secret]);
    expect(seen.length).toBeGreaterThan(6);
    expect(findSecret(seen, [secret])).toBeUndefined();
    expect(findSecret(error, [secret])).toBeUndefined();
  });
});
