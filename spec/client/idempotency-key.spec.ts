import { NEVER, of } from 'rxjs';

import {
  type ClientOptions,
  constant,
  hedging,
  type RequestOptions,
  RetryClient,
  type RetryStrategy,
} from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { type Answer, bodiless, network, type ScriptedNetwork } from '../support/scripted-network.js';
import { failureOf, settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/orders';
const header = 'idempotency-key';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Sends a POST; returns the network, which knows its requests. */
async function post(
  answers: readonly Answer[],
  options: RequestOptions = {},
  clientOptions: ClientOptions = {},
  method = 'POST',
): Promise<ScriptedNetwork & { readonly status: number | undefined }> {
  const played = network(...answers);
  const client = new RetryClient({
    strategy: { backoff: constant(0) },
    ...clientOptions,
    interceptors: [played.interceptor],
  });
  const { values } = await settled(
    client.request(method, url, { body: method === 'GET' ? null : 'order', ...options }),
  );
  return { ...played, status: values[0]?.status };
}
const sendings = async (...args: Parameters<typeof post>): Promise<number> => (await post(...args)).requests.length;

describe('idempotencyKey', () => {
  describe('makes the Idempotency-Key of a request:', () => {
    it('true makes a random UUID, the same in all attempts, so that a POST or PATCH is retried', async () => {
      for (const method of ['POST', 'PATCH', 'post', 'patch']) {
        const { header: headers } = await post([503, 503, 200], { idempotencyKey: true }, {}, method);
        const keys = headers(header);
        expect(keys.length).withContext(method).toBe(3);
        expect(keys[0]).toMatch(UUID);
        expect(new Set(keys).size).toBe(1);
      }
    });

    it('a string is the key, as it is', async () => {
      const { header: headers } = await post([503, 200], { idempotencyKey: 'KG5LxwFBepaKHyUD' });
      expect(headers(header)).toEqual(['KG5LxwFBepaKHyUD', 'KG5LxwFBepaKHyUD']);
      const quoted = await post([200], { idempotencyKey: '"8e03978e-40d5"' });
      expect(quoted.header(header)).toEqual(['"8e03978e-40d5"']);
    });

    it('a function is called once for each subscription', async () => {
      let calls = 0;
      const { header: headers } = await post([503, 503, 200], {
        idempotencyKey: () => `order-${String((calls += 1))}`,
      });
      expect(headers(header)).toEqual(['order-1', 'order-1', 'order-1']);
      expect(calls).toBe(1);
    });

    it("the client's true or function is for each request, and false in a request turns it off", async () => {
      let calls = 0;
      const byFunction = { idempotencyKey: () => `order-${String((calls += 1))}` };
      expect((await post([200], {}, byFunction)).header(header)).toEqual(['order-1']);
      expect((await post([200], {}, byFunction)).header(header)).toEqual(['order-2']);
      expect((await post([200], {}, { idempotencyKey: true })).header(header)[0]).toMatch(UUID);
      expect((await post([200], { idempotencyKey: 'mine' }, byFunction)).header(header)).toEqual(['mine']);
      const off = await post([503], { idempotencyKey: false }, byFunction);
      expect(off.header(header)).toEqual([null]);
      expect((await post([200], { idempotencyKey: undefined }, { idempotencyKey: true })).header(header)[0]).toMatch(
        UUID,
      );
      expect(calls).toBe(2);
    });

    it('extend() inherits and replaces it', async () => {
      const played = network(200);
      const client = new RetryClient({ idempotencyKey: () => 'parent', interceptors: [played.interceptor] });
      await settled(client.extend({ timeout: 1000 }).post(url, 'a'));
      await settled(client.extend({ idempotencyKey: false }).post(url, 'a'));
      expect(played.header(header)).toEqual(['parent', null]);
    });

    it('a new subscription has a new one', async () => {
      const played = network(200);
      const orders = new RetryClient({ interceptors: [played.interceptor] }).post(url, 'a', { idempotencyKey: true });
      await settled(orders);
      await settled(orders);
      expect(new Set(played.header(header)).size).toBe(2);
    });

    it('the same in failover, and in requests()', async () => {
      const played = network(503);
      const client = new RetryClient({
        interceptors: [played.interceptor],
        strategy: { backoff: constant(0) },
        idempotencyKey: true,
      });
      await settled(client.post([url, 'http://b.test/orders'], 'a', { strategy: { attempts: 4 } }));
      expect(new Set(played.header(header)).size).toBe(1);
      expect(played.urls().length).toBe(4);
      await settled(
        client.requests([
          { method: 'POST', url },
          { method: 'GET', url },
          { method: 'PATCH', url },
        ]),
      );
      const [first, second, third] = played.header(header).slice(4);
      expect(first).toMatch(UUID);
      expect([second, third]).toEqual([null, first!]);
    });

    it('the same in hedges', () => {
      inVirtualTime(({ flush }) => {
        const played = network(NEVER, of(new Response()));
        const client = new RetryClient({
          interceptors: [played.interceptor],
          strategy: { hedge: hedging({ after: 10 }) },
        });
        client.post(url, 'a', { idempotencyKey: true }).subscribe();
        flush();
        const [first, second] = played.header(header);
        expect(first).toMatch(UUID);
        expect(second).toBe(first);
      });
    });

    it('none for other methods', async () => {
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'QUERY', 'PROPFIND', 'LOCK']) {
        const played = network(200);
        const client = new RetryClient({ interceptors: [played.interceptor], idempotencyKey: true });
        await settled(client.request(method, url));
        expect(played.header(header)).withContext(method).toEqual([null]);
      }
    });

    it('without crypto.randomUUID, which insecure contexts do not have, by random bytes', async () => {
      const own = Object.getOwnPropertyDescriptor(globalThis.crypto, 'randomUUID');
      Object.defineProperty(globalThis.crypto, 'randomUUID', { value: undefined, configurable: true });
      try {
        const keys = new Set<string | null>();
        for (let count = 0; count < 20; count += 1) {
          const key = (await post([200], { idempotencyKey: true })).header(header)[0]!;
          expect(key).toMatch(UUID);
          keys.add(key);
        }
        expect(keys.size).toBe(20);
      } finally {
        if (own) Object.defineProperty(globalThis.crypto, 'randomUUID', own);
        else Reflect.deleteProperty(globalThis.crypto, 'randomUUID');
      }
    });
  });

  describe('decides by status:', () => {
    const keyed: RequestOptions = { idempotencyKey: true };

    it('409 is retried, the request is in progress', async () => {
      const { requests, status } = await post([409, 409, 201], keyed);
      expect([requests.length, status]).toEqual([3, 201]);
      expect(await sendings([409], { ...keyed, strategy: { attempts: 2 } })).toBe(2);
    });

    it('409 waits as long as Retry-After asks for', () => {
      inVirtualTime(({ flush }) => {
        const played = network(bodiless(409, { 'retry-after': '2' }), 200);
        const client = new RetryClient({ interceptors: [played.interceptor], strategy: { random: () => 0 } });
        const times: number[] = [];
        client.post(url, 'a', { ...keyed, observe: 'attempts' }).subscribe((event) => {
          if (event.type === 'retry') times.push(event.delay);
        });
        flush();
        expect(times).toEqual([2000]);
      });
    });

    it('400 and 422 are not, even if `statuses` lists them', async () => {
      for (const status of [400, 422]) {
        expect(await sendings([status], { ...keyed, strategy: { statuses: [status] } })).toBe(1);
        // For comparison.
        expect(await sendings([status], { strategy: { statuses: [status], methods: ['POST'] } })).toBe(3);
      }
    });

    it('shouldRetry has precedence', async () => {
      const shouldRetry = (answer: boolean | undefined): RetryStrategy => ({ shouldRetry: () => answer });
      expect(await sendings([400], { ...keyed, strategy: shouldRetry(true) })).toBe(3);
      expect(await sendings([409], { ...keyed, strategy: shouldRetry(false) })).toBe(1);
      expect(await sendings([409], { ...keyed, strategy: shouldRetry(undefined) })).toBe(3);
      expect(await sendings([422], { ...keyed, strategy: shouldRetry(undefined) })).toBe(1);
    });

    it('the others are decided as for a GET', async () => {
      for (const [status, count] of [
        [200, 1],
        [404, 1],
        [412, 1],
        [429, 3],
        [500, 3],
        [503, 3],
      ] as const) {
        expect(await sendings([status], keyed))
          .withContext(String(status))
          .toBe(count);
      }
    });

    it('409 that an interceptor throws is retried, too', async () => {
      const thrown = Object.assign(new Error('conflict'), { response: new Response(null, { status: 409 }) });
      expect(await sendings([thrown, 200], keyed)).toBe(2);
    });

    it('a value that is read from a 409, or a body that breaks off, is none of them', async () => {
      const strategy: RetryStrategy = { shouldRetry: ({ kind }) => (kind === 'response' ? false : undefined) };
      const selector = (response: Response) => of(response.status);
      const played = network(409);
      const client = new RetryClient({ interceptors: [played.interceptor], strategy: { backoff: constant(0) } });
      const read = await settled(client.post(url, 'a', { ...keyed, selector, strategy, throwHttpErrors: false }));
      expect(read.values).toEqual([409]);
      expect(played.requests.length).toBe(1);
    });

    it('without the option none of this changes, and a header set by hand wins', async () => {
      expect(await sendings([409])).toBe(1);
      const byHand = { headers: { 'Idempotency-Key': 'by-hand' } };
      expect(await sendings([409], byHand)).toBe(1);
      expect(await sendings([503], byHand)).toBe(3);
      const { requests, header: headers } = await post([409], { ...byHand, ...keyed });
      expect(requests.length).toBe(1);
      expect(headers(header)).toEqual(['by-hand']);
      expect(await sendings([422], { ...byHand, ...keyed, strategy: { statuses: [422] } })).toBe(3);
      expect((await post([200], byHand, { idempotencyKey: true })).header(header)).toEqual(['by-hand']);
      expect((await post([200], keyed, byHand)).header(header)).toEqual(['by-hand']);
    });

    it('of an entry of requests() with a header of its own, that counts', async () => {
      const played = network(409);
      const client = new RetryClient({ interceptors: [played.interceptor], strategy: { backoff: constant(0) } });
      await settled(
        client.requests(
          [
            { method: 'POST', url },
            { method: 'POST', url, headers: { [header]: 'by-hand' } },
          ],
          keyed,
        ),
      );
      expect(played.header(header).map((key) => UUID.test(key!))).toEqual([true, false]);
    });
  });

  it('does not send a single-use body again', async () => {
    const { requests, status } = await post([503], { idempotencyKey: true, body: new ReadableStream() });
    expect([requests.length, status]).toEqual([1, 503]);
  });

  it('is refused by name, where it is passed', () => {
    const client = new RetryClient();
    expectRefusal(() => new RetryClient({ idempotencyKey: 'one' as never }), [TypeError], 'idempotencyKey');
    expectRefusal(() => client.extend({ idempotencyKey: 'one' as never }), [TypeError], 'idempotencyKey');
    for (const key of [5, null, {}, '', 'with space', 'schlüssel', 'a\nb', 'a\u0000']) {
      expectRefusal(
        () => client.post(url, null, { idempotencyKey: key as never }),
        [TypeError, RangeError],
        'idempotencyKey',
      );
    }
    expectRefusal(() => client.post(url, null, { idempotencykey: true } as never), [TypeError], 'idempotencyKey');
  });

  it('that throws, or returns something else, ends the request with an error that names it; nothing is sent', async () => {
    const played = network(200);
    const client = new RetryClient({ interceptors: [played.interceptor] });
    const bug = new Error('a bug');
    const fail = (): string => {
      throw bug;
    };
    expect(await failureOf(client.post(url, null, { idempotencyKey: fail }))).toBe(bug);
    for (const rubbish of [undefined, null, 5, '', 'a b', 'ü', true, Promise.resolve('a')]) {
      const error = await failureOf(client.post(url, null, { idempotencyKey: () => rubbish as never }));
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toContain('idempotencyKey');
    }
    expect(played.requests).toEqual([]);
  });
});
