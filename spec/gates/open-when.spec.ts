import {
  asyncScheduler,
  BehaviorSubject,
  concat,
  concatMap,
  defer,
  EMPTY,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  throwError,
  timer,
} from 'rxjs';

import {
  constant,
  defineGate,
  type GateRejectedError,
  hedging,
  openWhen,
  type OpenWhenOptions,
  RetryClient,
  retryWithStrategy,
} from '../../src/index.js';
import { type EventLog, formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { type Answer, network, type ScriptedNetwork } from '../support/scripted-network.js';
import { failureOf } from '../support/settled.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

interface Sent extends EventLog {
  readonly sent: ScriptedNetwork;
}

/** Sends a request through the gate, and logs its events. */
function send(
  options: OpenWhenOptions,
  answers: readonly Answer[] = [200],
  url: string | string[] = 'http://a.test/',
): Sent {
  const sent = network(...answers);
  const client = new RetryClient({
    interceptors: [sent.interceptor],
    strategy: { gates: [openWhen(options)], backoff: constant(10) },
  });
  return { sent, ...watch(client.get(url, { observe: 'attempts' }), formatEvent) };
}

describe('openWhen', () => {
  marbles('lets an attempt pass while the latest value is true', ({ flush }) => {
    const { lines } = send({ open$: of(true) });
    flush();

    expect(lines).toEqual([
      '0 start 1/3',
      '0 response 1 200 +0',
      '0 value 1 [object Response] +0',
      '0 success 1 +0',
      '0 complete',
    ]);
  });

  marbles('holds an attempt until the value is true', ({ flush, cold }) => {
    const { lines } = send({ open$: cold('f--f-t', { f: false, t: true }), name: 'signed-in' });
    flush();

    expect(lines.slice(0, 2)).toEqual(['0 hold 1 signed-in', '5 start 1/3']);
  });

  marbles('holds an attempt as long as nothing has been emitted', ({ flush, cold }) => {
    const { lines } = send({ open$: cold('---t', { t: true }) });
    flush();

    expect(lines.slice(0, 2)).toEqual(['0 hold 1 open-when', '3 start 1/3']);
  });

  marbles('takes the last of several replayed values as the state', ({ flush }) => {
    const open$ = new ReplaySubject<boolean>(3);
    for (const value of [false, true, false]) open$.next(value);
    const { lines } = send({ open$ });
    timer(4).subscribe(() => {
      open$.next(true);
    });
    flush();

    expect(lines.slice(0, 2)).toEqual(['0 hold 1 open-when', '4 start 1/3']);
  });

  marbles('opens for true alone, and not for other values that count as true', ({ flush, cold }) => {
    const { lines } = send({ open$: cold('o-t', { o: 'open' as unknown as boolean, t: true }) });
    flush();

    expect(lines.slice(0, 2)).toEqual(['0 hold 1 open-when', '2 start 1/3']);
  });

  marbles('does not end an attempt that is under way', ({ flush, cold }) => {
    const open$ = new BehaviorSubject(true);
    const { lines } = send({ open$ }, [cold('--(a|)', { a: new Response() })]);
    timer(1).subscribe(() => {
      open$.next(false);
    });
    flush();

    expect(lines.at(-1)).toBe('2 complete');
  });

  marbles(
    'is subscribed to for each attempt, only until the attempt begins',
    ({ flush, cold, expectSubscriptions }) => {
      const open$ = cold('--t', { t: true });
      send({ open$ }, [503, cold('-----(a|)', { a: new Response() })]);
      flush();

      expectSubscriptions(open$.subscriptions).toBe(['^-!', '------------^-!']);
    },
  );

  marbles('does not end a wait when it opens', ({ flush }) => {
    const open$ = new BehaviorSubject(true);
    const { lines } = send({ open$ }, [503, 200]);
    open$.next(false);
    timer(3).subscribe(() => {
      open$.next(true);
    });
    flush();

    expect(lines.slice(3, 4)).toEqual(['10 start 2/3']);
  });

  marbles('applies to the bare operator', ({ flush, cold }) => {
    const gates = [openWhen({ open$: cold('--t', { t: true }) })];
    const { lines } = watch(of('a').pipe(retryWithStrategy({ gates })));
    flush();

    expect(lines).toEqual(['2 a', '2 complete']);
  });

  describe("with blocks: 'retries'", () => {
    marbles('lets first attempts pass, and holds retries', ({ flush, cold }) => {
      const open$ = cold('----t', { t: true });
      const { lines } = send({ open$, blocks: 'retries' }, [503, 200]);
      flush();

      expect(lines.slice(0, 5)).toEqual([
        '0 start 1/3',
        '0 response 1 503 +0',
        '0 retry 1 (response: 503) +0 in 10',
        '10 hold 2 open-when',
        '14 start 2/3',
      ]);
    });
  });

  describe('and hedges', () => {
    for (const [open, count] of [
      [false, 1],
      [true, 2],
    ] as const) {
      marbles(`sends ${open ? 'a' : 'no'} hedge while it is ${open ? 'open' : 'closed'} for retries`, ({ flush }) => {
        const sent = network(NEVER);
        const client = new RetryClient({
          interceptors: [sent.interceptor],
          timeout: false,
          strategy: { gates: [openWhen({ open$: of(open), blocks: 'retries' })], hedge: hedging({ after: 5 }) },
        });
        const subscription = client.get('http://a.test/').subscribe();
        timer(20).subscribe(() => {
          subscription.unsubscribe();
        });
        flush();

        expect(sent.requests.length).toBe(count);
      });
    }
  });

  describe('rejects', () => {
    it('if open$ fails, with its error as the cause', async () => {
      const down = new Error('the session service is down');
      const open$ = throwError(() => down);
      const client = new RetryClient({ strategy: { gates: [openWhen({ open$, name: 'signed-in' })] } });
      const error = (await failureOf(client.get('http://a.test/'))) as GateRejectedError;

      expect(error.name).toBe('GateRejectedError');
      expect(error.gate).toBe('signed-in');
      expect(error.cause).toBe(down);
      expect(error.message).toBe(
        'GET http://a.test/: rejected by the gate "signed-in": the session service is down (attempt 1 of 3)',
      );
    });

    for (const [title, open$] of [
      [
        'fails while it holds an attempt',
        concat(
          of(false),
          timer(3),
          throwError(() => new Error('down')),
        ),
      ],
      [
        'fails right after a value',
        concat(
          of(true),
          throwError(() => new Error('down')),
        ),
      ],
    ] as [string, Observable<boolean>][]) {
      it(`if open$ ${title}`, () => {
        inVirtualTime(({ flush }) => {
          const { lines, sent } = send({ open$ });
          flush();

          expect(lines.at(-1)).toContain('rejected by the gate "open-when": down (attempt 1 of 3)');
          expect(sent.requests.length).toBe(0);
        });
      });
    }

    for (const [title, open$] of [
      ['before a value', EMPTY],
      ['after false', of(true, false)],
    ] as [string, Observable<boolean>][]) {
      marbles(`if open$ completes ${title}`, ({ flush }) => {
        const { lines, sent } = send({ open$ });
        flush();

        expect(lines.at(-1)).toContain('"open-when": open$ has completed, and is closed');
        expect(sent.requests.length).toBe(0);
      });
    }

    marbles('an attempt that it has held for maxWait', ({ flush }) => {
      const { lines } = send({ open$: NEVER, maxWait: 7 });
      flush();

      expect(lines).toEqual([
        '0 hold 1 open-when',
        '7 failure 1 (error: GET http://a.test/: rejected by the gate "open-when": ' +
          'it would be held for longer than 7 ms (attempt 1 of 3)) +7 rejected',
        '7 error: GET http://a.test/: rejected by the gate "open-when": ' +
          'it would be held for longer than 7 ms (attempt 1 of 3)',
      ]);
    });

    marbles('no attempt that it lets in before maxWait is over', ({ flush, cold }) => {
      const { lines } = send({ open$: cold('------t', { t: true }), maxWait: 7 }, [
        cold('---------(a|)', { a: new Response() }),
      ]);
      flush();

      expect(lines.slice(0, 2)).toEqual(['0 hold 1 open-when', '6 start 1/3']);
      expect(lines.at(-1)).toBe('15 complete');
    });

    marbles('at once with maxWait: 0, without holding', ({ flush }) => {
      const { lines } = send({ open$: NEVER, maxWait: 0 });

      expect(lines.length).toBe(2);
      expect(lines[0]).toMatch(/^0 failure 1 .* rejected$/);

      flush();
    });

    marbles('nothing without maxWait, for which it has no timer', ({ flush }) => {
      const { lines } = send({ open$: NEVER });
      flush();

      expect(lines).toEqual(['0 hold 1 open-when']);
      expect(asyncScheduler.now()).toBe(0);
    });

    marbles('nothing with maxWait: 0 while it is open', ({ flush }) => {
      const { lines } = send({ open$: of(true), maxWait: 0 });
      flush();

      expect(lines.at(-1)).toBe('0 complete');
    });

    marbles('holds for maxWait in all, and not for each URL of the request', ({ flush }) => {
      const { lines } = send(
        { open$: NEVER, maxWait: 7 },
        [200],
        ['http://a.test/', 'http://b.test/', 'http://c.test/'],
      );
      flush();

      expect(lines.at(-1)).toMatch(/^7 error: GET http:\/\/a\.test\//);
    });

    marbles('each request after its own maxWait', ({ flush }) => {
      const gates = [openWhen({ open$: NEVER, maxWait: 7 })];
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates } });
      const first = watch(client.get('http://a.test/'));
      const second = watch(timer(8).pipe(concatMap(() => client.get('http://a.test/'))));
      flush();

      expect(first.lines.at(-1)).toMatch(/^7 error/);
      expect(second.lines.at(-1)).toMatch(/^15 error/);
    });

    marbles('each attempt of a request after its own maxWait', ({ flush }) => {
      let asked = 0;
      // It is closed for attempt 1 at the first URL, open at the second, and closed for attempt 2.
      const open$ = defer(() => ((asked += 1) === 2 ? of(true) : NEVER));
      const { lines, sent } = send({ open$, maxWait: 7 }, [503, 200], ['http://a.test/', 'http://b.test/']);
      flush();

      expect(sent.urls()).toEqual(['http://b.test/']);
      expect(lines.slice(1, 5)).toEqual([
        '7 start 1/3',
        '7 response 1 503 +0',
        '7 retry 1 (response: 503) +0 in 10',
        '17 hold 2 open-when',
      ]);
      expect(lines.at(-1)).toMatch(/^24 error/);
    });

    marbles(
      'holds a retry for its own maxWait after another gate rejected the attempt at one of its URLs',
      ({ flush, cold }) => {
        const refusing = defineGate({
          name: 'refusing',
          admit: ({ url }) => (url === 'http://a.test/' ? throwError(() => new Error('not there')) : undefined),
        });
        const sent = network(503, 200);
        const client = new RetryClient({
          interceptors: [sent.interceptor],
          strategy: {
            gates: [openWhen({ open$: cold('---t', { t: true }), maxWait: 7 }), refusing],
            backoff: constant(10),
          },
        });
        const { lines } = watch(client.get(['http://a.test/', 'http://b.test/']), ({ status }) => String(status));
        flush();

        expect(sent.urls()).toEqual(['http://b.test/', 'http://b.test/']);
        expect(lines.at(-1)).toMatch(/complete$/);
      },
    );
  });

  describe('leaves nothing behind', () => {
    marbles('when a held request is unsubscribed', ({ flush, cold, expectSubscriptions }) => {
      const open$ = cold('----------', {}) as Observable<boolean> & { subscriptions: unknown[] };
      const { subscription, lines } = send({ open$, maxWait: 1_000 });
      timer(4).subscribe(() => {
        subscription.unsubscribe();
      });
      flush();

      expectSubscriptions(open$.subscriptions as never).toBe('^---!');
      expect(lines).toEqual(['0 hold 1 open-when']);
    });

    it('when 10,000 held requests are let in by one value, each once', () => {
      const open$ = new BehaviorSubject(false);
      const sent = network(200);
      const client = new RetryClient({ interceptors: [sent.interceptor], strategy: { gates: [openWhen({ open$ })] } });
      for (let count = 0; count < 10_000; count += 1) client.get('http://a.test/').subscribe();

      expect(sent.requests.length).toBe(0);

      open$.next(true);

      expect(sent.requests.length).toBe(10_000);
      expect(open$.observed).toBeFalse();
    });

    marbles('when what opens it ends the request', ({ flush }) => {
      const open$ = new Subject<boolean>();
      const { subscription, sent } = send({ open$ });
      open$.subscribe();
      const ending$ = new Subject<boolean>();
      ending$.subscribe(() => {
        subscription.unsubscribe();
      });
      ending$.subscribe(open$);
      ending$.next(true);
      flush();

      expect(sent.requests.length).toBe(0);
      expect(subscription.closed).toBeTrue();
    });
  });

  describe('snapshot', () => {
    it('returns what open$ replays at that moment, also without any attempt', () => {
      const open$ = new BehaviorSubject(false);
      const gate = openWhen({ open$ });

      expect(gate.snapshot('all')).toEqual({ open: false });

      open$.next(true);

      expect(gate.snapshot('all')).toEqual({ open: true });
      expect(gate.snapshot()).toEqual(new Map([['all', { open: true }]]));
      expect(open$.observed).toBeFalse();
    });

    for (const [title, open$, open] of [
      ['nothing', NEVER, false],
      ['several values', of(true, false, true), true],
      [
        'an error after true',
        concat(
          of(true),
          throwError(() => new Error('down')),
        ),
        false,
      ],
      ['a value that is not true', of('open' as unknown as boolean), false],
    ] as [string, Observable<boolean>, boolean][]) {
      it(`is ${open ? 'open' : 'closed'} if open$ replays ${title}`, () => {
        expect(openWhen({ open$ }).snapshot('all')).toEqual({ open });
      });
    }
  });

  describe('changes$', () => {
    marbles('emits changes, and not the state at the start', ({ cold, expectObservable }) => {
      const open$ = concat(
        of(false, true),
        cold('--t-f-f-o-(t|)', { t: true, f: false, o: 'open' as unknown as boolean }),
      );
      const { changes$ } = openWhen({ open$ });

      expectObservable(changes$).toBe('----f-----t', {
        f: { open: false, key: 'all' },
        t: { open: true, key: 'all' },
      });
    });

    marbles('emits no first value that says closed, as it was closed before', ({ cold, expectObservable }) => {
      const { changes$ } = openWhen({ open$: cold('--f-t', { t: true, f: false }) });

      expectObservable(changes$).toBe('----t', { t: { open: true, key: 'all' } });
    });

    marbles('closes when open$ fails, and never ends', ({ cold, expectObservable }) => {
      const { changes$ } = openWhen({ open$: cold('--t-#', { t: true }) });

      expectObservable(changes$).toBe('--t-f', { f: { open: false, key: 'all' }, t: { open: true, key: 'all' } });
    });

    it('is subscribed to open$ only while it is subscribed to itself', () => {
      const open$ = new BehaviorSubject(false);
      const subscription = openWhen({ open$ }).changes$.subscribe();

      expect(open$.observed).toBeTrue();

      subscription.unsubscribe();

      expect(open$.observed).toBeFalse();
    });
  });

  describe('refuses', () => {
    const open$ = of(true);
    const refuse = (options: unknown, kind: ErrorConstructor, ...parts: string[]): void => {
      it(parts.join(' '), () => {
        expectRefusal(() => openWhen(options as OpenWhenOptions), [kind], ...parts);
      });
    };
    refuse(undefined, TypeError, 'options must be an object of options, not undefined');
    refuse({}, TypeError, 'open$ must be an Observable of true and false, not undefined');
    refuse({ open$: undefined }, TypeError, 'open$ must be', 'not undefined');
    refuse({ open$: true }, TypeError, 'open$ must be', 'not true');
    refuse({ open$, name: '' }, RangeError, 'name must be a name that is not empty', "''");
    refuse({ open$, name: 1 }, TypeError, 'name must be', '1');
    refuse({ open$, blocks: 'all' }, RangeError, "blocks must be 'attempts' or 'retries', not 'all'");
    refuse({ open$, maxWait: -1 }, RangeError, 'maxWait must be a number of at least 0, not -1');
    refuse({ open$, maxWait: NaN }, RangeError, 'maxWait must be', 'NaN');
    refuse({ open$, maxWait: '5' }, TypeError, 'maxWait must be', "'5'");
    refuse({ open$, by: 'all' }, TypeError, 'unknown option "by"', 'known options: open$, name, blocks, maxWait');

    it('by its own name, and not by that of the definition: name', () => {
      expect(() => openWhen({ open$, name: '' })).toThrowError(/^name must be/);
    });

    it('no option that is undefined', () => {
      expect(openWhen({ open$, name: undefined, blocks: undefined, maxWait: undefined }).name).toBe('open-when');
    });
  });
});
