import { from, type Observable, throwError } from 'rxjs';

import { flattenErrorChain, summaryOf } from '../../src/errors/error-chain.js';
import {
  constant,
  HttpNetworkError,
  isHttpError,
  logAttempts,
  RetryClient,
  retryWithStrategy,
  text,
} from '../../src/index.js';
import { failureOf, settled } from '../support/settled.js';

const strategy = { backoff: constant(0), attempts: 2 };

function thrower(): never {
  throw new Error('of the getter');
}

/** An error that throws when a property of it is read. */
function withThrowing(key: string, error: Error = new TypeError('down')): Error {
  return Object.defineProperty(error, key, { get: thrower });
}

function rejecting(error: unknown): () => Promise<Response> {
  return () =>
    new Promise(() => {
      throw error;
    });
}

/** An object that throws on every access. */
const trap = new Proxy(
  {},
  { get: thrower, has: thrower, getPrototypeOf: thrower, ownKeys: thrower, getOwnPropertyDescriptor: thrower },
);
const revoked = Proxy.revocable({}, {});
revoked.revoke();

describe('An error that a transport rejects with, and that throws when it is looked at,', () => {
  for (const [title, error] of [
    ...['message', 'cause', 'errors', 'name', 'code', 'syscall', 'sent', 'permanent', 'response', 'status'].map(
      (key) => [`by its ${key}`, withThrowing(key)] as const,
    ),
    ['as a Proxy', trap],
    ['as a Proxy that was revoked', revoked.proxy],
    ['beneath it', new TypeError('down', { cause: trap })],
    ['by one of its errors', new TypeError('down', { cause: Object.assign(new Error(), { errors: revoked.proxy }) })],
    ...['code', 'name', 'message', 'syscall'].flatMap((key) => [
      [
        `by what its ${key} is made a text of`,
        Object.assign(new TypeError('down'), { [key]: { toString: thrower } }),
      ] as const,
      [
        `by its ${key}, which is no text`,
        Object.assign(new TypeError('down'), { [key]: Object.create(null) as object }),
      ] as const,
    ]),
    ['by how many errors it gathers', Object.assign(new TypeError('down'), { errors: { length: Symbol('many') } })],
    ['by the errors that it gathers', new AggregateError([trap, revoked.proxy], 'both')],
  ] as const) {
    it(`${title}, ends the request once`, async () => {
      const client = new RetryClient({ fetch: rejecting(error), strategy, timeout: 1000 });
      for (const request$ of [client.get('http://a.test/'), client.get('http://a.test/', { selector: text() })]) {
        const { values, ...end } = await settled(request$ as Observable<unknown>);
        expect(values).toEqual([]);
        expect('error' in end).toBeTrue();
        if (isHttpError(end.error)) expect(() => JSON.stringify(end.error)).not.toThrow();
      }
    });
  }

  it('is written into a log all the same', async () => {
    const lines: string[] = [];
    const note = (line: string): void => void lines.push(line);
    for (const error of [trap, withThrowing('message'), Object.assign(new Error(), { message: Symbol('m') })]) {
      const client = new RetryClient({ strategy: { attempts: 1 }, interceptors: [() => throwError(() => error)] });
      client.attempts$.subscribe(logAttempts({ debug: note, info: note, warn: note, error: note }));
      await settled(client.get('http://a.test/'));
    }

    expect(lines.filter((line) => line.includes('failed for good')).length).toBe(3);
  });

  it('may be a response whose status throws', async () => {
    const response = Object.defineProperty(new Response('x'), 'status', { get: thrower });
    const { values, ...end } = await settled(
      new RetryClient({ strategy: { attempts: 1 }, fetch: () => Promise.resolve(response) }).get('http://a.test/', {
        throwHttpErrors: true,
      }),
    );

    expect([values, 'error' in end]).toEqual([[], true]);
  });

  it('disturbs the bare operator neither', async () => {
    for (const error of [trap, revoked.proxy, withThrowing('status')]) {
      // A promise would ask it for its then().
      const end = await settled(
        throwError(() => error).pipe(
          retryWithStrategy({ attempts: 2, backoff: constant(0), shouldRetry: () => false }),
        ),
      );
      expect(end.error === error).toBeTrue();
    }
  });
});

