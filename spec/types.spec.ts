import { type MonoTypeOperatorFunction, type Observable, of, type OperatorFunction } from 'rxjs';

import * as v from 'valibot';
import { z } from 'zod';
import {
  type AttemptEvent,
  bytes,
  chunks,
  type ClientOptions,
  cycle,
  download,
  type DownloadDone,
  type DownloadedBytes,
  type DownloadProgress,
  each,
  type HttpAttempt,
  type HttpNetworkError,
  type HttpStatusError,
  type HttpTimeoutError,
  type HttpParseError,
  type HttpValidationError,
  type GateRejectedError,
  type HttpError,
  isHttpError,
  json,
  type JsonOptions,
  lines,
  ndjson,
  type Observe,
  type RequestBody,
  type RequestOptions,
  type RequestParams,
  type ResumableSelector,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
  type Selector,
  type ServerSentEvent,
  serverSentEvents,
  type SelectedResponse,
  text,
  withResponse,
} from '../src/index.js';

// The usual way to make the compiler compare two types exactly.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Events<T> = Observable<AttemptEvent<T, HttpAttempt>>;

/** `is<Type>()(value)` compiles only if the value is of that type exactly. */
function is<Expected>(): <Actual>(actual: Actual, exactly: Equal<Actual, Expected>) => void {
  return (actual) => {
    expect(actual).toBeDefined();
  };
}

/** Takes code that is compiled and not run. */
function compiled(body: () => unknown): void {
  expect(body).toBeInstanceOf(Function);
}

interface User {
  name: string;
  tags: string[];
}

const zodUser = z.object({ name: z.string(), tags: z.array(z.string()) });
const valibotUser = v.object({ name: v.string(), tags: v.array(v.string()) });

const url = 'http://a.test/';

