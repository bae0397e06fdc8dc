import { map, Observable, of, Subject, takeUntil, throwError, timer } from 'rxjs';

import { HarRecorder, type HarEntry, type HarRecorderOptions } from '../../src/har/index.js';
import {
  bearerToken,
  bytes,
  type ClientOptions,
  concurrencyLimit,
  constant,
  defineGate,
  hedging,
  HttpNetworkError,
  json,
  RetryClient,
  serverSentEvents,
  text,
} from '../../src/index.js';
import { type Answer, bodiless, network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { type TestServer, testServer } from '../support/test-server.js';
import { inVirtualTime } from '../support/virtual-time.js';
import { findHarErrors } from './har-schema.js';

const url = 'http://a.test/x';
const noDelay = { backoff: constant(0) };
const after = (ms: number, status = 200) => timer(ms).pipe(map(() => new Response(null, { status })));

/** A client that is recorded, over a network of scripted answers. */
function recorded(answers: readonly Answer[], options: ClientOptions = {}, recording: HarRecorderOptions = {}) {
  const recorder = new HarRecorder(recording);
  const client = new RetryClient({ strategy: noDelay, ...options })
    .extend(recorder.options)
    .extend({ interceptors: [network(...answers).interceptor] });
  return { recorder, client };
}

const outcomes = (entries: readonly HarEntry[]) =>
  entries.map(({ _attempt: { number, outcome, reason }, response: { status } }) =>
    [number, status, outcome, reason].filter((part) => part !== undefined).join(' '),
  );

describe('HarRecorder', () => {
  it('has a page for each request, and an entry for each sending, with its number, outcome and retry', async () => {
    const { recorder, client } = recorded([503, new Error('no route'), 200], {
      name: 'shop',
      strategy: { backoff: constant(3), shouldRetry: ({ kind }) => kind === 'error' || undefined },
    });
    await settled(client.get(url));
    const { log } = recorder.toJSON();

    expect(findHarErrors(recorder.toJSON())).toEqual([]);
    expect(log.creator.name).toBe('rxjs-retry-client');
    expect(log.pages.length).toBe(1);
    expect(log.pages[0]).toEqual(
      jasmine.objectContaining({ id: 'request_1', title: `GET ${url}`, _client: 'shop', _outcome: 'success' }) as never,
    );
    expect(outcomes(log.entries)).toEqual(['1 503 retry', '2 0 retry', '3 200 success']);
    expect(log.entries.map(({ _retry }) => _retry)).toEqual([
      { reason: '503', delay: 3 },
      { reason: 'Error', delay: 3 },
      undefined,
    ]);
    expect(log.entries.map(({ _error }) => _error)).toEqual([undefined, 'Error: no route', undefined]);
    expect(new Set(log.entries.map(({ pageref }) => pageref))).toEqual(new Set(['request_1']));
  });

  it('says why a request failed', async () => {
    const { recorder, client } = recorded([404]);
    await failureOf(client.get(url, { selector: json() }));
    expect(outcomes(recorder.entries)).toEqual(['1 404 failure permanent']);
    expect(recorder.toJSON().log.pages[0]).toEqual(
      jasmine.objectContaining({ _outcome: 'failure', _reason: 'permanent' }) as never,
    );
  });

  it('tells blocked, wait and receive apart, and begins when gates held the attempt', () => {
    inVirtualTime(({ flush }) => {
      const { recorder, client } = recorded([after(7)], { strategy: { gates: [concurrencyLimit({ max: 1 })] } });
      const selector = () => timer(20);
      client.get(url, { selector }).subscribe();
      client.get(url, { selector }).subscribe();
      flush();
      const timings = recorder.entries.map(({ startedDateTime, time, timings: { blocked, wait, receive } }) => [
        new Date(startedDateTime).getTime(),
        blocked,
        wait,
        receive,
        time,
      ]);
      expect(timings).toEqual([
        [0, 0, 7, 20, 27],
        [0, 27, 7, 20, 54],
      ]);
      const [, page] = recorder.toJSON().log.pages;
      expect(page!._holds).toEqual([{ gate: 'concurrency-limit', attempt: 1, start: 0, duration: 27 }]);
      expect(page!._total).toBe(54);
      expect(findHarErrors(recorder.toJSON())).toEqual([]);
    });
  });

  it('has an entry for each hedge; the one that lost is superseded', () => {
    inVirtualTime(({ flush }) => {
      const { recorder, client } = recorded([after(100), after(5)], { strategy: { hedge: hedging({ after: 10 }) } });
      client.get(url).subscribe();
      flush();
      expect(outcomes(recorder.entries)).toEqual(['1 0 superseded', '1 200 success']);
      expect(recorder.entries.map(({ _attempt: { hedge } }) => hedge)).toEqual([undefined, 1]);
      expect(recorder.entries.map(({ time }) => time)).toEqual([15, 5]);
      expect(findHarErrors(recorder.toJSON())).toEqual([]);
    });
  });

  it('has an entry for each time that an interceptor sends', async () => {
    const recorder = new HarRecorder();
    let token = 'old';
    const client = new RetryClient({
      interceptors: [
        bearerToken({
          token: () => token,
          refresh: () => {
            token = 'new';
            return of(token);
          },
          appliesTo: ['http://a.test'],
        }),
      ],
    })
      .extend(recorder.options)
      .extend({ interceptors: [network(401, 200).interceptor] });
    await settled(client.get(url));
    expect(outcomes(recorder.entries)).toEqual(['1 401 superseded', '1 200 success']);
  });

  it('has a page and no entry for what was never sent', async () => {
    const shut = defineGate({ name: 'shut', admit: () => throwError(() => new Error('shut')) });
    const { recorder, client } = recorded([200], { strategy: { gates: [shut] } });
    await failureOf(client.get(url));
    await failureOf(client.get(url, { signal: AbortSignal.abort(new Error('left')) }));
    const { entries, pages } = recorder.toJSON().log;
    expect(entries).toEqual([]);
    expect(pages.map(({ _reason, _rejected }) => [_reason, _rejected?.gate])).toEqual([
      ['rejected', 'shut'],
      ['aborted', undefined],
    ]);
    expect(pages[0]!._rejected!.error).toContain('shut');
    expect(findHarErrors(recorder.toJSON())).toEqual([]);
  });

  it('says what a request that is under way has done until now', async () => {
    const stop$ = new Subject<void>();
    const { recorder, client } = recorded([503, new Observable<Response>()]);
    const end = settled(client.get(url).pipe(takeUntil(stop$)));
    await only(timer(5));
    expect(outcomes(recorder.entries)).toEqual(['1 503 retry', '2 0']);
    expect(recorder.toJSON().log.pages[0]!._outcome).toBeUndefined();
    expect(findHarErrors(recorder.toJSON())).toEqual([]);
    stop$.next();
    await end;
    expect(outcomes(recorder.entries)).toEqual(['1 503 retry', '2 0 cancel']);
    expect(recorder.entries[1]!._error).toBe('cancelled');
  });

  describe('keeps secrets out', () => {
    const secret = 'hunter2';
    const target = `http://me:${secret}@a.test/x?page=2&Signature=${secret}&token=${secret}#${secret}`;
    const headers = {
      cookie: `id=${secret}`,
      'proxy-authorization': secret,
      'X-Api-Key': secret,
      accept: 'application/json',
    };

    it('of headers, URLs, and what redact names', async () => {
      const answer = bodiless(404, { 'set-cookie': secret, 'x-api-key': secret, location: `/y?token=${secret}` });
      const { recorder, client } = recorded([answer], {}, { redact: ['x-api-key', 'TOKEN'] });
      await settled(client.get(target, { headers }));
      const file = JSON.stringify(recorder);

      expect(file).not.toContain(secret);
      expect(recorder.entries[0]!.request.url).toBe('http://a.test/x?page=2&Signature=REDACTED&token=REDACTED');
      expect(recorder.entries[0]!.request.queryString).toContain({ name: 'token', value: 'REDACTED' });
      expect(recorder.entries[0]!.request.headers).toEqual([{ name: 'accept', value: 'application/json' }]);
      expect(findHarErrors(recorder.toJSON())).toEqual([]);
    });

    it('unless it is told to keep them, signatures excepted', async () => {
      const { recorder, client } = recorded([200], {}, { redact: false });
      await settled(client.get(target, { headers }));
      const names = recorder.entries[0]!.request.headers.map(({ name }) => name);
      expect(names).toContain('authorization');
      expect(recorder.entries[0]!.request.url).toBe(`http://a.test/x?page=2&Signature=REDACTED&token=${secret}`);
    });
  });

  it('keeps secrets out of URLs in errors and headers, and those whose names are percent-encoded', async () => {
    const redact = ['token', 'user[password]'];
    const secret = 'hunter2';
    const seen = `http://me:${secret}@b.test/?token=${secret}`;
    const failing = (error: Error) => defineGate({ name: 'shut', admit: () => throwError(() => error) });
    const answer = bodiless(201, { 'content-location': seen, location: seen });
    for (const { client, recorder } of [
      recorded([new Error(`no route to ${seen}`)], { strategy: { attempts: 1 } }, { redact }),
      recorded([200], { strategy: { gates: [failing(new Error(`not to ${seen}`))] } }, { redact }),
      recorded([answer], { params: { 'user[password]': secret, 'to ken': 1 } }, { redact }),
    ]) {
      await settled(client.get(`${url}?%74oken=${secret}`));
      expect(JSON.stringify(recorder)).not.toContain(secret);
      expect(recorder.toJSON().log.pages[0]!.title).toContain('%74oken=REDACTED');
    }
  });

  it('has a valid file for a request whose content-length is no number', async () => {
    const { recorder, client } = recorded([200]);
    await settled(client.post(url, 'four', { headers: { 'content-length': 'many' } }));
    expect(recorder.entries[0]!.request.bodySize).toBe(4);
    expect(findHarErrors(recorder.toJSON())).toEqual([]);
  });

  describe('is bounded:', () => {
    it('it keeps the last holds of a request that is retried for ever', async () => {
      const gates = [defineGate({ name: 'slow', admit: () => timer(0).pipe(map(() => undefined)) })];
      const { recorder, client } = recorded([503], { strategy: { ...noDelay, gates, attempts: 6 } }, { limit: 2 });
      await settled(client.get(url));
      expect(recorder.toJSON().log.pages[0]!._holds!.map(({ attempt }) => attempt)).toEqual([5, 6]);
    });

    it('it keeps the last entries, and the pages that they are of', async () => {
      const { recorder, client } = recorded([503, 200], {}, { limit: 3 });
      for (let index = 0; index < 5; index += 1) await settled(client.get(`${url}${String(index)}`));
      expect(recorder.entries.map(({ request }) => request.url.slice(-1))).toEqual(['2', '3', '4']);
      expect(recorder.toJSON().log.pages.length).toBe(3);
      expect(findHarErrors(recorder.toJSON())).toEqual([]);
    });

    it('it keeps the last requests that were never sent', async () => {
      const { recorder, client } = recorded([200], {}, { limit: 2 });
      const signal = AbortSignal.abort(new Error('left'));
      for (let index = 0; index < 5; index += 1) await settled(client.get(url, { signal }));
      expect(recorder.toJSON().log.pages.map(({ id }) => id)).toEqual(['request_4', 'request_5']);
    });

    it('it keeps a retry for ever within its limit', async () => {
      const { recorder, client } = recorded([503], { strategy: { ...noDelay, attempts: 20 } }, { limit: 4 });
      await settled(client.get(url));
      expect(recorder.entries.map(({ _attempt }) => _attempt.number)).toEqual([17, 18, 19, 20]);
    });

    it('clear() forgets all, and a request under way is recorded from its next sending on', () => {
      inVirtualTime(({ flush }) => {
        const { recorder, client } = recorded([after(1, 503), after(10, 503), 200]);
        client.get(url).subscribe();
        timer(6).subscribe(() => {
          recorder.clear();
          expect(recorder.toJSON().log.pages).toEqual([]);
        });
        flush();
        expect(recorder.entries.map(({ _attempt }) => _attempt.number)).toEqual([3]);
        expect(recorder.toJSON().log.pages.length).toBe(1);
      });
    });
  });

  it('records a client once that was extended twice, and several clients', async () => {
    const recorder = new HarRecorder();
    const base = new RetryClient({ strategy: noDelay }).extend(recorder.options);
    const twice = base.extend(recorder.options).extend({ interceptors: [network(200).interceptor] });
    await settled(twice.get(url));
    expect(recorder.toJSON().log.pages.length).toBe(1);
    expect(recorder.entries.length).toBe(1);
    await settled(base.extend({ interceptors: [network(200).interceptor] }).get(url));
    expect(recorder.toJSON().log.pages.length).toBe(2);
  });

  it('refuses bad options by their names', () => {
    const refused = (options: object) => () => new HarRecorder(options);
    expect(refused({ limit: 0 })).toThrowError(RangeError, 'limit must be a number of at least 1, not 0');
    expect(refused({ maxBodySize: '1' })).toThrowError(TypeError, /^maxBodySize must be a number of bytes/);
    expect(refused({ redact: 'cookie' })).toThrowError(
      TypeError,
      "redact must be an array of names, or false, not 'cookie'",
    );
    expect(refused({ body: true })).toThrowError(
      TypeError,
      'unknown option "body"; known options: bodies, maxBodySize, limit, redact',
    );
  });

  describe('over a real network', () => {
    let api: TestServer;
    beforeAll(async () => {
      api = await testServer();
    });
    afterAll(() => api.close());

    const clientOf = (options: HarRecorderOptions = {}) => {
      const recorder = new HarRecorder(options);
      return { recorder, client: new RetryClient({ strategy: noDelay, timeout: 200 }).extend(recorder.options) };
    };

    it('is valid for every outcome: answered, cut, refused, timed out, aborted, redirected, streamed', async () => {
      const { recorder, client } = clientOf({ bodies: true });
      const once = { strategy: { attempts: 1 } };
      const stream = 'data: one\n\ndata: two\n\n';
      await settled(client.get(api.url('har-ok', { json: { a: 1 } }), { ...once, selector: json() }));
      await settled(client.get(api.url('har-unread', { body: 'unread' }), once));
      await settled(client.get(api.url('har-cut', { body: 'half', cut: 'in-body' }), { ...once, selector: text() }));
      await settled(client.get(api.url('har-cut-early', { cut: 'before-headers' }), once));
      await settled(client.get(api.refusedUrl, once));
      await settled(client.get(api.url('har-stall', { stall: 'headers' }), once));
      await settled(
        client.get(api.url('har-stalled-body', { body: 'two', stall: 'body' }), { ...once, selector: text() }),
      );
      await settled(client.get(api.url('har-abort', { stall: 'headers' })).pipe(takeUntil(timer(20))));
      await settled(client.get(api.url('har-redirect', { redirect: api.url('har-there', { body: 'there' }) }), once));
      await settled(
        client
          .get(api.url('har-sse', { body: stream, headers: { 'content-type': 'text/event-stream' } }), {
            selector: serverSentEvents(),
          })
          .pipe(takeUntil(timer(150))),
      );
      await settled(client.head(api.url('har-head', { body: 'x' }), once));
      await settled(client.get(api.url('har-304', { status: 304 }), once));

      expect(findHarErrors(recorder.toJSON())).toEqual([]);
      const { entries, pages } = recorder.toJSON().log;
      expect(pages.length).toBe(12);
      const of = (key: string) => entries.find(({ request }) => request.url.includes(key))!;
      expect(of('har-ok').response.content).toEqual(
        jasmine.objectContaining({ size: 7, text: '{"a":1}', mimeType: 'application/json' }) as never,
      );
      expect(of('har-unread').response.content.text).toBeUndefined();
      expect(of('har-cut')._error).toMatch(/./);
      expect(of('har-stall')._error).toMatch(/200 ms/);
      expect(of('har-stall').response.status).toBe(0);
      expect(of('har-stalled-body').response.status).toBe(200);
      expect(of('har-abort')._error).toBe('cancelled');
      expect(of('har-redirect').response.status).toBe(200);
      expect(of('har-sse').response.content.text).toBe(stream);
      expect(of('har-304').response.bodySize).toBe(0);
    });

    it('has the bodies of requests, also of streams that a factory opens, which are sent whole', async () => {
      const { recorder, client } = clientOf({ bodies: true, maxBodySize: 4 });
      const once = { strategy: { attempts: 1 }, selector: json<{ body: string }>() };
      const send = (key: string, body: Parameters<RetryClient['post']>[1]) =>
        only(client.post(api.url(`har-body-${key}`, { echo: true }), body, once));
      const form = new FormData();
      form.append('a', 'b');
      expect((await send('text', 'a text')).body).toBe('a text');
      expect((await send('json', { a: 1 })).body).toBe('{"a":1}');
      expect((await send('params', new URLSearchParams('a=1'))).body).toBe('a=1');
      expect((await send('bytes', new TextEncoder().encode('bytes'))).body).toBe('bytes');
      expect((await send('blob', new Blob(['a blob']))).body).toBe('a blob');
      await send('form', form);
      await only(timer(20));

      expect(findHarErrors(recorder.toJSON())).toEqual([]);
      const bodies = recorder.entries.map(({ request: { postData, bodySize } }) => [postData!.text, bodySize]);
      expect(bodies.slice(0, 5)).toEqual([
        ['a te', 6],
        ['{"a"', 7],
        ['a=1', 3],
        ['byte', 5],
        ['a bl', 6],
      ]);
      expect(bodies[5]![0]).toMatch(/^-+/);
      expect(recorder.entries.map(({ request }) => request.postData!._truncated)).toEqual([
        true,
        true,
        undefined,
        true,
        true,
        true,
      ]);
    });

    it('records bytes that are no text as base64, cut at maxBodySize', async () => {
      const { recorder, client } = clientOf({ bodies: true, maxBodySize: 3 });
      const steps = { body: 'AP/+gA==', encoding: 'base64', headers: { 'content-type': 'image/png' } } as const;
      const received = await only(client.get(api.url('har-png', steps), { selector: bytes() }));
      expect([...received]).toEqual([0, 255, 254, 128]);
      expect(recorder.entries[0]!.response.content).toEqual({
        size: 4,
        mimeType: 'image/png',
        text: 'AP/+',
        encoding: 'base64',
        _truncated: true,
      });
    });

    it('has no bodies unless it is told to', async () => {
      const { recorder, client } = clientOf();
      await settled(client.post(api.url('har-none', { body: 'secret' }), 'secret', { selector: text() }));
      expect(JSON.stringify(recorder)).not.toContain('"secret"');
    });
  });

  it('keeps what an error says safe to show, also one that throws when it is looked at', async () => {
    const hostile = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('no');
      },
    });
    const { recorder, client } = recorded([hostile]);
    await settled(client.get(url, { strategy: { attempts: 1 } }));
    expect(recorder.entries[0]!._error).toBe('an error that throws when it is looked at');
    const failing = recorded([]).client.extend({
      interceptors: [
        ({ attempt }) => throwError(() => new HttpNetworkError({ attempt, summary: 'http://me:pw@b.test\u001b[31m' })),
      ],
    });
    await settled(failing.get(url, { strategy: { attempts: 1 } }));
  });

  it('names the version of the package', async () => {
    const { default: manifest } = (await import('../../package.json', { with: { type: 'json' } })) as {
      default: { version: string };
    };
    expect(new HarRecorder().toJSON().log.creator.version).toBe(manifest.version);
  });
});
