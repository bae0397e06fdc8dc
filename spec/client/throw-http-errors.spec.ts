import { concat, map, of, throwError } from 'rxjs';

import { constant, HttpStatusError, isHttpError, json, RetryClient, text } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { type Answer, network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const url = 'http://a.test/';
const noDelay = { backoff: constant(0) };
const answering = (...answers: readonly Answer[]) => {
  const client = new RetryClient({ interceptors: [network(...answers).interceptor], strategy: noDelay });
  return { client, events: listen(client.attempts$) };
};

describe('throwHttpErrors', () => {
  it('is false by default: a response is emitted, whatever its status', async () => {
    for (const status of [400, 404, 499]) {
      const { client, events } = answering(status);
      expect((await only(client.get(url))).status).toBe(status);
      expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
    }
  });

  it('true turns a status of 400 or above into an HttpStatusError, and the events end with failure', async () => {
    for (const status of [400, 404, 499]) {
      const { client, events } = answering(status);
      const error = await failureOf(client.get(url, { throwHttpErrors: true }));
      expect(error).toBeInstanceOf(HttpStatusError);
      expect((error as HttpStatusError).status).toBe(status);
      expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 permanent']);
      const last = events.at(-1);
      expect(last?.type === 'failure' && last.outcome).toEqual(jasmine.objectContaining({ kind: 'error', error }));
      expect(last?.type === 'failure' && last.outcome.response?.status).toBe(status);
    }
  });

  it('true emits a status below 400', async () => {
    for (const status of [200, 304, 399]) {
      const { client } = answering(status);
      expect((await only(client.get(url, { throwHttpErrors: true }))).status).toBe(status);
    }
  });

  it('true changes no retries: only the last response becomes the error', async () => {
    const { client, events } = answering(503, 502, 500);
    const error = await failureOf(client.get(url, { throwHttpErrors: true }));

    expect((error as HttpStatusError).status).toBe(500);
    expect((error as HttpStatusError).attempt.number).toBe(3);
    expect(plot(events)).toEqual([
      'start 1',
      'response 1',
      'retry 1',
      'start 2',
      'response 2',
      'retry 2',
      'start 3',
      'response 3',
      'failure 3 attempts',
    ]);
  });

  it('is true by default with a selector, and can be false', async () => {
    const { client } = answering(404);

    expect(await failureOf(client.get(url, { selector: () => ['read'] }))).toBeInstanceOf(HttpStatusError);
    expect(await failureOf(client.getJSON(url))).toBeInstanceOf(HttpStatusError);
    expect(await only(client.get(url, { selector: ({ status }) => [status], throwHttpErrors: false }))).toBe(404);
  });

  it('of the request is over the client’s, and the client’s over the default', async () => {
    const throwing = new RetryClient({ throwHttpErrors: true, interceptors: [network(404).interceptor] });
    const accepting = new RetryClient({ throwHttpErrors: false, interceptors: [network(404).interceptor] });

    expect(await failureOf(throwing.get(url))).toBeInstanceOf(HttpStatusError);
    expect((await only(throwing.get(url, { throwHttpErrors: false }))).status).toBe(404);
    expect(await only(accepting.get(url, { selector: ({ status }) => [status] }))).toBe(404);
    expect(await failureOf(accepting.get(url, { selector: () => [1], throwHttpErrors: true }))).toBeInstanceOf(
      HttpStatusError,
    );
  });

  it('true throws a response that shouldRetry accepts', async () => {
    const { client, events } = answering(503);

    expect(
      await failureOf(client.get(url, { throwHttpErrors: true, strategy: { shouldRetry: () => false } })),
    ).toBeInstanceOf(HttpStatusError);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 permanent']);
  });

  it('true throws after a POST, with reason method', async () => {
    const { client, events } = answering(503);

    expect(await failureOf(client.post(url, 'x', { throwHttpErrors: true }))).toBeInstanceOf(HttpStatusError);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 method']);
  });

  it('does not call the selector for a response that is thrown or retried', async () => {
    let calls = 0;
    const { client } = answering(503, 404);

    await failureOf(client.get(url, { selector: () => [++calls] }));
    expect(calls).toBe(0);
  });

  describe('false with a selector', () => {
    it('makes it read the last error response when no attempts are left; the events end with failure', async () => {
      const { client, events } = answering(503, 503, () => new Response('busy', { status: 503 }));

      expect(await only(client.get(url, { selector: text(), throwHttpErrors: false }))).toBe('busy');
      expect(plot(events)).toEqual([
        'start 1',
        'response 1',
        'retry 1',
        'start 2',
        'response 2',
        'retry 2',
        'start 3',
        'response 3',
        'value 3',
        'failure 3 attempts',
      ]);
      const last = events.at(-1);
      expect(last?.type === 'failure' && [last.outcome.kind, last.outcome.response?.status]).toEqual(['response', 503]);
    });

    it('makes it read a permanent error response; the events end with success', async () => {
      const { client, events } = answering(() => new Response('none', { status: 404 }));

      expect(await only(client.get(url, { selector: text(), throwHttpErrors: false }))).toBe('none');
      expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
    });

    it('errors with what it throws while it reads the last error response, and does not retry', async () => {
      const bug = new Error('a bug');
      const { client, events } = answering(503);
      const { values, error } = await settled(
        client.get(url, {
          selector: () =>
            concat(
              of('a'),
              throwError(() => bug),
            ),
          throwHttpErrors: false,
        }),
      );

      expect(values).toEqual(['a']);
      expect(error).toBe(bug);
      expect(plot(events).slice(-3)).toEqual(['response 3', 'value 3', 'failure 3 attempts']);
    });

    it('lets it emit nothing for the last error response', async () => {
      const { client, events } = answering(503);

      expect(await settled(client.get(url, { selector: () => [], throwHttpErrors: false }))).toEqual({ values: [] });
      expect(plot(events).at(-1)).toBe('failure 3 attempts');
    });
  });

  describe('over the wire', () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    it('leaves the body of an HttpStatusError readable, also after the client is closed', async () => {
      const client = new RetryClient({ strategy: noDelay, timeout: 1000, totalTimeout: 5000 });
      const error = await failureOf(client.getJSON(api.url('body', { status: 422, json: { field: 'name' } })));

      expect(isHttpError(error) && error.name === 'HttpStatusError' && error.response.bodyUsed).toBeFalse();
      client.close();
      expect(await (error as HttpStatusError).response.json()).toEqual({ field: 'name' });
    });

    it('leaves the body of the last of several error responses readable', async () => {
      const client = new RetryClient({ strategy: noDelay });
      const error = await failureOf(client.getJSON(api.url('last body', { status: 503, bytes: 60_000 })));

      expect((await (error as HttpStatusError).response.text()).length).toBe(60_000);
    });

    it('emits what a selector reads from a response after an error response', async () => {
      const client = new RetryClient({ strategy: noDelay });
      const request$ = client.get(
        api.url('then right', [{ status: 500, json: { wrong: true } }, { json: { right: true } }]),
        { selector: json() },
      );

      expect(await only(request$.pipe(map((value) => JSON.stringify(value))))).toBe('{"right":true}');
    });
  });
});
