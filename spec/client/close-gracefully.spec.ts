import { asyncScheduler, map, NEVER, type Observable, Subject, take, timer } from 'rxjs';

import { concurrencyLimit, constant, hedging, RetryClient, text } from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

const url = 'http://a.test/';
const closed = jasmine.objectContaining({ name: 'AbortError', message: jasmine.stringMatching(/closed/) });

/** An answer after a time, in ms. */
const after = (ms: number): Observable<Response> => timer(ms).pipe(map(() => new Response(null, { status: 200 })));

/** Notes what a source does, and when, in a list that several share. */
const note = (log: string[], name: string, source: Observable<unknown>, now: () => number) =>
  source.subscribe({
    next: () => log.push(`${String(now())} ${name} value`),
    error: (error: unknown) => log.push(`${String(now())} ${name} ${(error as Error).name}`),
    complete: () => log.push(`${String(now())} ${name} complete`),
  });

describe('closeGracefully()', () => {
  describe('in virtual time:', () => {
    /** Runs a body with a log and its clock, and returns the log. */
    const logOf = (body: (log: string[], now: () => number, at: (ms: number, what: () => void) => void) => void) =>
      inVirtualTime(({ flush }) => {
        const log: string[] = [];
        body(
          log,
          () => asyncScheduler.now(),
          (ms, what) => timer(ms).subscribe(what),
        );
        flush();
        return log;
      });

    it('lets a request under way go on, and emits once and completes when it has ended', () => {
      const log = logOf((log, now) => {
        const client = new RetryClient({ interceptors: [network(after(30)).interceptor] });
        note(log, 'request', client.get(url), now);
        note(log, 'closing', client.closeGracefully(), now);
      });

      expect(log).toEqual(['30 request value', '30 request complete', '30 closing value', '30 closing complete']);
    });

    it('emits at once if no request is under way', () => {
      const log = logOf((log, now) => {
        note(log, 'closing', new RetryClient().closeGracefully(), now);
      });

      expect(log).toEqual(['0 closing value', '0 closing complete']);
    });

    it('begins at the call: without a subscriber, and for one that comes late', () => {
      const log = logOf((log, now, at) => {
        const client = new RetryClient({ interceptors: [network(after(30)).interceptor] });
        note(log, 'request', client.get(url), now);
        const closing$ = client.closeGracefully();
        note(log, 'new', client.get(url), now);
        at(50, () => note(log, 'closing', closing$, now));
      });

      expect(log).toEqual([
        '0 new AbortError',
        '30 request value',
        '30 request complete',
        '50 closing value',
        '50 closing complete',
      ]);
    });

    it('goes on when its subscriber leaves', () => {
      const log = logOf((log, now) => {
        const client = new RetryClient({ interceptors: [network(NEVER).interceptor] });
        note(log, 'request', client.get(url), now);
        client.closeGracefully({ timeout: 20 }).subscribe().unsubscribe();
        note(log, 'new', client.get(url), now);
      });

      expect(log).toEqual(['0 new AbortError', '20 request AbortError']);
    });

    it('waits for a request that waits for its retry', () => {
      const { interceptor, requests } = network(503, 200);
      const log = logOf((log, now) => {
        const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(40) } });
        note(log, 'request', client.get(url), now);
        note(log, 'closing', client.closeGracefully(), now);
      });

      expect(requests.length).toBe(2);
      expect(log).toEqual(['40 request value', '40 request complete', '40 closing value', '40 closing complete']);
    });

    it('waits for requests that a gate holds', () => {
      const log = logOf((log, now) => {
        const client = new RetryClient({
          interceptors: [network(after(10)).interceptor],
          strategy: { gates: [concurrencyLimit({ max: 1 })] },
        });
        for (const name of ['one', 'two', 'three']) note(log, name, client.get(url), now);
        note(log, 'closing', client.closeGracefully(), now);
      });

      expect(log.filter((line) => !line.endsWith('value'))).toEqual([
        '10 one complete',
        '20 two complete',
        '30 three complete',
        '30 closing complete',
      ]);
    });

    it('lets a hedge be sent', () => {
      const { interceptor, requests } = network(NEVER, after(10));
      const log = logOf((log, now) => {
        const client = new RetryClient({ interceptors: [interceptor], strategy: { hedge: hedging({ after: 20 }) } });
        note(log, 'request', client.get(url), now);
        note(log, 'closing', client.closeGracefully(), now);
      });

      expect(requests.length).toBe(2);
      expect(log.at(-1)).toBe('30 closing complete');
    });

    it('counts a request that fails, and one whose consumer leaves, as ended', () => {
      const log = logOf((log, now, at) => {
        const client = new RetryClient({
          interceptors: [network(timer(10).pipe(map(() => new Response(null, { status: 404 }))), NEVER).interceptor],
        });
        note(log, 'failing', client.get(url, { throwHttpErrors: true }), now);
        const left = client.get(url).subscribe();
        at(25, () => {
          left.unsubscribe();
        });
        note(log, 'closing', client.closeGracefully(), now);
      });

      expect(log).toEqual(['10 failing HttpStatusError', '25 closing value', '25 closing complete']);
    });

    it('ends what is left after the timeout, as close() does', () => {
      const log = logOf((log, now) => {
        const client = new RetryClient({
          interceptors: [network(after(10), NEVER).interceptor],
          strategy: { backoff: constant(60_000) },
        });
        note(log, 'quick', client.get(url), now);
        note(log, 'stuck', client.get(url), now);
        note(log, 'closing', client.closeGracefully({ timeout: 20 }), now);
      });

      expect(log).toEqual([
        '10 quick value',
        '10 quick complete',
        '20 stuck AbortError',
        '20 closing value',
        '20 closing complete',
      ]);
    });

    it('leaves no timer behind when the requests end before the timeout', () => {
      const log = logOf((log, now, at) => {
        const client = new RetryClient({ interceptors: [network(after(10)).interceptor] });
        client.attempts$.subscribe({ complete: () => log.push('attempts$ complete') });
        note(log, 'request', client.get(url), now);
        note(log, 'closing', client.closeGracefully({ timeout: 2 ** 40 }), now);
        at(20, () => log.push('20 later'));
      });

      // With a timer, virtual time would run until it.
      expect(log.at(-1)).toBe('20 later');
    });

    it('waits without a limit for timeout: false', () => {
      const log = logOf((log, now) => {
        const client = new RetryClient({ interceptors: [network(after(10_000_000)).interceptor], timeout: false });
        note(log, 'request', client.get(url), now);
        note(log, 'closing', client.closeGracefully({ timeout: false }), now);
      });

      expect(log.at(-1)).toBe('10000000 closing complete');
    });

    it('may be called again: all wait for the same end, and the shortest timeout applies', () => {
      const log = logOf((log, now, at) => {
        const client = new RetryClient({ interceptors: [network(NEVER).interceptor] });
        note(log, 'request', client.get(url), now);
        note(log, 'first', client.closeGracefully({ timeout: 100 }), now);
        at(10, () => note(log, 'second', client.closeGracefully({ timeout: 20 }), now));
        at(90, () => note(log, 'third', client.closeGracefully({ timeout: 20 }), now));
      });

      expect(log.filter((line) => !line.endsWith('value'))).toEqual([
        '30 request AbortError',
        '30 first complete',
        '30 second complete',
        '90 third complete',
      ]);
    });

    it('is ended by close(), at once', () => {
      const log = logOf((log, now, at) => {
        const client = new RetryClient({ interceptors: [network(NEVER).interceptor] });
        note(log, 'request', client.get(url), now);
        note(log, 'closing', client.closeGracefully({ timeout: 100 }), now);
        at(10, () => {
          client.close();
        });
      });

      expect(log).toEqual(['10 request AbortError', '10 closing value', '10 closing complete']);
    });

    it('emits at once on a closed client', () => {
      const log = logOf((log, now) => {
        const client = new RetryClient();
        client.close();
        note(log, 'closing', client.closeGracefully({ timeout: 100 }), now);
      });

      expect(log).toEqual(['0 closing value', '0 closing complete']);
    });

    it('lets totalTimeout, signals and attempts go on as they would', () => {
      const controller = new AbortController();
      const log = logOf((log, now, at) => {
        const client = new RetryClient({ interceptors: [network(NEVER).interceptor] });
        note(log, 'total', client.get(url, { totalTimeout: 10 }), now);
        note(log, 'signal', client.get(url, { signal: controller.signal }), now);
        note(log, 'closing', client.closeGracefully(), now);
        at(20, () => {
          controller.abort();
        });
      });

      expect(log).toEqual([
        '10 total HttpTimeoutError',
        '20 signal AbortError',
        '20 closing value',
        '20 closing complete',
      ]);
    });
  });

  describe('and attempts$', () => {
    marbles('completes after the last event, before the Observable emits', ({ flush }) => {
      const client = new RetryClient({
        interceptors: [network(503, after(10)).interceptor],
        strategy: { backoff: constant(5) },
      });
      const seen: string[] = [];
      client.attempts$.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('complete') });
      client.get(url).subscribe();
      client.closeGracefully().subscribe(() => seen.push('closed'));
      flush();

      expect(seen).toEqual([
        'start',
        'response',
        'retry',
        'start',
        'response',
        'value',
        'success',
        'complete',
        'closed',
      ]);
    });

    it('has the last event of a request that an observer ends', () => {
      const answer$ = new Subject<Response>();
      const seen: string[] = [];
      const client = new RetryClient({
        interceptors: [network(answer$).interceptor],
        observers: [
          () => ({
            next: ({ type }) => {
              if (type === 'value') request.unsubscribe();
            },
          }),
        ],
      });
      client.attempts$.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('complete') });
      const request = client.get(url).subscribe();
      void client.closeGracefully();
      answer$.next(new Response(null));

      expect(seen).toEqual(['start', 'response', 'value', 'success', 'complete']);
    });

    it('has the last event of a request whose observer closes the client', () => {
      const answer$ = new Subject<Response>();
      const seen: string[] = [];
      const client = new RetryClient({
        interceptors: [network(answer$).interceptor],
        observers: [
          () => ({
            next: ({ type }) => {
              if (type === 'response') client.close();
            },
          }),
        ],
      });
      client.attempts$.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('complete') });
      client.get(url).subscribe({ error: () => undefined });
      answer$.next(new Response(null));

      expect(seen).toEqual(['start', 'response', 'failure', 'complete']);
    });

    it('has the last event of a request whose consumer takes one value', () => {
      const answer$ = new Subject<Response>();
      const seen: string[] = [];
      const client = new RetryClient({ interceptors: [network(answer$).interceptor] });
      client.attempts$.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('complete') });
      client.get(url, { observe: 'attempts' }).pipe(take(3)).subscribe();
      void client.closeGracefully();
      answer$.next(new Response(null));

      expect(seen).toEqual(['start', 'response', 'value', 'success', 'complete']);
    });
  });

  describe('with extensions:', () => {
    const family = () => {
      const open: Subject<Response>[] = [];
      const interceptor = () => {
        const answer$ = new Subject<Response>();
        open.push(answer$);
        return answer$;
      };
      const parent = new RetryClient({ interceptors: [interceptor] });
      const child = parent.extend({});
      const grandchild = child.extend({});
      const log: string[] = [];
      for (const [name, client] of Object.entries({ parent, child, grandchild })) {
        client.get(url).subscribe({ complete: () => log.push(name), error: () => log.push(`${name} failed`) });
      }
      const answer = (index: number) => {
        open[index]!.next(new Response(null));
        open[index]!.complete();
      };
      return { parent, child, grandchild, log, answer };
    };

    it('waits for the requests of extensions, whose new requests fail', async () => {
      const { parent, child, grandchild, log, answer } = family();
      parent.closeGracefully().subscribe(() => log.push('closed'));

      expect(await failureOf(grandchild.get(url))).toEqual(closed);
      expect(await failureOf(child.extend({}).get(url))).toEqual(closed);
      answer(0);
      answer(2);
      expect(log).toEqual(['parent', 'grandchild']);
      answer(1);
      expect(log).toEqual(['parent', 'grandchild', 'child', 'closed']);
    });

    it('of an extension leaves its parent open, and does not wait for it', async () => {
      const { parent, child, grandchild, log, answer } = family();
      let completed = false;
      parent.attempts$.subscribe({ complete: () => (completed = true) });
      child.closeGracefully().subscribe(() => log.push('closed'));

      expect(await failureOf(grandchild.get(url))).toEqual(closed);
      answer(1);
      answer(2);
      expect(log).toEqual(['child', 'grandchild', 'closed']);
      const events = listen(parent.attempts$);
      parent.get(url).subscribe().unsubscribe();
      expect(plot(events)).toEqual(['start 1', 'cancel 1']);
      expect(completed).toBeFalse();
    });

    it('close() of an extension ends its own requests only, while its parent closes gracefully', () => {
      const { parent, child, log, answer } = family();
      parent.closeGracefully().subscribe(() => log.push('closed'));
      child.close();

      expect(log.sort()).toEqual(['child failed', 'grandchild failed']);
      answer(0);
      expect(log).toEqual(['child failed', 'grandchild failed', 'parent', 'closed']);
    });

    it('close() of a client ends the requests of an extension that closes gracefully', () => {
      const { parent, child, log } = family();
      child.closeGracefully().subscribe(() => log.push('closed'));
      parent.close();

      expect(log.filter((name) => name !== 'closed').sort()).toEqual([
        'child failed',
        'grandchild failed',
        'parent failed',
      ]);
      expect(log).toContain('closed');
    });
  });

  describe('over a real connection:', () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    it('lets a body be read to its end', async () => {
      const client = new RetryClient();
      const body = only(client.get(api.url('slow', { chunks: ['a', 'b', 'c'], chunkDelay: 20 }), { selector: text() }));
      await api.received('slow');
      await only(client.closeGracefully());

      expect(await body).toBe('abc');
      expect(await failureOf(client.get(api.url('late', {})))).toEqual(closed);
      expect(await api.requests('late')).toEqual([]);
      expect((await api.ended('slow')).aborted).toBeFalse();
    });

    it('aborts what is left after the timeout', async () => {
      const client = new RetryClient();
      const failure = failureOf(client.get(api.url('stuck', { stall: 'headers' })));
      await api.received('stuck');
      await only(client.closeGracefully({ timeout: 10 }));

      expect(await failure).toEqual(closed);
      expect((await api.ended('stuck')).aborted).toBeTrue();
    });
  });

  it('accepts requests of no other client, and none that were made before and not subscribed to', async () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor] });
    const other = new RetryClient({ interceptors: [interceptor] });
    const request$ = client.get(url);
    void client.closeGracefully();

    expect(await failureOf(request$)).toEqual(closed);
    expect(requests).toEqual([]);
    expect((await only(other.get(url))).status).toBe(200);
  });

  it('can be called by a listener on attempts$', async () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor] });
    const log: string[] = [];
    let closing: Observable<void> = NEVER;
    client.attempts$.subscribe({
      next: ({ type }) => {
        log.push(type);
        if (type === 'start') closing = client.closeGracefully();
      },
      complete: () => log.push('complete'),
    });
    const { status } = await only(client.get(url));

    expect(status).toBe(200);
    expect(log).toEqual(['start', 'response', 'value', 'success', 'complete']);
    await only(closing);
  });

  it('names a bad option', () => {
    const client = new RetryClient();
    const call = (options: unknown) => () => client.closeGracefully(options as { timeout: number });

    expect(call({ timeout: -1 })).toThrowError(/timeout must be a number of ms above 0, or false, not -1/);
    expect(call({ timeout: '5' })).toThrowError(TypeError);
    expect(call({ timeout: NaN })).toThrowError(/NaN/);
    expect(call({ tiemout: 5 })).toThrowError(/unknown option "tiemout"; known options: timeout/);
    expect(call(5)).toThrowError(/options must be an object of options, not 5/);
    // It did not begin.
    let completed = false;
    client.attempts$.subscribe({ complete: () => (completed = true) });
    expect(completed).toBeFalse();
  });
});
