import { constant, HttpStatusError, RetryClient } from '../../src/index.js';
import { network } from '../support/scripted-network.js';
import { failureOf } from '../support/settled.js';
import { testServer } from '../support/test-server.js';

describe('An attempt after another one', () => {
  it('aborts the body that a selector reads in a second attempt', async () => {
    const api = await testServer();
    const client = new RetryClient({ strategy: { backoff: constant(1) } });
    await new Promise<void>((reading) => {
      const subscription = client
        .get(api.url('later', [{ status: 503 }, { stall: 'body' }]), {
          selector: (response) => {
            queueMicrotask(() => {
              subscription.unsubscribe();
              reading();
            });
            return response.text();
          },
        })
        .subscribe({ error: fail });
    });

    expect((await api.ended('later', 2)).aborted).toBeTrue();
    await api.close();
  });

  it('is retried when shouldRetry returns true for an error that a selector throws', async () => {
    const other = await failureOf(
      new RetryClient({ interceptors: [network(404).interceptor], throwHttpErrors: true }).get('http://b.test/'),
    );
    const { interceptor, requests } = network(200);
    const client = new RetryClient({
      interceptors: [interceptor],
      strategy: { backoff: constant(0), attempts: 2, shouldRetry: ({ kind }) => (kind === 'error' ? true : undefined) },
    });
    const selector = (): never => {
      throw other;
    };

    expect(other).toBeInstanceOf(HttpStatusError);
    expect(await failureOf(client.get('http://a.test/', { selector }))).toBe(other);
    expect(requests.length).toBe(2);
  });
});