// These specs fail in the compiler; at run time they only see that the values exist.
describe('The type of a request', () => {
  const client = new RetryClient();

  it('is Response without a selector', () => {
    is<Observable<Response>>()(client.get(url), true);
    is<Observable<Response>>()(client.get(url, {}), true);
    is<Observable<Response>>()(client.get(url, { timeout: 5, headers: { a: 'b' }, cache: 'no-store' }), true);
    is<Observable<Response>>()(client.get(url, { observe: 'value' }), true);
    is<Observable<Response>>()(client.head(url), true);
    is<Observable<Response>>()(client.options(url), true);
    is<Observable<Response>>()(client.delete(url), true);
    is<Observable<Response>>()(client.post(url, { a: 1 }), true);
    is<Observable<Response>>()(client.put(url), true);
    is<Observable<Response>>()(client.patch(url, 'x', { timeout: false }), true);
    is<Observable<Response>>()(client.request('QUERY', url, { body: 'x' }), true);
    is<Observable<Response>>()(client.requests([{ url }]), true);
    const options: RequestOptions = { timeout: 3 };
    is<Observable<Response>>()(client.get(url, options), true);
  });

  it('is the type of the selector’s values', () => {
    is<Observable<string>>()(client.get(url, { selector: text() }), true);
    is<Observable<Uint8Array<ArrayBuffer>>>()(client.get(url, { selector: bytes() }), true);
    is<Observable<User>>()(client.get(url, { selector: json<User>() }), true);
    is<Observable<unknown>>()(client.get(url, { selector: json() }), true);
    is<Observable<User>>()(client.get(url, { selector: json(zodUser) }), true);
    is<Observable<User>>()(client.get(url, { selector: json(valibotUser) }), true);
    is<Observable<Date>>()(client.get(url, { selector: json(z.string().transform((at) => new Date(at))) }), true);
    is<Observable<User>>()(client.get(url, { selector: json<User>(zodUser) }), true);
    is<Observable<number>>()(client.get(url, { selector: (response) => [response.status] }), true);
    is<Observable<number>>()(
      client.get(url, { selector: (response, attempt) => Promise.resolve(attempt.number + response.status) }),
      true,
    );
    is<Observable<string>>()(client.get(url, { selector: () => of('x') }), true);
    is<Observable<string>>()(client.get(url, { selector: text(), observe: 'value' }), true);
    is<Observable<string>>()(client.post(url, { a: 1 }, { selector: text() }), true);
    is<Observable<string>>()(client.request('QUERY', url, { body: 'x', selector: text() }), true);
    is<Observable<string>>()(client.requests([{ url }], { selector: text() }), true);
    const resumable: ResumableSelector<User> = { open: () => ({ select: () => [] }) };
    is<Observable<User>>()(client.get(url, { selector: resumable }), true);
  });

  it('is the type of a streaming selector’s values', () => {
    is<Observable<Uint8Array<ArrayBuffer>>>()(client.get(url, { selector: chunks() }), true);
    is<Observable<string>>()(client.get(url, { selector: lines() }), true);
    is<Observable<unknown>>()(client.get(url, { selector: ndjson() }), true);
    is<Observable<User>>()(client.get(url, { selector: ndjson<User>() }), true);
    is<Observable<User>>()(client.get(url, { selector: ndjson(zodUser) }), true);
    is<Observable<User>>()(client.get(url, { selector: ndjson(valibotUser, { maxLength: 5 }) }), true);
    is<Observable<ServerSentEvent>>()(client.post(url, { q: 1 }, { selector: serverSentEvents() }), true);
    is<Observable<SelectedResponse<User>>>()(client.get(url, { selector: withResponse(json(zodUser)) }), true);
    is<Observable<SelectedResponse<string>>>()(client.get(url, { selector: withResponse(lines()) }), true);
    is<Observable<SelectedResponse<ServerSentEvent>>>()(
      client.get(url, { selector: withResponse(serverSentEvents()) }),
      true,
    );
    is<Observable<number>>()(
      client.get(url, { selector: each(withResponse(serverSentEvents()), ({ status }) => of(status)) }),
      true,
    );
    is<Observable<DownloadProgress | DownloadedBytes>>()(client.get(url, { selector: download() }), true);
    is<Observable<DownloadProgress | DownloadDone>>()(
      client.get(url, { selector: download({ to: new WritableStream() }) }),
      true,
    );
    is<Events<string>>()(client.get(url, { selector: lines(), observe: 'attempts' }), true);
  });

  it('is the type of the Observable that the function of each() returns', () => {
    is<Observable<number>>()(client.get(url, { selector: each(lines(), (line) => of(line.length)) }), true);
    is<Observable<User>>()(client.get(url, { selector: each(ndjson(zodUser), (user) => Promise.resolve(user)) }), true);
    is<Observable<string>>()(client.get(url, { selector: each(serverSentEvents(), ({ data }) => [data]) }), true);
    compiled(() => {
      // @ts-expect-error each() needs a selector that can be paused; an Observable cannot be
      each(
        () => of(1),
        (n) => [n],
      );
    });
  });

  it('is the type argument or schema of getJSON()', () => {
    is<Observable<User>>()(client.getJSON<User>(url), true);
    is<Observable<unknown>>()(client.getJSON(url), true);
    is<Observable<User>>()(client.getJSON<User>(url, { timeout: 5 }), true);
    is<Events<User>>()(client.getJSON<User>(url, { observe: 'attempts' }), true);
    is<Observable<User>>()(client.getJSON(url, { schema: zodUser, timeout: 5 }), true);
    is<Observable<User>>()(client.getJSON(url, { schema: valibotUser }), true);
    is<Events<User>>()(client.getJSON(url, { schema: zodUser, observe: 'attempts' }), true);
  });

  it("is AttemptEvent with observe: 'attempts'", () => {
    is<Events<Response>>()(client.get(url, { observe: 'attempts' }), true);
    is<Events<string>>()(client.get(url, { observe: 'attempts', selector: text() }), true);
    is<Events<number>>()(client.get(url, { observe: 'attempts', selector: (response) => [response.status] }), true);
    is<Events<Response>>()(client.post(url, 'x', { observe: 'attempts' }), true);
    is<Events<string>>()(client.requests([{ url }], { observe: 'attempts', selector: text() }), true);
    is<Observable<AttemptEvent<unknown, HttpAttempt>>>()(client.attempts$, true);
  });

  it('is a union when the type of the options is wide', () => {
    const maybe = undefined as RequestOptions | undefined;
    is<Observable<Response>>()(client.get(url, maybe), true);
    is<Observable<Response>>()(client.post(url, { a: 1 }, maybe), true);
    const open: RequestOptions<User> = { selector: json<User>() };
    is<Observable<User | Response>>()(client.get(url, open), true);
    is<Observable<User | Response>>()(client.requests([{ url }], open), true);
    const observe = 'value' as Observe;
    is<Observable<Response | AttemptEvent<Response, HttpAttempt>>>()(client.get(url, { observe }), true);
    is<Observable<string | Response | AttemptEvent<string | Response, HttpAttempt>>>()(
      client.get(url, { observe, selector: text() }),
      true,
    );
    is<Observable<User | AttemptEvent<User, HttpAttempt>>>()(client.getJSON<User>(url, { observe }), true);
    const watched: RequestOptions<User, 'attempts'> = {};
    is<Observable<User | Response | AttemptEvent<User | Response, HttpAttempt>>>()(client.get(url, watched), true);
  });

  it('is kept by a generic wrapper', () => {
    const get = <T>(where: string, options: RequestOptions<T>) => client.get(where, options);
    const post = <T>(where: string, body: RequestBody, options?: RequestOptions<T>) =>
      client.post(where, body, options);
    const request = <T>(where: string, options?: RequestOptions<T>) => client.request('QUERY', where, options);
    const requests = <T>(params: RequestParams[], options?: RequestOptions<T>) => client.requests(params, options);
    const read = <T>(where: string, selector: Selector<T>) => client.get(where, { selector });
    const data = <T>(where: string, options?: JsonOptions<T>) => client.getJSON(where, options);
    is<Observable<string | Response>>()(get(url, { selector: text() }), true);
    is<Observable<string | Response>>()(post(url, 'x', { selector: text() }), true);
    is<Observable<string | Response>>()(request(url, { selector: text() }), true);
    is<Observable<string | Response>>()(requests([{ url }], { selector: text() }), true);
    is<Observable<string>>()(read(url, text()), true);
    is<Observable<User>>()(data(url, { schema: zodUser }), true);
  });

  it('follows from methods that have the exported types', () => {
    const get: RetryClient['get'] = client.get.bind(client);
    const post: RetryClient['post'] = client.post.bind(client);
    const request: RetryClient['request'] = client.request.bind(client);
    const requests: RetryClient['requests'] = client.requests.bind(client);
    const getJSON: RetryClient['getJSON'] = client.getJSON.bind(client);
    for (const method of [get, post, request, requests, getJSON]) expect(method).toBeInstanceOf(Function);
  });

  it('is not set by a type argument without a selector', () => {
    compiled(() => {
      // @ts-expect-error no selector gives a User
      void client.get<User>(url);
    });
  });

  it('does not compile with invalid options', () => {
    compiled(() => {
      // @ts-expect-error the option is misspelt
      void client.get(url, { timeot: 3 });
      // @ts-expect-error the option is misspelt, beside a selector
      void client.get(url, { timeot: 3, selector: text() });
      // @ts-expect-error baseUrl is an option of the client
      void client.get(url, { baseUrl: url });
      // @ts-expect-error selector is an option of a request
      new RetryClient({ selector: text() });
      // @ts-expect-error the method is an argument of request()
      void client.get(url, { method: 'PUT' });
      // @ts-expect-error getJSON() has its own selector
      void client.getJSON(url, { selector: text() });
      // @ts-expect-error schema is an option of getJSON()
      void client.get(url, { schema: zodUser });
      // @ts-expect-error the option is misspelt
      void client.get(url, { strategy: { attemps: 3 } });
      // @ts-expect-error the schema gives a User
      json<number>(zodUser);
      // @ts-expect-error an entry needs a URL
      void client.requests([{ method: 'GET' }]);
    });
  });

  it('accepts objects of any interface as bodies and contexts', () => {
    const user: User = { name: 'Ada', tags: [] };
    is<Observable<Response>>()(client.post(url, user), true);
    is<Observable<string>>()(client.post(url, user, { selector: (response) => response.text() }), true);
    is<Observable<Response>>()(client.post(url, [user]), true);
    is<Observable<Response>>()(
      client.post(url, () => user),
      true,
    );
    is<Observable<Response>>()(client.get(url, { context: user }), true);
  });

  it('accepts objects of any interface as params and headers, and refuses those that would lose content', () => {
    interface Query {
      q: string;
      page?: number;
      tags: readonly string[];
    }
    type Aliased = Pick<Query, 'q' | 'page'>;
    interface Auth {
      authorization: string;
      'x-tenant'?: string | undefined;
    }
    class Search {
      constructor(readonly q: string) {}
    }
    const query: Query = { q: 'a', tags: ['b'] };
    const aliased: Aliased = { q: 'a' };
    const headers: Auth = { authorization: 'Bearer a' };
    for (const params of [
      query,
      aliased,
      new Search('a'),
      new URLSearchParams(),
      'a=1',
      [['a', '1']] as [string, string][],
      [['a', '1']] as const,
      { a: 1n, b: [true, null], c: undefined },
      {},
    ]) {
      is<Observable<Response>>()(client.get(url, { params }), true);
      is<Observable<Response>>()(client.requests([{ url, params, headers }]), true);
      expect(new RetryClient({ params, headers })).toBeDefined();
    }
    is<Observable<string>>()(client.get(url, { params: query, headers, selector: text() }), true);
    is<Observable<Response>>()(client.get(url, { headers: [['a', '1']] as const }), true);
    compiled(() => {
      // @ts-expect-error a Map has no fields
      void client.get(url, { params: new Map([['a', '1']]) });
      // @ts-expect-error a Set has no fields
      void client.get(url, { params: new Set(['a']) });
      // @ts-expect-error a FormData may hold files
      void client.get(url, { params: new FormData() });
      // @ts-expect-error a function is not called for params
      void client.get(url, { params: () => ({ a: 1 }) });
      // @ts-expect-error a class is not an object of params
      void client.get(url, { params: Search });
      // @ts-expect-error a Date is one value
      void client.get(url, { params: new Date() });
      // @ts-expect-error a promise has to be waited for
      void client.get(url, { params: Promise.resolve({ a: 1 }) });
      // @ts-expect-error a number is not params
      void client.get(url, { params: 5 });
      // @ts-expect-error a Date is not a value of params
      void client.get(url, { params: { when: new Date() } });
      // @ts-expect-error an object is not a value of params, also in an array
      void client.get(url, { params: { when: [{ a: 1 }] } });
      // @ts-expect-error a function is not headers
      void client.get(url, { headers: () => ({ a: 'b' }) });
      // @ts-expect-error a promise is not headers
      void client.get(url, { headers: Promise.resolve({ a: 'b' }) });
      // @ts-expect-error a string is not headers
      void client.get(url, { headers: 'a: b' });
      // @ts-expect-error null would be sent as "null"
      void client.get(url, { headers: { a: null } });
    });
  });

  it('accepts options that are built in steps', () => {
    const flag = Boolean(1);
    const base: RetryStrategy = { attempts: 5 };
    const strategy = { ...base, ...(flag && { statuses: [503] }), maxRetryAfter: flag ? 5 : undefined };
    const options = {
      timeout: flag ? 5 : undefined,
      headers: flag ? { a: 'b' } : undefined,
      strategy,
      ...(flag && { params: { a: 1 } }),
    };
    is<Observable<Response>>()(client.get(url, options), true);
    is<Observable<Response>>()(
      client.get(url, { ...options, strategy: flag ? strategy : undefined } satisfies RequestOptions),
      true,
    );
    is<Observable<string>>()(client.get(url, { ...options, selector: text() }), true);
    expect(
      new RetryClient({
        ...options,
        baseUrl: flag ? url : undefined,
        fetch: undefined,
        interceptors: undefined,
      } satisfies ClientOptions),
    ).toBeDefined();
  });

  it('accepts read-only options', () => {
    const strategy = { attempts: 3, statuses: [503], methods: ['POST'] } as const satisfies RetryStrategy;
    const options = { strategy, headers: { a: 'b' }, params: { q: [1, 2] } } as const satisfies ClientOptions;
    is<Observable<Response>>()(new RetryClient(options).get([url] as const, options), true);
  });
});

