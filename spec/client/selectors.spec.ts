import { concat, config, EMPTY, from, NEVER, Observable, of, Subject, type Subscriber, throwError, timer } from 'rxjs';

import {
  type AttemptRequest,
  constant,
  HttpNetworkError,
  HttpParseError,
  json,
  type ResumableReading,
  type ResumableSelector,
  RetryClient,
  type SelectorFunction,
  text,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { formatEvent, watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const noDelay = { backoff: constant(0) };
const broken = (attempt: HttpNetworkError['attempt']) => new HttpNetworkError({ attempt, phase: 'body' });

/** Emits the chunks of a body as text, as they arrive. */
const decodedChunks: SelectorFunction<string> = (response) =>
  from(response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>);

describe('A selector', () => {
  it('gets the response and the attempt, and can return any ObservableInput', async () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor] });
    const inputs: SelectorFunction<string>[] = [
      ({ status }, { number }) => of(`${status} ${number}`),
      ({ status }, { number }) => [`${status} ${number}`],
      ({ status }, { number }) => Promise.resolve(`${status} ${number}`),
      async function* ({ status }, { number }) {
        await Promise.resolve();
        yield `${status} ${number}`;
      },
    ];

    for (const selector of inputs) expect(await only(client.get(url, { selector }))).toBe('200 1');
  });

  it('can emit many values, or none', async () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor] });
    const events = listen(client.attempts$);

    expect(await settled(client.get(url, { selector: () => [1, 2, 3] }))).toEqual({ values: [1, 2, 3] });
    expect(await settled(client.get(url, { selector: () => EMPTY }))).toEqual({ values: [] });
    expect(plot(events)).toEqual([
      'start 1',
      'response 1',
      'value 1',
      'value 1',
      'value 1',
      'success 1',
      'start 1',
      'response 1',
      'success 1',
    ]);
  });

  it('has its Observable torn down when it completes, errors, or is unsubscribed', async () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor] });
    const ends: string[] = [];
    const ending = (name: string, end: (subscriber: Subscriber<string>) => void) =>
      client.get(url, {
        selector: () =>
          new Observable<string>((subscriber) => {
            subscriber.next(name);
            end(subscriber);
            return () => ends.push(name);
          }),
      });

    await settled(
      ending('completes', (subscriber) => {
        subscriber.complete();
      }),
    );
    expect(ends).toEqual(['completes']);
    await settled(
      ending('errors', (subscriber) => {
        subscriber.error(new Error('a bug'));
      }),
    );
    expect(ends).toEqual(['completes', 'errors']);
    ending('is left', () => undefined)
      .subscribe()
      .unsubscribe();
    expect(ends).toEqual(['completes', 'errors', 'is left']);
  });

  it('whose teardown throws has its values emitted, and its error reported by RxJS', async () => {
    const bug = new Error('a bug');
    const reported: unknown[] = [];
    const before = config.onUnhandledError;
    config.onUnhandledError = (error) => reported.push(error);
    try {
      const client = new RetryClient({ interceptors: [network(200).interceptor] });
      const selector = () =>
        new Observable<string>((subscriber) => {
          subscriber.next('value');
          subscriber.complete();
          return () => {
            throw bug;
          };
        });

      expect(await only(client.get(url, { selector }))).toBe('value');
      await only(timer(0));
    } finally {
      config.onUnhandledError = before;
    }
    expect(reported.map((error) => (error as { errors?: unknown[] }).errors?.[0] ?? error)).toEqual([bug]);
  });

  it('is called once, for the accepted response', async () => {
    const seen: number[] = [];
    const client = new RetryClient({ interceptors: [network(503, 502, 201).interceptor], strategy: noDelay });

    await only(client.get(url, { selector: ({ status }) => [seen.push(status)] }));
    expect(seen).toEqual([201]);
  });

  it('that throws or errors ends the request with that error, and is not retried', async () => {
    const bug = new Error('a bug');
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
    const events = listen(client.attempts$);
    const throwing = (): string[] => {
      throw bug;
    };

    expect(await failureOf(client.get(url, { selector: throwing }))).toBe(bug);
    expect(await failureOf(client.get(url, { selector: () => throwError(() => bug) }))).toBe(bug);
    expect(await failureOf(client.get(url, { selector: () => Promise.reject(bug) }))).toBe(bug);
    expect(requests.length).toBe(3);
    expect(plot(events)).toEqual(Array(3).fill(['start 1', 'response 1', 'failure 1 permanent']).flat());
  });

  it('that fails by another request ends the request with that error, and is not retried', async () => {
    const failing = throwError(
      () =>
        new HttpNetworkError({
          attempt: { number: 1, of: 1, requestId: 'another', startedAt: 0, method: 'GET', url, context: {} },
        }),
    );
    for (const answer of [failing, 503]) {
      const other = network(answer);
      const own = network(200);
      const inner = new RetryClient({ interceptors: [other.interceptor], strategy: { ...noDelay, attempts: 2 } });
      const client = new RetryClient({ interceptors: [own.interceptor], strategy: noDelay });
      const error = await failureOf(client.get(url, { selector: () => inner.get(url, { selector: text() }) }));

      expect((error as Error).name).toBe(answer === 503 ? 'HttpStatusError' : 'HttpNetworkError');
      expect([own.requests.length, other.requests.length]).toEqual([1, 2]);
    }
  });

  it('that returns no ObservableInput ends the request with a TypeError', async () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: noDelay });

    expect(await failureOf(client.get(url, { selector: (() => 5) as never }))).toBeInstanceOf(TypeError);
  });

  it('is retried after an error that the strategy lists', async () => {
    class Incomplete extends Error {}
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { ...noDelay, errors: [Incomplete] } });
    const selector: SelectorFunction<string> = (_, { number }) =>
      number < 3 ? throwError(() => new Incomplete()) : ['whole'];

    expect(await only(client.get(url, { selector }))).toBe('whole');
    expect(requests.length).toBe(3);
  });

  it('that returns its response does not make shouldRetry decide on it again', async () => {
    const judged: string[] = [];
    const selector: SelectorFunction<Response> = (response) => [response];
    const client = new RetryClient({
      interceptors: [network(200).interceptor],
      strategy: { ...noDelay, shouldRetry: ({ kind }) => void judged.push(kind) },
    });

    const { values } = await settled(client.get(url, { selector }));
    expect(values.length).toBe(1);
    expect(judged).toEqual(['response']);
  });

  it('that returns another Response makes shouldRetry decide on it as a value', async () => {
    const judged: string[] = [];
    const client = new RetryClient({
      interceptors: [network(200).interceptor],
      strategy: {
        ...noDelay,
        shouldRetry: ({ kind, response }) => void judged.push(`${kind} of ${String(response?.status)}`),
      },
    });

    await settled(client.get(url, { selector: () => [new Response(null, { status: 201 })] }));
    expect(judged).toEqual(['response of 200', 'value of 200']);
  });

  it('that reads the last error response when the request is unsubscribed leaves a failure event, not cancel', () => {
    const client = new RetryClient({
      interceptors: [network(503).interceptor],
      strategy: { ...noDelay, attempts: 1 },
      throwHttpErrors: false,
    });
    const events = listen(client.attempts$);
    const run = client.get(url, { selector: () => concat(of(1), NEVER) }).subscribe();
    run.unsubscribe();

    expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'failure 1 attempts']);
  });

  it('that fails while it reads the last error response fails with reason attempts', async () => {
    const client = new RetryClient({
      interceptors: [network(503).interceptor],
      strategy: { ...noDelay, attempts: 1 },
      throwHttpErrors: false,
    });
    const events = listen(client.attempts$);
    const broken: SelectorFunction<never> = (_, attempt) => {
      throw new HttpNetworkError({ attempt, phase: 'body' });
    };
    await settled(client.get(url, { selector: broken }));

    expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 attempts']);
  });

  describe('that is a function', () => {
    it('is retried while it has emitted nothing', async () => {
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: noDelay });
      const selector: SelectorFunction<number> = (_, attempt) =>
        attempt.number < 3 ? throwError(() => broken(attempt)) : [attempt.number];

      expect(await settled(client.get(url, { selector }))).toEqual({ values: [3] });
    });

    it('fails with reason partial after it has emitted, so that no value is emitted twice', async () => {
      const { interceptor, requests } = network(200);
      const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
      const events = listen(client.attempts$);
      const selector: SelectorFunction<string> = (_, attempt) =>
        concat(
          of('line'),
          throwError(() => broken(attempt)),
        );

      const { values, error } = await settled(client.get(url, { selector }));
      expect(values).toEqual(['line']);
      expect(error).toBeInstanceOf(HttpNetworkError);
      expect(requests.length).toBe(1);
      expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'failure 1 partial']);
    });

    it('fails with reason partial also when shouldRetry returns true', async () => {
      const client = new RetryClient({
        interceptors: [network(200).interceptor],
        strategy: { ...noDelay, shouldRetry: ({ kind }) => kind === 'error' },
      });
      const events = listen(client.attempts$);
      const selector = () =>
        concat(
          of('line'),
          throwError(() => new Error('a bug')),
        );

      expect((await settled(client.get(url, { selector }))).values).toEqual(['line']);
      expect(plot(events).at(-1)).toBe('failure 1 partial');
    });
  });

  describe('over the wire', () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    const client = new RetryClient({ strategy: noDelay });

    it('gets a Response with instanceof, url, redirected, ok, headers and clone()', async () => {
      const target = api.url('target', { body: 'body', headers: { 'x-own': '1' }, status: 201 });
      const seen = await only(
        client.get(api.url('redirect', { redirect: target }), {
          selector: async (response) => ({
            is: response instanceof Response,
            url: response.url,
            redirected: response.redirected,
            ok: response.ok,
            status: response.status,
            own: response.headers.get('x-own'),
            text: [await response.clone().text(), await response.text()],
            used: response.bodyUsed,
          }),
        }),
      );

      expect(seen).toEqual({
        is: true,
        url: target,
        redirected: true,
        ok: true,
        status: 201,
        own: '1',
        text: ['body', 'body'],
        used: true,
      });
    });

    it('can read a body by every method of fetch’s Response', async () => {
      const target = api.url('ways', { json: { a: 1 }, headers: { 'Content-Type': 'application/x-own' } });
      const read = <T>(selector: (response: Response) => Promise<T>) => only(client.get(target, { selector }));

      expect(await read((response) => response.json())).toEqual({ a: 1 });
      expect(await read((response) => response.text())).toBe('{"a":1}');
      expect((await read((response) => response.arrayBuffer())).byteLength).toBe(7);
      const blob = await read((response) => response.blob());
      expect([blob.type, await blob.text()]).toEqual(['application/x-own', '{"a":1}']);
      const form = api.url('form', {
        body: 'a=1&b=2',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      });
      const data = await only(client.get(form, { selector: (response) => response.formData() }));
      expect(data.get('b')).toBe('2');
    });

    it('reads an empty text from a response without a body', async () => {
      // Whether `body` is null for a 204 differs between browsers, so only the text is compared.
      const read = await only(
        client.get(api.url('no body', { status: 204 }), {
          selector: async (response) => [response.status, await response.text()],
        }),
      );

      expect(read).toEqual([204, '']);
    });

    it('is retried after a body that breaks off, by whatever method it reads', async () => {
      const ways: Record<string, (response: Response) => Promise<unknown>> = {
        json: (response) => response.json(),
        text: (response) => response.text(),
        arrayBuffer: (response) => response.arrayBuffer(),
        blob: (response) => response.blob(),
        clone: (response) => response.clone().text(),
      };
      for (const [name, selector] of Object.entries(ways)) {
        const key = `way ${name}`;
        await only(client.get(api.url(key, [{ cut: 'in-body', json: { long: 'enough' } }, { json: 1 }]), { selector }));
        expect((await api.requests(key)).length)
          .withContext(name)
          .toBe(2);
      }
    });

    it('that is a function fails with reason partial when a body breaks off after its first value', async () => {
      const own = new RetryClient({ strategy: noDelay });
      const events = listen(own.attempts$);
      const source$ = own.get(api.url('partial', { stall: 'body', chunks: ['a'] }), { selector: decodedChunks });
      const values: string[] = [];
      const error = await new Promise((resolve) => {
        source$.subscribe({
          next: (value) => {
            values.push(value);
            void api.cut('partial');
          },
          error: resolve,
        });
      });

      expect(values).toEqual(['a']);
      expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }));
      expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'failure 1 partial']);
      expect((await api.requests('partial')).length).toBe(1);
    });

    it('is not retried for complete but malformed JSON', async () => {
      const error = await failureOf(client.get(api.url('malformed', { body: '{"a":' }), { selector: json() }));

      expect(error).toBeInstanceOf(HttpParseError);
      expect((await api.requests('malformed')).length).toBe(1);
    });

    it('that replaces the error of a broken body still fails with an HttpNetworkError', async () => {
      const selector = async (response: Response) => {
        try {
          return await response.text();
        } catch {
          throw new Error('says less');
        }
      };

      expect(
        await failureOf(client.get(api.url('blame', { cut: 'in-body' }), { selector, strategy: { attempts: 1 } })),
      ).toBeInstanceOf(HttpNetworkError);
    });

    it('that does not read the body has the connection aborted when it completes', async () => {
      const status = await only(
        client.get(api.url('unread', { stall: 'body' }), { selector: (response) => [response.status] }),
      );

      expect(status).toBe(200);
      expect((await api.ended('unread')).aborted).toBeTrue();
    });

    it('that emits the Response itself leaves its body readable', async () => {
      const response = await only(
        client.get(api.url('itself', { chunks: ['a', 'b'], chunkDelay: 20 }), { selector: (one) => of(one) }),
      );

      expect(await response.text()).toBe('ab');
    });
  });
});

