import {
  asyncScheduler,
  concat,
  defer,
  ignoreElements,
  map,
  NEVER,
  type Observable,
  of,
  throwError,
  timer,
} from 'rxjs';

import {
  constant,
  defineGate,
  HttpNetworkError,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
  type Selector,
  whenOnline,
  type WhenOnlineOptions,
} from '../../src/index.js';
import { type EventLog, formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { type FakePage, fakePage, type FakePageOptions } from '../support/fake-page.js';
import { type Answer, bodiless, network, type ScriptedNetwork } from '../support/scripted-network.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const networkError = new HttpNetworkError({
  attempt: { number: 1, of: 3, requestId: '1', startedAt: 0, method: 'GET', url, context: {} },
  summary: 'Failed to fetch',
});

interface Sent extends EventLog {
  readonly sent: ScriptedNetwork;
}

interface Sending {
  readonly gate?: ReturnType<typeof whenOnline>;
  readonly answers?: readonly Answer[];
  readonly strategy?: RetryStrategy;
  readonly to?: string | string[];
}

/** Sends a request through the gate, and logs its events except responses and values. */
function send({ gate = whenOnline({ random: () => 0.5 }), answers = [200], strategy, to = url }: Sending = {}): Sent {
  const sent = network(...answers);
  const client = new RetryClient({
    interceptors: [sent.interceptor],
    strategy: { gates: [gate], backoff: constant(10), ...strategy },
  });
  const log = watch(client.get(to, { observe: 'attempts', totalTimeout: false }), formatEvent);
  return { sent, ...log };
}

/** Schedules a change of the page. */
function at(ms: number, work: () => void): void {
  timer(ms).subscribe(work);
}

/** The lines of a log that are not about responses and values, shortened. */
function essentials(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !/ (?:response|value|complete)/.test(line))
    .map((line) => line.replace(/\(error: .*Failed to fetch.*\)\)/, '(no network)'));
}