describe('The exported types', () => {
  it('isHttpError() narrows to the six errors, and their names to each', () => {
    const name = (error: unknown): number | string | undefined => {
      if (!isHttpError(error)) return undefined;
      const httpError:
        | HttpStatusError
        | HttpNetworkError
        | HttpTimeoutError
        | HttpParseError
        | HttpValidationError
        | (GateRejectedError & Pick<HttpError, 'request' | 'attempt'>) = error;
      switch (httpError.name) {
        case 'HttpStatusError':
          return httpError.status;
        case 'HttpNetworkError':
          return httpError.phase;
        case 'HttpTimeoutError':
          return httpError.limit;
        case 'HttpParseError':
          return httpError.status;
        case 'HttpValidationError':
          return httpError.issues.length;
        case 'GateRejectedError':
          return `${httpError.gate} ${httpError.request.url}`;
      }
    };
    expect(name(new Error('x'))).toBeUndefined();
  });

  it('AttemptEvent narrows by its type', () => {
    const describeEvent = (event: AttemptEvent<string>): string => {
      switch (event.type) {
        case 'hold':
          return event.gate;
        case 'start':
          return '';
        case 'hedge':
          return event.url;
        case 'response':
          return event.response.statusText;
        case 'value':
          return event.value;
        case 'retry':
          return String(event.delay);
        case 'failure':
          return event.outcome.kind === 'response' ? event.outcome.response.statusText : event.reason;
        case 'success':
        case 'cancel':
          return String(event.elapsed);
      }
    };
    const attempt = { number: 1, of: 1, requestId: 'r', startedAt: 0 };
    expect(describeEvent({ type: 'value', attempt, value: 'x', elapsed: 0 })).toBe('x');
  });

  it('retryWithStrategy() keeps the source’s type, or gives events of it', () => {
    is<MonoTypeOperatorFunction<string>>()(retryWithStrategy<string>(), true);
    is<OperatorFunction<string, AttemptEvent<string>>>()(
      retryWithStrategy<string>({ attempts: 2 }, { observe: 'attempts' }),
      true,
    );
    is<Observable<number>>()(of(1).pipe(retryWithStrategy()), true);
    is<Observable<AttemptEvent<number>>>()(of(1).pipe(retryWithStrategy(undefined, { observe: 'attempts' })), true);
    is<Observable<string>>()(cycle(['a', 'b']), true);
  });

  it('RequestBody accepts what can be sent as JSON, and refuses what would lose content', () => {
    interface Tea {
      tea: number;
      milk?: boolean;
    }
    class Order {
      constructor(readonly tea: Tea) {}
      get size(): number {
        return this.tea.tea;
      }
    }
    compiled(() => {
      const client = new RetryClient();
      const url = 'http://a.test/';
      const tea: Tea = { tea: 2 };
      const error = new Error('of the page');
      for (const body of [
        tea,
        new Order(tea),
        [tea],
        [1, 'a'] as const,
        { a: { b: [new Date()] } },
        new Date(),
        { message: error.message, stack: error.stack },
        () => tea,
        () => new Order(tea),
        {},
      ]) {
        void client.post(url, body);
      }
      // @ts-expect-error a Map would be sent as {}
      void client.post(url, new Map([['a', 1]]));
      // @ts-expect-error a Set would be sent as {}
      void client.post(url, new Set([1]));
      // @ts-expect-error an Error would be sent as {}
      void client.post(url, new Error('x'));
      // @ts-expect-error a promise has to be waited for
      void client.post(url, Promise.resolve({ a: 1 }));
      // @ts-expect-error an Observable is not what it emits
      void client.post(url, of({ a: 1 }));
      // @ts-expect-error a factory must return a body; a Map would be sent as {}
      void client.post(url, () => new Map());
      // @ts-expect-error a number is not a body
      void client.post(url, 5);
      // @ts-expect-error a factory has no arguments
      void client.post(url, (one: number) => ({ one }));
    });
  });
});
