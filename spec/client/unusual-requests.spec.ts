import { concat, type Observable, of, throwError } from 'rxjs';

import {
  type AttemptEvent,
  constant,
  HttpNetworkError,
  type HttpNetworkErrorDetails,
  type Interceptor,
  RetryClient,
  retryWithStrategy,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { only, settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const soon = { backoff: constant(0) };

describe('A header of an unusual type', () => {
  const sent = async (headers: object): Promise<Record<string, string>> => {
    const { interceptor, requests } = network(200);
    await only(
      new RetryClient({ interceptors: [interceptor] }).get(url, { headers: headers as Record<string, string> }),
    );
    return Object.fromEntries(requests[0]!.headers);
  };
  const refused = (headers: unknown, ...parts: string[]): void => {
    expectRefusal(
      () => new RetryClient().get(url, { headers: headers as Record<string, string> }),
      [TypeError],
      ...parts,
    );
  };

  it('can be a number or a boolean, which is sent as text', async () => {
    expect(await sent({ 'x-count': 3, 'x-on': false })).toEqual({ 'x-count': '3', 'x-on': 'false' });
    expect(await sent([['x-count', 0]])).toEqual({ 'x-count': '0' });
  });

  it('is refused when it would be sent as the name of its type', () => {
    for (const value of [null, {}, [], () => 'a', Symbol('a')]) refused({ 'x-a': value }, 'headers.x-a');
    refused([['x-a', undefined]], 'headers.x-a');
  });

  it('is refused when it is not a pair', () => {
    for (const entry of [['x-a'], ['x-a', '1', '2'], 'xa', { length: 2 }]) {
      refused([entry], 'array of [name, value] pairs');
    }
  });

  it('is refused with its name cut to 60 characters, or with what stands in place of a name', () => {
    refused([['x '.repeat(100), 'a']], `headers.${'x '.repeat(30)} must be`);
    refused([[null, 'a']], 'headers.null must be');
    refused([[{}, 'a']], 'headers.an object must be');
  });
});

describe('An error with permanent: true', () => {
  /** A request to two places, the first of which fails so. */
  const plotOf = async (method: string, details: Omit<HttpNetworkErrorDetails, 'attempt'>): Promise<string[]> => {
    const failing: Interceptor = ({ attempt, url: to }) =>
      to === url ? throwError(() => new HttpNetworkError({ attempt, ...details })) : of(new Response());
    const client = new RetryClient({ interceptors: [failing], strategy: soon });
    const events = listen(client.attempts$);
    await settled(client.request(method, [url, 'http://b.test/']));
    return plot(events);
  };

  it('is permanent for its URL only: the next URL is tried', async () => {
    expect(await plotOf('GET', { permanent: true })).toEqual(['start 1', 'retry 1', 'start 2', 'value 2', 'success 2']);
  });

  it('does not send a POST to the next URL, unless sent is false', async () => {
    expect(await plotOf('POST', { permanent: true })).toEqual(['start 1', 'failure 1 method']);
    expect(await plotOf('POST', { permanent: true, sent: false })).toEqual([
      'start 1',
      'retry 1',
      'start 2',
      'value 2',
      'success 2',
    ]);
  });

  it('is retried at the same URL when shouldRetry returns true', async () => {
    const client = new RetryClient({ strategy: { ...soon, attempts: 3, shouldRetry: () => true } });
    const events = listen(client.attempts$);
    await settled(client.get('http://'));
    expect(plot(events)).toEqual(['start 1', 'retry 1', 'start 2', 'retry 2', 'start 3', 'failure 3 attempts']);
  });

  it('counts only for the error classes of this package', async () => {
    const marked = Object.assign(new RangeError('of another'), { permanent: true, sent: false });
    const plotted = async (method: string): Promise<string[]> => {
      const client = new RetryClient({
        interceptors: [() => throwError(() => marked)],
        strategy: { ...soon, attempts: 2, errors: [RangeError] },
      });
      const events = listen(client.attempts$);
      await settled(client.request(method, url));
      return plot(events);
    };
    expect(await plotted('GET')).toEqual(['start 1', 'retry 1', 'start 2', 'failure 2 attempts']);
    expect(await plotted('POST')).toEqual(['start 1', 'failure 1 method']);
  });
});

describe('retryWithStrategy and permanent errors or hidden responses', () => {
  const verdict = (source: Observable<unknown>): string => {
    const events: AttemptEvent[] = [];
    inVirtualTime(({ flush }) => {
      source
        .pipe(retryWithStrategy({ ...soon, attempts: 2 }, { observe: 'attempts' }))
        .subscribe({ next: (event) => events.push(event), error: () => undefined });
      flush();
    });
    return plot(events)[1] ?? 'nothing';
  };

  it('does not retry an error that RetryClient marked as permanent', () => {
    const failure = (marks: object): Observable<never> => throwError(() => Object.assign(new Error('down'), marks));
    expect(verdict(failure({ name: 'HttpNetworkError', permanent: true }))).toBe('failure 1 permanent');
    expect(verdict(failure({ name: 'HttpNetworkError' }))).toBe('retry 1');
    expect(verdict(failure({ name: 'OtherError', permanent: true }))).toBe('retry 1');
  });

  it('retries a response of status 0, unless it is opaque', () => {
    const response = (type: string): Observable<Response> =>
      of(Object.defineProperties(new Response(), { status: { value: 0 }, type: { value: type } }));
    expect(verdict(response('error'))).toBe('retry 1');
    for (const type of ['opaque', 'opaqueredirect']) expect(verdict(response(type))).toBe('value 1');
  });
});

describe('A body of an unusual type', () => {
  it('that JSON cannot serialise is refused, with the reason as the cause', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    let thrown: unknown;
    try {
      void new RetryClient().post(url, circle);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect((thrown as Error).cause).toBeInstanceOf(TypeError);
  });

  it('of a class with toJSON() is sent as that JSON, and a Map is refused', async () => {
    class Money {
      toJSON(): unknown {
        return { euro: 5 };
      }
    }
    const { interceptor, requests } = network(200);
    await only(new RetryClient({ interceptors: [interceptor] }).post(url, new Money()));
    expect(requests[0]!.body).toBe('{"euro":5}');
    expectRefusal(() => new RetryClient().post(url, new Map() as never), [TypeError], 'body');
  });

  it('that a factory leaves out is no body', async () => {
    for (const none of [null, undefined]) {
      const { interceptor, requests } = network(200);
      await only(new RetryClient({ interceptors: [interceptor] }).post(url, () => none as null));
      expect(requests[0]!.body).toBeNull();
      expect(requests[0]!.init).toEqual({});
      expect(Object.fromEntries(requests[0]!.headers)).toEqual({});
    }
  });

  it('that is no stream is sent without duplex', async () => {
    for (const body of ['a', new Uint8Array(1), { a: 1 }, new URLSearchParams('a=1')]) {
      const { interceptor, requests } = network(200);
      await only(new RetryClient({ interceptors: [interceptor] }).post(url, body));
      expect(requests[0]!.init).toEqual({});
    }
  });
});

describe('An invalid URL is reported without the user and password before its @:', () => {
  const cases: readonly (readonly [url: string, told: string])[] = [
    ['http://me:secret@', 'http://'],
    ['HTTP://me:secret@', 'HTTP://'],
    ['  http://me:secret@', 'http://'],
    ['h2+x-1.0://me:secret@[', 'h2+x-1.0://['],
    ['//me:secret@[', '//['],
    ['\\\\me:secret@[', '\\\\['],
    ['https:me:secret@[', 'https:['],
    ['http://me:se\ncret@[', 'http://['],
    ['http://me:sec@ret@[', 'http://['],
    ['http://[/users/@me', 'http://me'],
  ];
  for (const [bad, told] of cases) {
    it(JSON.stringify(bad), async () => {
      const client = new RetryClient({ baseUrl: 'http://base.test', interceptors: [network(200).interceptor] });
      const events = listen(client.attempts$);
      const { error } = await settled(client.get(bad));
      expect(events.map(({ attempt }) => attempt.url)).toEqual([told, told]);
      expect(String(error)).toContain(`GET ${told}: `);
    });
  }

  it('a valid path with an @ is sent unchanged', async () => {
    const { interceptor, urls } = network(200);
    const client = new RetryClient({
      baseUrl: ['http://base.test', 'https://other.test'],
      interceptors: [interceptor],
    });
    const { error } = await settled(concat(client.get('/@me'), client.get('users/a:b@c', { params: { q: 1 } })));
    expect(error).toBeUndefined();
    expect(urls()).toEqual(['http://base.test/@me', 'http://base.test/users/a:b@c?q=1']);
  });
});
