import { constant, type HttpAttempt, RetryClient } from '../../src/index.js';
import { listen } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { only } from '../support/settled.js';

const url = 'http://a.test/';

describe('The context of a request', () => {
  it('is the same object in interceptors, selectors, the strategy and every event', async () => {
    const context = { trace: Symbol('span') };
    const seen: unknown[] = [];
    const { interceptor, requests } = network(503, 200);
    const client = new RetryClient({ interceptors: [interceptor] });
    const events = listen(client.attempts$);

    await only(
      client.get(url, {
        context,
        selector: (_, attempt) => {
          seen.push(attempt.context);
          return ['value'];
        },
        strategy: {
          backoff: ({ outcome }) => {
            seen.push((outcome.attempt as HttpAttempt).context);
            return 0;
          },
          shouldRetry: ({ attempt }) => {
            seen.push((attempt as HttpAttempt).context);
            return undefined;
          },
        },
      }),
    );
    seen.push(...requests.map(({ attempt }) => attempt.context), ...events.map(({ attempt }) => attempt.context));
    expect(seen.length).toBe(14);
    for (const contextSeen of seen) expect(contextSeen).toBe(context);
  });

  it('is in the attempt of an error', async () => {
    const context = { user: 1 };
    const client = new RetryClient({ interceptors: [network(404).interceptor] });

    await expectAsync(only(client.getJSON(url, { context }))).toBeRejectedWith(
      jasmine.objectContaining({ attempt: jasmine.objectContaining({ context }) }),
    );
  });

  it('is the request’s, else the client’s, else an empty object', async () => {
    const { interceptor, requests } = network(200);
    const [ofClient, ofRequest] = [{ who: 'client' }, { who: 'request' }];
    const client = new RetryClient({ context: ofClient, interceptors: [interceptor] });

    await only(client.get(url));
    await only(client.get(url, { context: ofRequest }));
    await only(client.extend({ context: ofRequest }).get(url));
    await only(new RetryClient({ interceptors: [interceptor] }).get(url));
    const contexts = requests.map(({ attempt }) => attempt.context);
    expect(contexts[0]).toBe(ofClient);
    expect(contexts[1]).toBe(ofRequest);
    expect(contexts[2]).toBe(ofRequest);
    expect(contexts[3]).toEqual({});
  });

  it('is merged field by field: the request’s over the client’s, and that over the extended client’s', async () => {
    const { interceptor, requests } = network(200);
    const root = new RetryClient({ context: { app: 'shop', who: 'root' }, interceptors: [interceptor] });
    const users = root.extend({ context: { who: 'users', upstream: 'users' } });

    await only(users.get(url, { context: { who: 'request', span: 7 } }));
    await only(users.get(url));
    expect(requests.map(({ attempt }) => attempt.context as unknown)).toEqual([
      { app: 'shop', who: 'request', upstream: 'users', span: 7 },
      { app: 'shop', who: 'users', upstream: 'users' },
    ]);
  });

  it('can be a frozen instance of a class, which is passed unchanged', async () => {
    class Span {
      readonly id = 7;
    }
    const context = Object.freeze(new Span());
    const { interceptor, requests } = network(503, 200);

    await only(
      new RetryClient({ interceptors: [interceptor] }).get(url, { context, strategy: { backoff: constant(0) } }),
    );
    for (const { attempt } of requests) expect(attempt.context as unknown).toBe(context);
  });

  for (const context of [5, 'user', null, true]) {
    it(`is refused when it is ${JSON.stringify(context)}`, () => {
      expectRefusal(
        () => new RetryClient({ context: context as unknown as object }),
        [TypeError],
        'context',
        String(context),
      );
      expectRefusal(
        () => new RetryClient().get(url, { context: context as unknown as object }),
        [TypeError],
        'context',
        String(context),
      );
    });
  }
});