describe('A resumable selector', () => {
  /** Emits up to three values per attempt, from `last + 1`, then breaks off; completes after ten values. */
  class Counting implements ResumableSelector<number> {
    opened = 0;
    open(): ResumableReading<number> {
      this.opened += 1;
      let last = 0;
      return {
        prepare: (request) => {
          const headers = new Headers(request.headers);
          headers.set('last', String(last));
          return { ...request, headers };
        },
        select: (_, attempt) => {
          const values = [1, 2, 3].map((step) => last + step).filter((value) => value <= 10);
          last += values.length;
          return concat(from(values), last < 10 ? throwError(() => broken(attempt)) : EMPTY);
        },
      };
    }
  }

  it('resumes where it was, also after it has emitted', async () => {
    const { interceptor, header } = network(200);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { ...noDelay, attempts: 9 } });
    const events = listen(client.attempts$);

    expect(await settled(client.get(url, { selector: new Counting() }))).toEqual({
      values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    });
    expect(header('last')).toEqual(['0', '3', '6', '9']);
    expect(plot(events)).toEqual([
      ...['start 1', 'response 1', 'value 1', 'value 1', 'value 1', 'retry 1'],
      ...['start 2', 'response 2', 'value 2', 'value 2', 'value 2', 'retry 2'],
      ...['start 3', 'response 3', 'value 3', 'value 3', 'value 3', 'retry 3'],
      ...['start 4', 'response 4', 'value 4', 'success 4'],
    ]);
  });

  it('is opened once for each subscription', async () => {
    const selector = new Counting();
    const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { ...noDelay, attempts: 9 } });
    const request$ = client.get(url, { selector });

    expect(selector.opened).toBe(0);
    expect((await settled(request$)).values.length).toBe(10);
    expect((await settled(request$)).values.length).toBe(10);
    expect(selector.opened).toBe(2);
  });

  it('fails with the last error when no attempts are left', async () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { ...noDelay, attempts: 2 } });
    const events = listen(client.attempts$);
    const { values, error } = await settled(client.get(url, { selector: new Counting() }));

    expect(values).toEqual([1, 2, 3, 4, 5, 6]);
    expect(error).toBeInstanceOf(HttpNetworkError);
    expect(plot(events).at(-1)).toBe('failure 2 attempts');
  });

  it('with resetOnSuccess counts attempts from the last value, for long-lived streams', async () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({
      interceptors: [interceptor],
      strategy: { ...noDelay, attempts: 2, resetOnSuccess: true },
    });

    expect((await settled(client.get(url, { selector: new Counting() }))).values.length).toBe(10);
    expect(requests.map(({ attempt }) => attempt.number)).toEqual([1, 2, 2, 2]);
  });

  it('prepares the first attempt too, before the interceptors', async () => {
    const seen: (string | null)[] = [];
    const selector: ResumableSelector<string> = {
      open: () => ({
        prepare: (request: AttemptRequest) => ({
          ...request,
          url: `${request.url}prepared`,
          headers: new Headers({ own: '1' }),
        }),
        select: (response) => response.text(),
      }),
    };
    const client = new RetryClient({
      interceptors: [
        (request) => {
          seen.push(request.url, request.headers.get('own'));
          return of(new Response('ok'));
        },
      ],
    });

    expect(await only(client.get(url, { selector }))).toBe('ok');
    expect(seen).toEqual([`${url}prepared`, '1']);
  });

  it('is closed once when the subscription ends, by completion, error or unsubscribe', async () => {
    const closed: string[] = [];
    const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { ...noDelay, attempts: 3 } });
    const ending = (name: string, select: ResumableReading<number>['select']) =>
      client.get(url, {
        selector: {
          open: () => ({
            select,
            close: () => {
              closed.push(name);
            },
          }),
        },
      });

    await settled(ending('completes', () => [1]));
    expect(closed).toEqual(['completes']);
    await settled(ending('fails', (_, attempt) => throwError(() => broken(attempt))));
    expect(closed).toEqual(['completes', 'fails']);
    const subscription = ending('is left', () => NEVER).subscribe();
    expect(closed.length).toBe(2);
    subscription.unsubscribe();
    expect(closed).toEqual(['completes', 'fails', 'is left']);
  });

  it('reads an error response that accepts() accepts', async () => {
    const reading: ResumableReading<number> = {
      handlesErrorStatus: ({ status }) => status === 416,
      select: ({ status }) => [status],
    };
    const selector: ResumableSelector<number> = { open: () => reading };
    const ask = (status: number) =>
      new RetryClient({ interceptors: [network(status).interceptor] }).get(url, { selector });

    expect(await only(ask(416))).toBe(416);
    expect(await failureOf(ask(404))).toEqual(jasmine.objectContaining({ name: 'HttpStatusError', status: 404 }));
  });

  it('replaces the backoff by its delay()', () => {
    inVirtualTime(({ flush }) => {
      const delays = [50, undefined, 0];
      const selector: ResumableSelector<string> = {
        open: () => ({
          select: (_, attempt) => (attempt.number < 4 ? throwError(() => broken(attempt)) : ['value']),
          delay: () => delays.shift(),
        }),
      };
      const client = new RetryClient({
        interceptors: [network(200).interceptor],
        strategy: { attempts: 4, backoff: constant(7) },
      });
      const { lines } = watch(client.get(url, { selector, observe: 'attempts' }), formatEvent);
      flush();
      expect(lines.filter((line) => line.includes(' start ')).map((line) => line.split(' ')[0])).toEqual([
        '0',
        '50',
        '57',
        '57',
      ]);
    });
  });

  for (const delay of [Number.NaN, -1, Infinity]) {
    it(`whose delay() returns ${delay} ends the request with a RangeError`, async () => {
      const selector: ResumableSelector<string> = {
        open: () => ({ select: (_, attempt) => throwError(() => broken(attempt)), delay: () => delay }),
      };
      const error = await failureOf(
        new RetryClient({ interceptors: [network(200).interceptor] }).get(url, { selector }),
      );

      expect(error).toBeInstanceOf(RangeError);
      expect(String(error)).toContain(String(delay));
    });
  }

  it('whose open() or prepare() throws ends the request with that error', async () => {
    const bug = new Error('a bug');
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
    const throwing = () => {
      throw bug;
    };

    expect(await failureOf(client.get(url, { selector: { open: throwing } }))).toBe(bug);
    expect(
      await failureOf(client.get(url, { selector: { open: () => ({ select: text(), prepare: throwing }) } })),
    ).toBe(bug);
    expect(requests).toEqual([]);
  });

  it('whose open() returns no reading ends the request with a TypeError', async () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: noDelay });
    for (const [reading, shown] of [
      [undefined, 'undefined'],
      [{ select: 1 }, 'an object'],
    ] as const) {
      const selector = { open: () => reading } as unknown as ResumableSelector<string>;
      const error = await failureOf(client.get(url, { selector }));

      expect(error).toEqual(
        new TypeError(
          `what the selector's open returns must be an object with select(response, attempt), not ${shown}`,
        ),
      );
    }
  });

  it('is unsubscribed with the request, and not called afterwards', () => {
    const source = new Subject<string>();
    let delayCalls = 0;
    const selector: ResumableSelector<string> = {
      open: () => ({ select: () => source, delay: () => ++delayCalls }),
    };
    const values: string[] = [];
    const subscription = new RetryClient({ interceptors: [network(200).interceptor] })
      .get(url, { selector })
      .subscribe((value) => values.push(value));
    source.next('a');
    subscription.unsubscribe();
    source.next('b');
    source.error(new Error('down'));

    expect(values).toEqual(['a']);
    expect(source.observed).toBeFalse();
    expect(delayCalls).toBe(0);
  });

  it('is ended by the total timeout while it reads', () => {
    inVirtualTime(({ flush }) => {
      const selector: ResumableSelector<number> = { open: () => ({ select: () => concat(timer(4), NEVER) }) };
      const client = new RetryClient({ totalTimeout: 9, interceptors: [network(200).interceptor] });
      const { lines } = watch(client.get(url, { selector }));
      flush();
      expect(lines).toEqual([
        '4 0',
        '9 error: GET http://a.test/: not completed within 9 ms (totalTimeout) (attempt 1 of 3)',
      ]);
    });
  });
});
