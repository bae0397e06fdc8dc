import { mergeMap, type Observable, of } from 'rxjs';

import { type BodyContent, constant, type Interceptor, json, type RequestBody, RetryClient } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { type Echo, testServer, type TestServer } from '../support/test-server.js';

const url = 'http://a.test/';
const noDelay = { backoff: constant(0) };
const encode = (text: string) => new TextEncoder().encode(text);
const streamOf = (...chunks: readonly string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encode(chunk));
      controller.close();
    },
  });

interface Tea {
  tea: number;
}

class Order {
  readonly tea = 2;
  readonly #secret = 1;
  notes = ['x'];
  get total(): number {
    return this.tea + this.#secret;
  }
}

/** Like the Blob of node-fetch and of happy-dom: not an instance of the platform's Blob. */
class ForeignBlob {
  constructor(
    readonly parts: readonly string[],
    readonly type: string,
    readonly name?: string,
  ) {}
  get size(): number {
    return this.parts.join('').length;
  }
  slice(): this {
    return this;
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(encode(this.parts.join('')).buffer);
  }
}

class ForeignForm {
  append(): void {
    // The content never changes.
  }
  getAll(): string[] {
    return ['1'];
  }
  *[Symbol.iterator](): Generator<[string, string | ForeignBlob]> {
    yield ['a', '1'];
    yield ['b', new ForeignBlob(['file'], 'text/plain', 'b.txt')];
  }
}

