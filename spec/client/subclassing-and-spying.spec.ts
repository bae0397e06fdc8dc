import { type Observable, of } from 'rxjs';

import { type Observe, type RequestOptions, RetryClient, text, type UrlInput } from '../../src/index.js';
import { network } from '../support/scripted-network.js';
import { only } from '../support/settled.js';

const url = 'http://a.test/';
const NAMES = ['request', 'get', 'head', 'options', 'delete', 'post', 'put', 'patch', 'getJSON', 'requests'] as const;

/** The methods of a client as function properties, which may be detached from it. */
interface Detachable {
  readonly request: RetryClient['request'];
  readonly get: RetryClient['get'];
  readonly head: RetryClient['head'];
  readonly options: RetryClient['options'];
  readonly delete: RetryClient['delete'];
  readonly post: RetryClient['post'];
  readonly put: RetryClient['put'];
  readonly patch: RetryClient['patch'];
  readonly getJSON: RetryClient['getJSON'];
  readonly requests: RetryClient['requests'];
}

const detachable = (client: RetryClient): Detachable => client;

describe('The RetryClient class', () => {
  it('has its methods on the prototype', () => {
    for (const name of NAMES) {
      expect(Object.getOwnPropertyDescriptor(RetryClient.prototype, name)?.value).toBeInstanceOf(Function);
    }
  });

  it('can be subclassed with an override that calls super', async () => {
    class Traced extends RetryClient {
      readonly asked: UrlInput[] = [];

      override get(url: UrlInput, options?: RequestOptions<unknown, Observe>): Observable<never> {
        this.asked.push(url);
        return super.get(url, options) as Observable<never>;
      }
    }
    const traced = new Traced({ interceptors: [() => of(new Response('text'))] });
    const client: RetryClient = traced;
    const { get } = detachable(client);

    expect((await only(client.get(url))).status).toBe(200);
    expect(await only(client.get(url, { selector: text() }))).toBe('text');
    expect((await only(get('http://b.test/'))).status).toBe(200);
    expect(traced.asked).toEqual([url, url, 'http://b.test/']);
  });

  it('can be subclassed with a method that calls another one', async () => {
    class Typed extends RetryClient {
      getText(url: UrlInput, options?: RequestOptions): Observable<string> {
        return this.get(url, { ...options, selector: text() });
      }
    }

    expect(await only(new Typed({ interceptors: [() => of(new Response('text'))] }).getText(url))).toBe('text');
  });

  it('can be spied on by its prototype, for clients made before too', async () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor] });
    const { post } = detachable(client);
    const get = spyOn(RetryClient.prototype, 'get').and.returnValue(of('spied'));
    const posted = spyOn(RetryClient.prototype, 'post').and.callThrough();

    expect(await only<unknown>(client.get(url))).toBe('spied');
    expect(await only<unknown>(new RetryClient().get(url))).toBe('spied');
    expect(get.calls.allArgs()).toEqual([[url], [url]] as never);
    await only(post(url, 'content'));
    expect(posted.calls.mostRecent().object).toBe(client);
    expect(requests.map(({ method }) => method)).toEqual(['POST']);
  });

  it('can have one method of one client spied on', async () => {
    const client = new RetryClient({ interceptors: [() => of(new Response())] });
    spyOn(client, 'getJSON').and.returnValue(of({ name: 'Ada' }));

    expect(await only(client.getJSON(url))).toEqual({ name: 'Ada' });
    expect((await only(client.get(url))).status).toBe(200);
  });

  it('works behind a Proxy, as stores and frameworks wrap objects', async () => {
    const client = new RetryClient({ interceptors: [() => of(new Response())] });

    expect((await only(new Proxy(client, {}).get(url))).status).toBe(200);
  });

  it('has methods that work when detached from the client', async () => {
    const { interceptor, requests } = network(...NAMES.map(() => 200));
    const {
      request,
      get,
      head,
      options,
      delete: remove,
      post,
      put,
      patch,
      requests: list,
    } = detachable(new RetryClient({ interceptors: [interceptor] }));
    const { getJSON } = detachable(new RetryClient({ interceptors: [() => of(new Response('{"a":1}'))] }));

    for (const call of [get, head, options, remove, post, put, patch]) {
      await only((call as (url: string) => Observable<Response>)(url));
    }
    await only(request('QUERY', url));
    await only(list([{ url, method: 'PUT' }]));
    expect(requests.map(({ method }) => method)).toEqual([
      'GET',
      'HEAD',
      'OPTIONS',
      'DELETE',
      'POST',
      'PUT',
      'PATCH',
      'QUERY',
      'PUT',
    ]);
    expect(await only(getJSON(url))).toEqual({ a: 1 });
  });

  it('detaches the methods of an extension with the extension’s options', async () => {
    const { interceptor, urls } = network(200, 200);
    const parent = new RetryClient({ interceptors: [interceptor] });
    const { get } = detachable(parent.extend({ params: { a: 1 } }));

    await only(get(url));
    await only(parent.get(url));
    expect(urls()).toEqual([`${url}?a=1`, url]);
  });
});
