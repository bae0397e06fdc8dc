import { NEVER } from 'rxjs';

import {
  constant,
  HttpError,
  HttpNetworkError,
  HttpParseError,
  HttpStatusError,
  HttpTimeoutError,
  HttpValidationError,
  isHttpError,
  json,
  RetryClient,
  text,
  type HttpAttempt,
} from '../../src/index.js';
import { network } from '../support/scripted-network.js';
import { failureOf } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const attempt: HttpAttempt = {
  number: 2,
  of: 3,
  requestId: 'r',
  startedAt: 0,
  method: 'GET',
  url: 'http://a.test/x',
  context: {},
};
const response = new Response('body', { status: 404, statusText: 'Not Found' });

describe('The errors of the client', () => {
  const cause = new Error('beneath');
  const all = {
    HttpStatusError: new HttpStatusError({ attempt, response, cause }),
    HttpNetworkError: new HttpNetworkError({ attempt, cause }),
    HttpTimeoutError: new HttpTimeoutError({ attempt, scope: 'attempt', limit: 5, cause }),
    HttpValidationError: new HttpValidationError({ attempt, issues: [{ message: 'no number' }], cause }),
  };

  for (const [name, error] of Object.entries(all)) {
    it(`are errors, HttpErrors, and have their names: ${name}`, () => {
      expect(error).toBeInstanceOf(Error);
      expect(error).toBeInstanceOf(HttpError);
      expect(error.name as string).toBe(name);
      expect(String(error)).toContain(`${name}: GET http://a.test/x: `);
      expect(isHttpError(error)).toBeTrue();
    });

    it(`name the request and attempt, and have the cause: ${name}`, () => {
      expect(error.request).toEqual({ method: 'GET', url: 'http://a.test/x' });
      expect(error.attempt).toBe(attempt);
      expect(error.cause).toBe(cause);
      expect(error.message).toContain('attempt 2 of 3');
    });
  }

  it('have no cause if there is none', () => {
    expect('cause' in new HttpTimeoutError({ attempt, scope: 'total', limit: 5 })).toBeFalse();
  });

  it('name the attempt alone if the number of attempts is unlimited', () => {
    const { message } = new HttpNetworkError({ attempt: { ...attempt, of: Infinity } });

    expect(message).toMatch(/attempt 2\b/);
    expect(message).not.toContain('of');
  });

  it('describe the failure', () => {
    expect(all.HttpStatusError.message).toContain('404 Not Found');
    expect(all.HttpNetworkError.message).toContain('beneath');
    expect(all.HttpTimeoutError.message).toContain('5 ms');
    expect(new HttpNetworkError({ attempt, phase: 'body', summary: 'it was cut' }).message).toContain('it was cut');
  });

  it('of status have it, and the response', () => {
    expect(all.HttpStatusError.status).toBe(404);
    expect(all.HttpStatusError.response).toBe(response);
  });

  it('of the network have phase and sent only if these are known', () => {
    const { phase, sent } = new HttpNetworkError({ attempt, phase: 'connect', sent: false });
    expect([phase, sent]).toEqual(['connect', false]);
    const unknown = new HttpNetworkError({ attempt });
    expect(['phase' in unknown, 'sent' in unknown]).toEqual([false, false]);
  });

  it('of time have scope and limit', () => {
    const { scope, limit } = new HttpTimeoutError({ attempt, scope: 'total', limit: 1234 });

    expect([scope, limit]).toEqual(['total', 1234]);
  });

  it('of data have the issues, and the line if there is one', () => {
    const issues = [{ message: 'no number', path: ['a', 0] }];
    const error = new HttpValidationError({ attempt, issues, line: 7 });

    expect(error.issues).toBe(issues);
    expect(error.line).toBe(7);
    expect('line' in all.HttpValidationError).toBeFalse();
  });

  it('of data name the first few paths, as in code', () => {
    const messageFor = (...paths: (readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined)[]) =>
      new HttpValidationError({ attempt, issues: paths.map((path) => ({ message: 'no', path })), line: 2 }).message;

    expect(messageFor(['items', 3, 'name'])).toContain(
      'the data of line 2 is not what the schema expects, at items[3].name (',
    );
    expect(messageFor([{ key: 'items' }, { key: 3 }])).toContain('at items[3] (');
    expect(messageFor([], undefined)).toContain('at the top (');
    expect(messageFor([0], [Symbol('s')], ['c'])).toContain('at [0], Symbol(s), c (');
    expect(messageFor(['a'], ['b'], ['c'], ['d'])).toContain('at a, b, c and more (');
    expect(messageFor(['a'], ['a'], ['b'], ['c'], ['d'], ['e'])).toContain('at a, b, c and more (');
  });

  it('of data have short messages, however much is wrong with it', () => {
    const issues = Array.from({ length: 10_000 }, (_, index) => ({
      message: 'm'.repeat(1_000),
      path: [`${'k'.repeat(1_000)}${index}`],
    }));

    expect(new HttpValidationError({ attempt, issues }).message.length).toBeLessThan(400);
  });

  it('of data can be logged without the validator’s words, which may quote it', () => {
    const secretive = new HttpValidationError({
      attempt,
      issues: [{ message: "expected a number, got 's3cret'", path: ['pin'] }],
    });

    expect(JSON.stringify(secretive) + String(secretive)).not.toContain('s3cret');
  });

  it('can be logged without the content of a response', () => {
    const secretive = new HttpStatusError({
      attempt,
      response: new Response('s3cret', { status: 500, headers: { 'x-token': 's3cret' } }),
    });

    expect(JSON.stringify(secretive)).not.toContain('s3cret');
  });

  it('cannot be made by HttpError itself', () => {
    // It is abstract: its own instances have no name.
    expect(HttpError.prototype).not.toEqual(jasmine.objectContaining({ name: 'HttpError' }));
    expect(Object.getPrototypeOf(HttpNetworkError)).toBe(HttpError);
  });
});