describe('whenOnline', () => {
  let page: FakePage | undefined;

  afterEach(() => {
    page?.restore();
    page = undefined;
  });

  /** A spec in virtual time, on a fake page. */
  function onPage(title: string, options: FakePageOptions, body: (page: FakePage, flush: () => void) => void): void {
    it(title, () => {
      page = fakePage(options);
      const used = page;
      inVirtualTime(({ flush }) => {
        body(used, flush);
      });
    });
  }

  describe('while the page is online', () => {
    onPage('lets attempts pass at once', {}, (_, flush) => {
      const { lines } = send({ answers: [503, 200] });
      flush();

      expect(essentials(lines)).toEqual([
        '0 start 1/3',
        '0 retry 1 (response: 503) +0 in 10',
        '10 start 2/3',
        '10 success 2 +0',
      ]);
    });

    onPage('lets them pass after a failure of the network, too', {}, (_, flush) => {
      const { lines } = send({ answers: [networkError, 200] });
      flush();

      expect(essentials(lines)).toEqual([
        '0 start 1/3',
        '0 retry 1 (no network) +0 in 10',
        '10 start 2/3',
        '10 success 2 +0',
      ]);
    });
  });

  describe('when the page goes offline', () => {
    onPage(
      'holds a first attempt, and sends it after a part of the spread when the page is back',
      {},
      (here, flush) => {
        const gate = whenOnline({ random: () => 0.5 });
        here.go('offline');
        const { lines, sent } = send({ gate });
        at(5_000, () => {
          here.go('online');
        });
        flush();

        expect(essentials(lines)).toEqual(['0 hold 1 when-online', '5500 start 1/3', '5500 success 1 +0']);
        expect(sent.requests.length).toBe(1);
      },
    );

    onPage('believes an event at once, also one that a script dispatches between two requests', {}, (here, flush) => {
      const gate = whenOnline({ spread: 0 });
      here.dispatch('offline');
      const { lines } = send({ gate });
      at(5, () => {
        here.dispatch('online');
      });
      flush();

      expect(essentials(lines)).toEqual(['0 hold 1 when-online', '5 start 1/3', '5 success 1 +0']);
    });

    onPage(
      'keeps a retry in its backoff, then holds it: no attempt is used while the page is offline',
      {},
      (here, flush) => {
        const { lines, sent } = send({ answers: [networkError, networkError, 200] });
        at(3, () => {
          here.go('offline');
        });
        at(60_000, () => {
          here.go('online');
        });
        flush();

        expect(essentials(lines)).toEqual([
          '0 start 1/3',
          '0 retry 1 (no network) +0 in 10',
          '10 hold 2 when-online',
          '60500 start 2/3',
          '60500 retry 2 (no network) +0 in 10',
          '60510 start 3/3',
          '60510 success 3 +0',
        ]);
        expect(sent.requests.length).toBe(3);
      },
    );

    onPage('ends a backoff when the page is back, and spreads the attempts', {}, (here, flush) => {
      const { lines } = send({ answers: [networkError, 200], strategy: { backoff: constant(30_000) } });
      at(3, () => {
        here.go('offline');
      });
      at(2_000, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines).slice(1)).toEqual([
        '0 retry 1 (no network) +0 in 30000',
        '2000 hold 2 when-online',
        '2500 start 2/3',
        '2500 success 2 +0',
      ]);
    });

    onPage('does not end the wait that Retry-After asks for', {}, (here, flush) => {
      const { lines } = send({
        answers: [bodiless(503, { 'Retry-After': '9' }), 200],
        strategy: { random: () => 0 },
      });
      at(3, () => {
        here.go('offline');
      });
      at(2_000, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines).at(-1)).toBe('9000 success 2 +0');
    });

    onPage('does not end an attempt that is under way', {}, (here, flush) => {
      const { lines } = send({ answers: [timer(50).pipe(map(() => new Response()))] });
      at(3, () => {
        here.go('offline');
      });
      flush();

      expect(essentials(lines)).toEqual(['0 start 1/3', '50 success 1 +50']);
    });

    onPage('holds the retry of an attempt that fails with it', {}, (here, flush) => {
      const { lines } = send({
        answers: [
          concat(
            timer(7).pipe(ignoreElements()),
            throwError(() => networkError),
          ),
          200,
        ],
        strategy: { backoff: constant(0) },
      });
      at(5, () => {
        here.go('offline');
      });
      at(100, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines)).toEqual([
        '0 start 1/3',
        '7 retry 1 (no network) +7 in 0',
        '7 hold 2 when-online',
        '600 start 2/3',
        '600 success 2 +0',
      ]);
    });

    onPage(
      'goes on holding an attempt whose part of the spread ends while the page is offline again',
      {},
      (here, flush) => {
        const gate = whenOnline({ random: () => 0.5 });
        here.go('offline');
        const { lines } = send({ gate });
        for (const [ms, state] of [
          [1_000, 'online'],
          [1_400, 'offline'],
          [7_000, 'online'],
        ] as const) {
          at(ms, () => {
            here.go(state);
          });
        }
        flush();

        expect(essentials(lines)).toEqual(['0 hold 1 when-online', '7500 start 1/3', '7500 success 1 +0']);
      },
    );

    onPage('counts the spread from the last time that the page was back', {}, (here, flush) => {
      const random = jasmine.createSpy('random').and.returnValue(0.5);
      const gate = whenOnline({ random });
      here.go('offline');
      const { lines } = send({ gate, answers: [timer(5_000).pipe(map(() => new Response()))] });
      for (const [ms, state] of [
        [1_000, 'online'],
        [1_400, 'offline'],
        [1_450, 'online'],
        [3_000, 'offline'],
        [3_100, 'online'],
      ] as const) {
        at(ms, () => {
          here.go(state);
        });
      }
      flush();

      expect(essentials(lines)).toEqual(['0 hold 1 when-online', '1950 start 1/3', '6950 success 1 +5000']);
      // Nothing of the hold is left while the attempt is under way.
      expect(random).toHaveBeenCalledTimes(2);
    });

    onPage('draws a part of the spread for each attempt', {}, (here, flush) => {
      const draws = [0.1, 0.9, 0.4];
      const gate = whenOnline({ spread: 100, random: () => draws.shift() ?? 0 });
      here.go('offline');
      const logs = draws.map(() => send({ gate }).lines);
      at(5, () => {
        here.go('online');
      });
      flush();

      expect(logs.map((lines) => essentials(lines)[1])).toEqual(['15 start 1/3', '95 start 1/3', '45 start 1/3']);
    });

    onPage('with spread: 0 sends what waits at once', {}, (here, flush) => {
      const { lines } = send({
        gate: whenOnline({ spread: 0 }),
        answers: [networkError, 200],
        strategy: { backoff: constant(100) },
      });
      at(20, () => {
        here.go('offline');
        here.go('online');
      });
      flush();

      expect(essentials(lines).slice(2)).toEqual(['20 start 2/3', '20 success 2 +0']);
    });

    onPage('has a spread of 1,000 ms and Math.random by default', {}, (here, flush) => {
      spyOn(Math, 'random').and.returnValue(0.25);
      const gate = whenOnline();
      here.go('offline');
      const { lines } = send({ gate });
      at(5, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines)[1]).toBe('255 start 1/3');
    });

    onPage('lets an attempt that comes when the page is back pass at once', {}, (here, flush) => {
      const gate = whenOnline();
      here.go('offline');
      here.go('online');
      const { lines } = send({ gate });
      flush();

      expect(essentials(lines)).toEqual(['0 start 1/3', '0 success 1 +0']);
    });

    onPage('rejects an attempt for which random throws, and no other', {}, (here, flush) => {
      const broken = new Error('random is broken');
      let draws = 0;
      const gate = whenOnline({
        random: () => {
          draws += 1;
          if (draws === 1) throw broken;
          return 0.5;
        },
      });
      here.go('offline');
      const logs = [send({ gate }), send({ gate })];
      at(5, () => {
        here.go('online');
      });
      flush();

      expect(logs[0]?.lines.at(-1)).toContain('rejected by the gate "when-online": random is broken');
      expect(essentials(logs[1]?.lines ?? []).at(-1)).toBe('505 success 1 +0');
    });

    onPage('takes note of a change that no event told of when the next attempt comes', {}, (here, flush) => {
      const gate = whenOnline({ random: () => 0.5 });
      here.setOnLine(false);
      const first = send({ gate });
      const second = send({ gate, strategy: { attempts: 9 } });
      at(70, () => {
        here.setOnLine(true);
        const third = send({ gate });

        expect(essentials(third.lines)).toEqual(['70 start 1/3', '70 success 1 +0']);
      });
      flush();

      expect(essentials(first.lines)).toEqual(['0 hold 1 when-online', '570 start 1/3', '570 success 1 +0']);
      expect(essentials(second.lines)).toEqual(['0 hold 1 when-online', '570 start 1/9', '570 success 1 +0']);
    });

    onPage('holds attempts of the bare operator, which have no URL', {}, (here, flush) => {
      const gate = whenOnline({ spread: 0 });
      here.go('offline');
      const { lines } = watch(of('a').pipe(retryWithStrategy({ gates: [gate] })));
      at(5, () => {
        here.go('online');
      });
      flush();

      expect(lines).toEqual(['5 a', '5 complete']);
    });
  });

  describe('where navigator.onLine is false at the start', () => {
    onPage('lets attempts pass for as long as none fails by the network', { onLine: false }, (_, flush) => {
      const gate = whenOnline();
      const answers = [send({ gate }), send({ gate, answers: [503, 404] }), send({ gate })];
      flush();

      expect(answers.map(({ lines }) => lines.at(-1))).toEqual(['0 complete', '10 complete', '0 complete']);
      expect(gate.snapshot('all')).toEqual({ open: true });
    });

    onPage('holds attempts once one has failed by the network', { onLine: false }, (here, flush) => {
      const gate = whenOnline({ random: () => 0.5 });
      const { lines } = send({ gate, answers: [networkError, 200] });
      at(4, () => {
        expect(gate.snapshot('all')).toEqual({ open: false });
      });
      at(50, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines).slice(1)).toEqual([
        '0 retry 1 (no network) +0 in 10',
        '10 hold 2 when-online',
        '550 start 2/3',
        '550 success 2 +0',
      ]);
    });

    onPage(
      'ends the waits of attempts that failed otherwise, too, when the page comes back',
      { onLine: false },
      (here, flush) => {
        const { lines } = send({ answers: [503, 200], strategy: { backoff: constant(9_000) } });
        at(50, () => {
          here.go('online');
        });
        flush();

        expect(essentials(lines).at(-1)).toBe('550 success 2 +0');
      },
    );

    onPage('believes an event at once', { onLine: false }, (here, flush) => {
      const gate = whenOnline({ spread: 0 });
      here.dispatch('offline');
      const { lines } = send({ gate });
      at(5, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines)[0]).toBe('0 hold 1 when-online');
    });

    onPage('has no doubt any more once it was true', { onLine: false }, (here, flush) => {
      const gate = whenOnline({ spread: 0 });
      here.setOnLine(true);
      send({ gate });
      here.setOnLine(false);
      const { lines } = send({ gate });
      at(5, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines)[0]).toBe('0 hold 1 when-online');
    });

    /** Whether the gate is open after an attempt that failed like this. */
    function isOpenAfter(outcome: Observable<unknown>, shouldRetry?: () => boolean): boolean {
      return inVirtualTime(({ flush }) => {
        const gate = whenOnline();
        const strategy = { attempts: 2, backoff: constant(0), gates: [gate], shouldRetry };
        // A retry is held if the gate is closed.
        const subscription = outcome.pipe(retryWithStrategy(strategy)).subscribe({ error: () => undefined });
        flush();
        subscription.unsubscribe();
        return gate.snapshot('all').open;
      });
    }

    it('tells failures of the network from answers: in the bare operator, any error without a status', () => {
      page = fakePage({ onLine: false });
      const withStatus = (status: number): object => ({ status, headers: new Headers() });

      expect(isOpenAfter(throwError(() => new Error('down')))).toBeFalse();
      expect(isOpenAfter(throwError(() => withStatus(0)))).toBeFalse();
      expect(isOpenAfter(throwError(() => withStatus(503)))).toBeTrue();
      expect(isOpenAfter(throwError(() => new DOMException('left', 'AbortError')))).toBeTrue();
      expect(isOpenAfter(of('a value'))).toBeTrue();
      expect(isOpenAfter(of('a value'), () => true)).toBeTrue();
      expect(isOpenAfter(of(Response.error()))).toBeFalse();
    });

    it('tells failures of the network from others: in the client, HttpNetworkError', () => {
      page = fakePage({ onLine: false });
      const isOpen = (answer: Answer, timeout: number | false = false): boolean =>
        inVirtualTime(({ flush }) => {
          const gate = whenOnline();
          const client = new RetryClient({
            interceptors: [network(answer).interceptor],
            strategy: { gates: [gate], attempts: 1 },
            timeout,
          });
          client.get(url).subscribe({ error: () => undefined });
          flush();
          return gate.snapshot('all').open;
        });

      expect(isOpen(networkError)).toBeFalse();
      expect(isOpen(new Error('a bug'))).toBeTrue();
      expect(isOpen(503)).toBeTrue();
      expect(isOpen(NEVER, 5)).toBeTrue();
      expect(
        isOpen(throwError(() => Object.assign(new Error('of another copy'), { name: 'HttpNetworkError' }))),
      ).toBeFalse();
    });

    onPage('counts a body that breaks off after a value', { onLine: false }, (_, flush) => {
      const gate = whenOnline();
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates: [gate] } });
      const selector: Selector<string> = (_, attempt) =>
        concat(
          of('a line'),
          throwError(() => new HttpNetworkError({ attempt, phase: 'body' })),
        );
      client.get(url, { selector }).subscribe({ error: () => undefined });
      flush();

      expect(gate.snapshot('all')).toEqual({ open: false });
    });
  });

  describe('never holds', () => {
    for (const host of [
      'localhost',
      'app.localhost',
      'localhost.',
      '127.0.0.1:8080',
      '127.9.8.7',
      '127.1',
      '[::1]',
      'LOCALHOST',
    ]) {
      onPage(`an attempt to ${host}`, {}, (here, flush) => {
        const gate = whenOnline();
        here.go('offline');
        const { lines } = send({ gate, to: `http://${host}/` });
        flush();

        expect(lines.at(-1)).toBe('0 complete');
      });
    }

    for (const host of [
      'localhost.test',
      'notlocalhost',
      'a.test',
      '128.0.0.1',
      '[::2]',
      '127.0.0.1.test',
      '1270.test',
    ]) {
      onPage(`only loopback hosts, and not ${host}`, {}, (here, flush) => {
        const gate = whenOnline();
        here.go('offline');
        const { lines, subscription } = send({ gate, to: `http://${host}/127.0.0.1/localhost` });
        flush();

        expect(lines).toEqual(['0 hold 1 when-online']);

        subscription.unsubscribe();
      });
    }

    onPage('a URL that needs no network, or that cannot be fetched', {}, (here, flush) => {
      const gate = whenOnline();
      here.go('offline');
      const data = send({ gate, to: 'data:text/plain,hello' });
      const invalid = send({ gate, to: 'http://[' });
      flush();

      expect(data.lines.at(-1)).toBe('0 complete');
      expect(invalid.lines.at(-1)).toContain('0 error: ');
      expect(invalid.lines.join()).not.toContain('rejected');
    });

    onPage("with blocks: 'retries' a first attempt", {}, (here, flush) => {
      const gate = whenOnline({ blocks: 'retries', spread: 0 });
      here.go('offline');
      const { lines } = send({ gate, answers: [networkError, 200] });
      at(99, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines)).toEqual([
        '0 start 1/3',
        '0 retry 1 (no network) +0 in 10',
        '10 hold 2 when-online',
        '99 start 2/3',
        '99 success 2 +0',
      ]);
    });

    for (const [title, options] of [
      ['Node, which has no navigator.onLine', { onLine: null }],
      ['a platform whose navigator.onLine is no boolean', { onLine: 'yes' }],
      ['a worker without the events', { hasEvents: false, onLine: false }],
    ] as [string, FakePageOptions][]) {
      onPage(`an attempt on ${title}: it adds no listener`, options, (here, flush) => {
        const gate = whenOnline();
        const { lines } = send({ gate, answers: [networkError, 200] });
        flush();

        expect(here.listeners).toBe(0);
        expect(lines.at(-1)).toBe('10 complete');
        expect(gate.snapshot('all')).toEqual({ open: true });
        expect(gate.name).toBe('when-online');
      });
    }
  });

  onPage('prefers a loopback URL of a request while the page is offline, and the first one else', {}, (here, flush) => {
    const gate = whenOnline();
    const to = [url, 'http://b.test/', 'http://localhost/'];
    const before = send({ gate, to });
    here.go('offline');
    const meanwhile = send({ gate, to });
    here.go('online');
    const after = send({ gate, to });
    flush();

    expect([before, meanwhile, after].map(({ sent }) => sent.urls())).toEqual([[url], ['http://localhost/'], [url]]);
  });

  describe('maxWait', () => {
    onPage('rejects an attempt that was held for so long', {}, (here, flush) => {
      const gate = whenOnline({ maxWait: 700 });
      here.go('offline');
      const { lines, sent } = send({ gate });
      flush();

      expect(lines.at(-1)).toBe(
        '700 error: GET http://a.test/: rejected by the gate "when-online": it would be held for longer than 700 ms (attempt 1 of 3)',
      );
      expect(sent.requests.length).toBe(0);
    });

    onPage('shortens the spread to the time that is left', {}, (here, flush) => {
      const gate = whenOnline({ maxWait: 700, random: () => 0.5 });
      here.go('offline');
      const { lines } = send({ gate });
      at(500, () => {
        here.go('online');
      });
      flush();

      expect(essentials(lines)).toEqual(['0 hold 1 when-online', '600 start 1/3', '600 success 1 +0']);
    });

    onPage('of 0 rejects at once, and sends what waits at once when the page is back', {}, (here, flush) => {
      const gate = whenOnline({ maxWait: 0 });
      const waiting = send({ gate, answers: [networkError, 200], strategy: { backoff: constant(100) } });
      at(5, () => {
        here.go('offline');

        expect(send({ gate }).lines[0]).toMatch(/^5 failure 1 .* rejected$/);
      });
      at(7, () => {
        here.go('online');
      });
      flush();

      expect(essentials(waiting.lines).slice(2)).toEqual(['7 start 2/3', '7 success 2 +0']);
    });

    onPage('counts for all URLs of a request together', {}, (here, flush) => {
      const gate = whenOnline({ maxWait: 700 });
      here.go('offline');
      const { lines } = send({ gate, to: [url, 'http://b.test/'] });
      flush();

      expect(lines.at(-1)).toMatch(/^700 error/);
    });
  });

  describe('leaves nothing behind', () => {
    onPage('when requests are unsubscribed while they are held, spread, or in a backoff', {}, (here, flush) => {
      const gate = whenOnline({ maxWait: 10_000 });
      const waiting = send({ gate, answers: [networkError], strategy: { backoff: constant(9_000) } });
      here.go('offline');
      const held = send({ gate });
      const spread = send({ gate });
      held.subscription.unsubscribe();
      waiting.subscription.unsubscribe();
      here.go('online');
      spread.subscription.unsubscribe();
      here.go('offline');
      here.go('online');
      flush();

      expect(asyncScheduler.now()).toBe(0);
      expect([held, spread].map(({ sent }) => sent.requests.length)).toEqual([0, 0]);
      expect(waiting.sent.requests.length).toBe(1);
      expect(here.listeners).toBe(2);
    });

    onPage('when a listener of changes$ unsubscribes a held request as the page comes back', {}, (here, flush) => {
      const gate = whenOnline({ spread: 0 });
      here.go('offline');
      const { subscription, sent } = send({ gate });
      gate.changes$.subscribe(() => {
        subscription.unsubscribe();
      });
      here.go('online');
      flush();

      expect(sent.requests.length).toBe(0);
    });

    onPage('when one held request ends another as it is let in', {}, (here, flush) => {
      const gate = whenOnline({ spread: 0 });
      here.go('offline');
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates: [gate] } });
      const second = { unsubscribe: (): void => undefined };
      const seen: string[] = [];
      client.get(url).subscribe(() => {
        seen.push('first');
        second.unsubscribe();
      });
      const subscription = client.get(url).subscribe(() => seen.push('second'));
      second.unsubscribe = () => {
        subscription.unsubscribe();
      };
      here.go('online');
      flush();

      expect(seen).toEqual(['first']);
    });
  });

  describe('snapshot and changes$', () => {
    onPage('show whether the page is online', {}, (here) => {
      const gate = whenOnline();
      const changes: unknown[] = [];
      gate.changes$.subscribe((change) => changes.push(change));
      here.go('offline');

      expect(gate.snapshot()).toEqual(new Map([['all', { open: false }]]));

      here.go('offline');
      here.go('online');
      here.go('online');

      expect(gate.snapshot('any')).toEqual({ open: true });
      expect(changes).toEqual([
        { open: false, key: 'all' },
        { open: true, key: 'all' },
      ]);
    });

    onPage('show that a doubt has ended', { onLine: false }, (_, flush) => {
      const gate = whenOnline();
      const changes: unknown[] = [];
      gate.changes$.subscribe((change) => changes.push(change));
      send({ gate, answers: [networkError], strategy: { attempts: 1 } });
      flush();

      expect(changes).toEqual([{ open: false, key: 'all' }]);
    });

    onPage('show no doubt that has ended before an attempt failed', { onLine: false }, (here, flush) => {
      const gate = whenOnline();
      const changes: unknown[] = [];
      gate.changes$.subscribe((change) => changes.push(change));
      const failing = network(
        defer(() => {
          here.setOnLine(true);
          return throwError(() => networkError);
        }),
      );
      const client = new RetryClient({
        interceptors: [failing.interceptor],
        strategy: { gates: [gate], attempts: 1 },
      });
      client.get(url).subscribe({ error: () => undefined });
      flush();

      expect(changes).toEqual([]);
    });

    onPage('snapshot tells of a change without an event, and changes nothing', {}, (here, flush) => {
      const gate = whenOnline({ spread: 0 });
      here.go('offline');
      const { lines } = send({ gate });
      here.setOnLine(true);

      expect(gate.snapshot('all')).toEqual({ open: true });
      expect(lines).toEqual(['0 hold 1 when-online']);

      at(3, () => {
        here.dispatch('online');
      });
      flush();

      expect(lines.at(-1)).toBe('3 complete');
    });
  });

  onPage('counts a wait that a gate further in holds as one of its own kind: both are told', {}, (here, flush) => {
    const inner = defineGate({ name: 'inner', admit: () => timer(20) });
    const gate = whenOnline({ spread: 0 });
    here.go('offline');
    const { lines } = send({ gate, strategy: { gates: [gate, inner] } });
    at(5, () => {
      here.go('online');
    });
    flush();

    expect(essentials(lines)).toEqual(['0 hold 1 when-online', '5 hold 1 inner', '25 start 1/3', '25 success 1 +0']);
  });

  describe('refuses', () => {
    const refuse = (options: unknown, kind: ErrorConstructor, ...parts: string[]): void => {
      it(parts.join(' '), () => {
        expectRefusal(() => whenOnline(options as WhenOnlineOptions), [kind], ...parts);
      });
    };
    refuse(null, TypeError, 'options must be an object of options, not null');
    refuse({ spread: -1 }, RangeError, 'spread must be a finite number of at least 0, not -1');
    refuse({ spread: Infinity }, RangeError, 'spread must be', 'Infinity');
    refuse({ spread: '1' }, TypeError, 'spread must be', "'1'");
    refuse({ random: 0.5 }, TypeError, 'random must be a function, not 0.5');
    refuse({ blocks: 'none' }, RangeError, "blocks must be 'attempts' or 'retries', not 'none'");
    refuse({ maxWait: -1 }, RangeError, 'maxWait must be a number of at least 0, not -1');
    refuse({ name: 'x' }, TypeError, 'unknown option "name"', 'known options: spread, random, blocks, maxWait');
  });
});
