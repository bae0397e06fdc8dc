import { constant, type Interceptor, RetryClient } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { network } from '../support/scripted-network.js';
import { only } from '../support/settled.js';

const url = 'http://a.test/';

describe('extend()', () => {
  it('merges options over the parent’s: headers and params by name, the strategy by field, others replaced', async () => {
    const { interceptor, requests } = network(503);
    const parent = new RetryClient({
      baseUrl: 'http://a.test/v1/',
      headers: { a: 'parent', b: 'parent' },
      params: { p: 'parent', q: 'parent' },
      strategy: { attempts: 2, backoff: constant(0) },
      credentials: 'omit',
      cache: 'no-store',
      interceptors: [interceptor],
    });
    const child = parent.extend({
      baseUrl: 'http://b.test/',
      headers: { B: 'child' },
      params: { q: 'child' },
      strategy: { statuses: [418] },
      cache: 'reload',
    });

    await only(child.get('x'));
    const [request, second, third] = requests;
    expect([second === undefined, third === undefined]).toEqual([false, true]);
    expect(request?.url).toBe('http://b.test/x?p=parent&q=child');
    expect(Object.fromEntries(request!.headers)).toEqual({ a: 'parent', b: 'child' });
    expect(request?.init).toEqual({ credentials: 'omit', cache: 'reload' });
  });

  it('leaves the options of the parent unchanged', async () => {
    const { interceptor, requests } = network(200);
    const parent = new RetryClient({ headers: { a: 'parent' }, interceptors: [interceptor] });
    parent.extend({ headers: { a: 'child' }, interceptors: [() => [] as never], baseUrl: 'http://b.test/' });

    await only(parent.get(url));
    expect(requests.map(({ headers }) => headers.get('a'))).toEqual(['parent']);
  });

  it('appends interceptors to the parent’s', async () => {
    const order: string[] = [];
    const named =
      (name: string): Interceptor =>
      (request, next) => {
        order.push(name);
        return next(request);
      };
    const fetch = () => Promise.resolve(new Response());
    const client = new RetryClient({ fetch, interceptors: [named('parent 1'), named('parent 2')] }).extend({
      interceptors: [named('child')],
    });

    await only(client.get(url));
    await only(client.extend({ interceptors: [] }).get(url));
    expect(order).toEqual(['parent 1', 'parent 2', 'child', 'parent 1', 'parent 2', 'child']);
  });

  it('shares the parent’s attempts$ and transport', async () => {
    let calls = 0;
    const parent = new RetryClient({ fetch: () => ((calls += 1), Promise.resolve(new Response())) });
    const child = parent.extend({ headers: { a: '1' } });
    const [ofParent, ofChild] = [listen(parent.attempts$), listen(child.attempts$)];

    await only(child.get(url));
    await only(parent.get(url));
    expect(calls).toBe(2);
    expect(plot(ofParent)).toEqual([
      'start 1',
      'response 1',
      'value 1',
      'success 1',
      'start 1',
      'response 1',
      'value 1',
      'success 1',
    ]);
    expect(ofChild).toEqual(ofParent);
  });

  it('can replace the transport', async () => {
    const parent = new RetryClient({ fetch: () => Promise.resolve(new Response('parent')) });
    const child = parent.extend({ fetch: () => Promise.resolve(new Response('child')) });

    expect(await (await only(child.get(url))).text()).toBe('child');
    expect(await (await only(parent.get(url))).text()).toBe('parent');
  });

  it('returns a RetryClient', () => {
    expect(new RetryClient().extend({})).toBeInstanceOf(RetryClient);
  });
});