describe('isHttpError()', () => {
  it('knows no other error', () => {
    const others: unknown[] = [
      new Error('x'),
      new TypeError('x'),
      new DOMException('x', 'AbortError'),
      { name: 'HttpStatusError' },
      { name: 'HttpErrorResponse', request: {}, attempt: {} },
      'HttpStatusError',
      null,
      undefined,
      5,
      response,
    ];

    for (const other of others) expect(isHttpError(other)).withContext(String(other)).toBeFalse();
  });

  it('narrows by name', () => {
    const error: unknown = new HttpTimeoutError({ attempt, scope: 'attempt', limit: 5 });

    expect(isHttpError(error) && error.name === 'HttpTimeoutError' && error.limit).toBe(5);
  });
});

describe('The error of a request', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0), attempts: 2 } });

  it('is an HttpStatusError with the method, the URL and the last attempt', async () => {
    const url = api.url('status', { status: 503, body: 'busy' });
    const error = await failureOf(client.put(url, 'x', { selector: text() }));

    expect(error).toBeInstanceOf(HttpStatusError);
    const { request, attempt: last, status, response: answer, message } = error as HttpStatusError;
    expect(request).toEqual({ method: 'PUT', url });
    expect([last.number, last.of, status]).toEqual([2, 2, 503]);
    expect(message).toBe(`PUT ${url}: 503 Service Unavailable (attempt 2 of 2)`);
    expect(await answer.text()).toBe('busy');
  });

  it('is an HttpNetworkError if the connection is refused, with the transport’s own as the cause', async () => {
    const error = await failureOf(client.get(api.refusedUrl));

    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((error as HttpNetworkError).cause).toBeInstanceOf(TypeError);
    expect((error as HttpNetworkError).attempt.number).toBe(2);
  });

  it('is an HttpNetworkError if the connection is cut', async () => {
    for (const cut of ['before-headers', 'in-headers'] as const) {
      const error = await failureOf(client.get(api.url(cut, { cut })));

      expect(error).toBeInstanceOf(HttpNetworkError);
      expect((error as HttpNetworkError).cause).toBeDefined();
      expect((error as HttpNetworkError).sent).toBeUndefined();
    }
  });

  it('is an HttpNetworkError of phase body if the body breaks off, in browsers too', async () => {
    const error = await failureOf(client.get(api.url('body', { cut: 'in-body' }), { selector: text() }));

    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((error as HttpNetworkError).phase).toBe('body');
    expect((error as HttpNetworkError).sent).toBeUndefined();
  });

  it('is an HttpTimeoutError of scope attempt after silence', async () => {
    const silent = new RetryClient({
      interceptors: [network(NEVER).interceptor],
      timeout: 5,
      strategy: { attempts: 1 },
    });
    const error = await failureOf(silent.get('http://a.test/'));

    expect(error).toBeInstanceOf(HttpTimeoutError);
    expect([(error as HttpTimeoutError).scope, (error as HttpTimeoutError).limit]).toEqual(['attempt', 5]);
  });

  it('is an HttpParseError if the body is complete and cannot be parsed', async () => {
    const error = await failureOf(client.get(api.url('malformed', { body: '{' }), { selector: json() }));

    expect(error).toBeInstanceOf(HttpParseError);
    expect(isHttpError(error)).toBeTrue();
  });

  it('is the selector’s own error, if the selector throws', async () => {
    const bug = new TypeError('a bug');
    const error = await failureOf(client.get(api.url('bug', {}), { selector: () => Promise.reject(bug) }));

    expect(error).toBe(bug);
  });
});