describe('The marks of an error', () => {
  it('are read once from each object, and from some dozens at most', () => {
    const circle = new AggregateError([], 'round');
    for (let count = 0; count < 50; count += 1) {
      circle.errors.push(circle, Object.assign(new AggregateError([circle], 'inner'), { cause: circle }));
    }
    let read = 0;
    const endless = (): object => ({
      get message() {
        read += 1;
        return 'again';
      },
      get errors() {
        return [endless(), endless(), endless()];
      },
    });

    expect(flattenErrorChain(circle).length).toBeLessThan(40);
    expect(flattenErrorChain(endless()).length).toBeLessThan(40);
    expect(read).toBeLessThan(40);
    expect(summaryOf(flattenErrorChain(circle))).toBe('inner');
    expect(flattenErrorChain({ errors: { length: 1e9 } }).length).toBe(1);
  });
});

describe('A response whose body throws when it is asked for', () => {
  const hostile = (status: number) =>
    Object.defineProperty(
      {
        status,
        statusText: '',
        url: '',
        redirected: false,
        type: 'basic',
        headers: new Headers(),
        arrayBuffer: thrower,
        clone: thrower,
      },
      'body',
      { get: thrower },
    ) as unknown as Response;

  const ways: Readonly<Record<string, (response: Response) => Observable<unknown>>> = {
    'as text': (response) => from(response.text()),
    'as JSON': (response) => from(response.json() as Promise<unknown>),
    'as a stream': (response) => from(response.body as unknown as Promise<unknown>),
  };
  for (const [way, selector] of Object.entries(ways)) {
    it(`has broken off, if it is read ${way}`, async () => {
      const client = new RetryClient({ fetch: () => Promise.resolve(hostile(200)), strategy, timeout: 1000 });
      expect(await failureOf(client.get('http://a.test/', { selector }))).toEqual(
        jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }),
      );
    });
  }
});

describe('The rejection of a transport', () => {
  const attemptsFor = async (error: unknown, options: object = {}) => {
    let calls = 0;
    const fetch = (): Promise<Response> => {
      calls += 1;
      return rejecting(error)();
    };
    const failure = await failureOf(new RetryClient({ fetch, strategy, ...options }).get('http://a.test/'));
    return [
      failure === error ? 'as it is' : failure instanceof HttpNetworkError ? 'HttpNetworkError' : 'other',
      calls,
    ] as const;
  };
  const coded = (code: string, error = new Error(code)) => Object.assign(error, { code });

  it('is a failure of the network if it is a TypeError, of any realm', async () => {
    expect(await attemptsFor(new TypeError('Failed to fetch'))).toEqual(['HttpNetworkError', 2]);
    expect(await attemptsFor(Object.assign(new Error('Failed to fetch'), { name: 'TypeError' }))).toEqual([
      'HttpNetworkError',
      2,
    ]);
  });

  it('is one if the transport marks it so', async () => {
    expect(await attemptsFor(Object.assign(new Error('down'), { sent: false }))).toEqual(['HttpNetworkError', 2]);
    expect(await attemptsFor(Object.assign(new Error('down'), { sent: true }))).toEqual(['HttpNetworkError', 2]);
    expect(await attemptsFor(Object.assign(new Error('down'), { permanent: true }))).toEqual(['HttpNetworkError', 1]);
  });

  it('stays as it is, and is not retried, if it is of any other class', async () => {
    for (const error of [
      new Error('a bug'),
      new RangeError('a bug'),
      new SyntaxError('a bug'),
      coded('ENOENT'),
      coded('EACCES'),
      coded('E_OWN'),
      'a text',
      undefined,
      { down: true },
    ]) {
      expect(await attemptsFor(error)).toEqual(['as it is', 1]);
    }
  });

  it('stays as it is if it is a DOMException of an abort', async () => {
    expect(await attemptsFor(new DOMException('left', 'AbortError'))).toEqual(['as it is', 1]);
  });
});