describe('RetryClient with a request body', () => {
  const client = new RetryClient({ strategy: noDelay });
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const form = new FormData();
  form.append('name', 'Ada');
  form.append('file', new Blob(['bytes'], { type: 'text/x-own' }), 'a.txt');

  const bodies: readonly [
    title: string,
    body: BodyContent,
    sent: string | RegExp,
    type: string | RegExp | undefined,
  ][] = [
    ['a string', 'tëxt', 'tëxt', 'text/plain;charset=UTF-8'],
    ['an empty string', '', '', 'text/plain;charset=UTF-8'],
    ['a plain object, as JSON', { a: 1, b: [null, 'ö'], c: undefined }, '{"a":1,"b":[null,"ö"]}', 'application/json'],
    [
      'an object without a prototype, as JSON',
      Object.assign(Object.create(null) as object, { a: 1 }),
      '{"a":1}',
      'application/json',
    ],
    ['an array, as JSON', [1, { b: 2 }], '[1,{"b":2}]', 'application/json'],
    ['an object that knows its JSON', { toJSON: () => 'own' }, '"own"', 'application/json'],
    [
      'URLSearchParams',
      new URLSearchParams({ q: 'a b&c' }),
      'q=a+b%26c',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
    [
      'FormData',
      form,
      /name="name"\r\n\r\nAda\r\n[^]*filename="a.txt"\r\nContent-Type: text\/x-own\r\n\r\nbytes\r\n/i,
      /^multipart\/form-data; ?boundary=/,
    ],
    ['a Blob, with its own type', new Blob(['blob'], { type: 'image/x-own' }), 'blob', 'image/x-own'],
    ['a Blob without a type', new Blob(['blob']), 'blob', undefined],
    ['a Uint8Array', encode('bytes'), 'bytes', undefined],
    ['part of a buffer', encode('no bytes no').subarray(3, 8), 'bytes', undefined],
    ['an ArrayBuffer', encode('bytes').buffer, 'bytes', undefined],
    ['a DataView', new DataView(encode('bytes').buffer, 1, 3), 'yte', undefined],
    ['null, which is nothing', null, '', undefined],
    ['an instance of a class, as JSON', new Order(), '{"tea":2,"notes":["x"]}', 'application/json'],
    ['an object of an interface, as JSON', { tea: 2 } satisfies Tea, '{"tea":2}', 'application/json'],
    [
      'an object with the message and stack of an error',
      { message: 'x', stack: new Error('y').stack && 'z' },
      '{"message":"x","stack":"z"}',
      'application/json',
    ],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"', 'application/json'],
    ['an empty object', {}, '{}', 'application/json'],
    ['a Blob of another library', new ForeignBlob(['bl', 'ob'], 'image/x-own'), 'blob', 'image/x-own'],
    [
      'a form of another library, with a file',
      new ForeignForm() as unknown as FormData,
      /name="a"\r\n\r\n1\r\n[^]*filename="b.txt"[^]*\r\n\r\nfile\r\n/,
      /^multipart\/form-data; ?boundary=/,
    ],
    [
      'URLSearchParams of another library',
      new (class {
        readonly [Symbol.toStringTag] = 'URLSearchParams';
        toString() {
          return 'q=a+b';
        }
      })(),
      'q=a+b',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
  ];

  for (const [title, body, sent, type] of bodies) {
    it(`sends ${title}, again in the next attempt, and the same from a factory`, async () => {
      const url = api.url(title, [{ status: 503 }, { echo: true }]);
      const again = api.url(`${title} again`, [{ status: 503 }, { echo: true }]);

      for (const echoed of [await echo(client.put(url, body)), await echo(client.put(again, () => body))]) {
        expect(echoed.number).toBe(2);
        expect(echoed.body).toMatch(typeof sent === 'string' ? new RegExp(`^${escape(sent)}$`) : sent);
        if (type instanceof RegExp) expect(echoed.headers['content-type']).toMatch(type);
        else expect(echoed.headers['content-type']).toBe(type as string);
      }
      // Firefox's boundaries of forms are of different lengths.
      const lengths = (await api.requests(title)).map(({ body: text }) => text.replace(/-+geckoform\S+/g, '').length);
      expect(lengths[0]).toBe(lengths[1]);
    });
  }

  it('errors without sending when a Blob of another library cannot be read', async () => {
    const bug = new TypeError('gone');
    const blob = Object.assign(new ForeignBlob(['x'], ''), { arrayBuffer: () => Promise.reject(bug) });
    let calls = 0;
    const calling = new RetryClient({
      strategy: noDelay,
      fetch: () => {
        calls += 1;
        return Promise.resolve(new Response());
      },
    });
    expect(await failureOf(calling.put('http://a.test/', blob))).toBe(bug);
    expect(calls).toBe(0);
  });

  it('keeps the content type that the headers of the client or of the request set', async () => {
    const url = api.url('own type', { echo: true });
    const typed = new RetryClient({ headers: { 'content-type': 'application/vnd.api+json' } });

    expect(
      (await echo(client.post(url, { a: 1 }, { headers: { 'Content-Type': 'application/ld+json' } }))).headers[
        'content-type'
      ],
    ).toBe('application/ld+json');
    expect((await echo(typed.post(url, { a: 1 }))).headers['content-type']).toBe('application/vnd.api+json');
  });

  it('serialises JSON when the request is made: later changes to the object have no effect', async () => {
    const body = { a: 1 };
    const request$ = client.post(api.url('changed', { echo: true }), body);
    body.a = 2;

    expect((await echo(request$)).body).toBe('{"a":1}');
  });

  it('calls a factory once per attempt, and not before the subscription', async () => {
    let made = 0;
    const url = api.url('factory', [{ status: 503 }, { cut: 'before-headers' }, { echo: true }]);
    const request$ = client.put(url, () => ({ made: ++made }));

    expect(made).toBe(0);
    expect((await echo(request$)).body).toBe('{"made":3}');
    expect((await api.requests('factory')).map(({ body }) => body)).toEqual(['{"made":1}', '{"made":2}', '{"made":3}']);
  });

  it('errors with the error that a factory throws, and does not retry', async () => {
    const bug = new Error('no data');
    const { interceptor, requests } = network(200);
    const stubbed = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
    const throwing = (): string => {
      throw bug;
    };

    expect(await failureOf(stubbed.put('http://a.test/', throwing))).toBe(bug);
    expect(requests).toEqual([]);
  });

  it('errors with a TypeError when a factory returns an invalid body', async () => {
    const stubbed = new RetryClient({ interceptors: [network(200).interceptor] });

    const error = await failureOf(stubbed.put('http://a.test/', (() => 5) as unknown as RequestBody));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/body must be .*not 5/);
  });

  const wrong: readonly [title: string, body: unknown, shown: string][] = [
    ['a number', 5, '5'],
    ['true', true, 'true'],
    ['a bigint', 5n, '5'],
    ['a symbol', Symbol('own'), 'Symbol(own)'],
    ['a Map, which would be sent as {}', new Map([['a', 1]]), 'class Map: pass an array or a plain object'],
    ['a Set', new Set([1]), 'class Set: pass an array'],
    [
      'an instance of a class that shows nothing',
      new (class Own {
        readonly #a = 1;
        get b() {
          return this.#a;
        }
      })(),
      'class Own: pass a plain object',
    ],
    ['an Error', new RangeError('x'), 'class RangeError: pass a plain object'],
    ['a regular expression', /x/, 'class RegExp'],
    ['a promise', Promise.resolve('x'), 'class Promise: pass what it resolves to'],
    ['an Observable', of('x'), 'pass what it emits'],
    [
      'a form that can be read once, of npm’s form-data',
      new (class FormData {
        pipe() {
          /**/
        }
        append() {
          /**/
        }
        readonly [Symbol.toStringTag] = 'FormData';
      })(),
      "class FormData: pass the platform's own FormData",
    ],
    [
      'a stream of an old kind',
      new (class Stream {
        pipe() {
          /**/
        }
      })(),
      'class Stream: pass a stream that can be iterated',
    ],
    [
      'a reader’s stream of another library',
      new (class ReadableStream {
        getReader() {
          /**/
        }
      })(),
      "class ReadableStream: pass the platform's own",
    ],
    [
      'a Blob that cannot be read',
      new (class Blob {
        slice() {
          /**/
        }
        readonly [Symbol.toStringTag] = 'Blob';
      })(),
      "class Blob: pass the platform's own Blob",
    ],
  ];

  for (const [title, body, shown] of wrong) {
    it(`refuses ${title} as a body`, () => {
      expectRefusal(() => client.post('http://a.test/', body as RequestBody), [TypeError], 'body', shown);
    });
  }

  it('refuses a body that JSON cannot serialise', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;

    expectRefusal(() => client.post('http://a.test/', circle), [TypeError], 'body', 'JSON');
    expectRefusal(() => client.post('http://a.test/', [5n]), [TypeError], 'body', 'JSON');
  });

  for (const method of ['GET', 'HEAD', 'get']) {
    it(`refuses a body in a ${method} request, also from a factory`, () => {
      for (const body of ['x', {}, () => 'x', '']) {
        expectRefusal(
          () => client.request(method, 'http://a.test/', { body }),
          [TypeError],
          'body',
          method.toUpperCase(),
        );
      }
    });
  }

  it('refuses a body in get(), head() and getJSON(), and takes null as no body', async () => {
    expectRefusal(() => client.get('http://a.test/', { body: 'x' }), [TypeError], 'body', 'GET');
    expectRefusal(() => client.head('http://a.test/', { body: 'x' }), [TypeError], 'body', 'HEAD');
    expectRefusal(() => client.getJSON('http://a.test/', { body: 'x' }), [TypeError], 'body', 'GET');
    expect((await echo(client.get(api.url('null', { echo: true }), { body: null }))).body).toBe('');
  });

  describe('that is a single-use stream', () => {
    const read = async (body: unknown) => new Response(body as ReadableStream).text();

    it('gives up after a failure with reason body, and emits the last response unchanged', async () => {
      const { interceptor, requests } = network(503, 200);
      const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
      const events = listen(client.attempts$);

      const { values, error } = await settled(client.put('http://a.test/', streamOf('a', 'b')));
      expect(values.map(({ status }) => status)).toEqual([503]);
      expect(error).toBeUndefined();
      expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 body']);
      expect(requests.length).toBe(1);
    });

    it('gives up after an error with reason body, whatever shouldRetry returns, and throws the last error unchanged', async () => {
      const down = new Error('down');
      const { interceptor, requests } = network(down, 200);
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { ...noDelay, shouldRetry: () => true },
      });
      const events = listen(client.attempts$);

      expect(await failureOf(client.put('http://a.test/', streamOf('a')))).toBe(down);
      expect(plot(events)).toEqual(['start 1', 'failure 1 body']);
      expect(requests.length).toBe(1);
    });

    it('calls no backoff and ignores Retry-After, since the body cannot be sent again', async () => {
      const { interceptor } = network(of(new Response(null, { status: 503, headers: { 'retry-after': '3600' } })));
      let backoffCalls = 0;
      const backoff = (): number => (backoffCalls += 1);
      const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff } });
      const events = listen(client.attempts$);

      await only(client.put('http://a.test/', streamOf('a')));
      expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 body']);
      expect(backoffCalls).toBe(0);
    });

    it('errors when the stream was read from before, with the platform’s error as the cause', async () => {
      const { interceptor, requests } = network(200);
      const stream = streamOf('a');
      await stream.getReader().read();
      const error = await failureOf(new RetryClient({ interceptors: [interceptor] }).put('http://a.test/', stream));

      expect(error).toEqual(
        new TypeError('body must be a stream that has not been read; to send it again, pass a factory'),
      );
      expect((error as Error).cause).toBeInstanceOf(TypeError);
      expect(requests).toEqual([]);
    });

    it('sends the stream with duplex: half', async () => {
      const { interceptor, requests } = network(200);
      const client = new RetryClient({ interceptors: [interceptor] });

      await only(client.post('http://a.test/', streamOf('a', 'b')));
      expect(requests[0]?.init).toEqual(jasmine.objectContaining({ duplex: 'half' }));
      expect(await read(requests[0]?.body)).toBe('ab');
    });

    it('sends the whole stream again when a factory makes it', async () => {
      const sent: string[] = [];
      const reading = new RetryClient({
        strategy: noDelay,
        fetch: async (_, init) => {
          sent.push(await read(init.body));
          return new Response(null, { status: sent.length < 3 ? 503 : 201 });
        },
      });

      expect((await only(reading.put('http://a.test/', () => streamOf('a', 'b')))).status).toBe(201);
      expect(sent).toEqual(['ab', 'ab', 'ab']);
    });

    it('refuses a second subscription, instead of sending an empty or partial body', async () => {
      const sent: string[] = [];
      const reading = new RetryClient({
        strategy: noDelay,
        fetch: async (_, init) => {
          sent.push(await read(init.body));
          return new Response();
        },
      });
      const request$ = reading.put('http://a.test/', streamOf('a', 'b'));

      await only(request$);
      const error = await failureOf(request$);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/body.*factory/);
      expect(sent).toEqual(['ab']);
    });

    it('refuses a stream that was read from and released again', async () => {
      const { interceptor, requests } = network(200);
      const client = new RetryClient({ interceptors: [interceptor], strategy: noDelay });
      const stream = streamOf('a', 'b');
      const reader = stream.getReader();
      await reader.read();
      reader.releaseLock();

      expect(await failureOf(client.put('http://a.test/', stream))).toBeInstanceOf(TypeError);
      expect(requests).toEqual([]);
    });

    it('sends the body of its own of each entry of requests()', async () => {
      const sent: string[] = [];
      const reading = new RetryClient({
        strategy: noDelay,
        fetch: async (_, init) => {
          sent.push(await read(init.body));
          return new Response(null, { status: sent.length < 2 ? 503 : 201 });
        },
      });
      const entries = ['first', 'second'].map((text) => ({
        method: 'PUT',
        url: 'http://a.test/',
        body: streamOf(text),
      }));

      expect((await only(reading.requests(entries))).status).toBe(201);
      expect(sent).toEqual(['first', 'second']);
    });
  });

  describe('that is a generator or stream, and is needed more than once', () => {
    /** A client whose transport answers with these statuses, and the bodies that the transport has read. */
    function sending(...statuses: readonly number[]) {
      const sent: string[] = [];
      const client = new RetryClient({
        strategy: noDelay,
        fetch: async (_, init) => {
          sent.push(await new Response(init.body as ReadableStream).text());
          return new Response(null, { status: statuses[sent.length - 1] ?? 200 });
        },
      });
      return { client, sent, events: listen(client.attempts$) };
    }
    async function* generator() {
      yield await Promise.resolve(encode('a'));
      yield encode('b');
    }

    for (const [kind, make] of [
      ['generator', generator],
      ['stream', () => streamOf('a', 'b')],
    ] as const) {
      it(`gives up with reason body, and emits the last response unchanged, when the next entry of requests() would send the same ${kind}`, async () => {
        const entries = ['http://a.test/', 'http://b.test/'].map((url) => ({ method: 'PUT', url }));
        for (const [own, shared] of [
          [undefined, make()],
          [make(), undefined],
        ]) {
          const { client, sent, events } = sending(503);
          const response = await only(
            client.requests(
              entries.map((entry) => ({ ...entry, body: own })),
              { body: shared },
            ),
          );

          expect(response.status).toBe(503);
          expect(sent).toEqual(['ab']);
          expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 body']);
        }
      });

      it(`refuses a second subscription to a ${kind}`, async () => {
        const { client, sent } = sending();
        const request$ = client.put('http://a.test/', make());
        await only(request$);
        const error = await failureOf(request$);

        expect(error).toEqual(
          new TypeError('body must be a stream that has not been read; to send it again, pass a factory'),
        );
        expect(sent).toEqual(['ab']);
      });

      it(`refuses an interceptor that sends a ${kind} again, also when a factory made it`, async () => {
        for (const body of [make(), make]) {
          const { client, sent } = sending(401);
          const again: Interceptor = (request, next) =>
            next(request).pipe(mergeMap((response) => (response.status === 401 ? next(request) : of(response))));
          const error = await failureOf(client.extend({ interceptors: [again] }).put('http://a.test/', body));

          expect(error).toBeInstanceOf(TypeError);
          expect(sent).toEqual(['ab']);
        }
      });
    }

    it('sends an async iterable again in whole, since it can be iterated anew', async () => {
      const { client, sent } = sending();
      const request$ = client.put('http://a.test/', { [Symbol.asyncIterator]: generator });
      await only(request$);
      await only(request$);

      expect(sent).toEqual(['ab', 'ab']);
    });
  });

  it('sends a body together with a selector', async () => {
    const url = api.url('selector', { echo: true });

    expect((await only(client.post(url, { a: 1 }, { selector: json<Echo>() }))).body).toBe('{"a":1}');
  });
});

function escape(text: string): string {
  return text.replace(/[[\]{}()*+?.^$|\\]/g, '\\$&');
}

async function echo(response$: Observable<Response>): Promise<Echo> {
  const response = await only(response$);
  return (await response.json()) as Echo;
}

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
