import {
  asyncScheduler,
  EMPTY,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  type Subscription,
  switchMap,
  throwError,
  timer,
} from 'rxjs';

import {
  constant,
  defineGate,
  type Gate,
  type GateDefinition,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
} from '../../../src/index.js';
import { findSequenceViolation, listen, plot } from '../../support/attempt-events.js';
import { formatEvent, watch } from '../../support/event-log.js';
import { noteGate, notebook, send, url } from '../../support/gate-forms.js';
import { network } from '../../support/scripted-network.js';
import { inVirtualTime, marbles } from '../../support/virtual-time.js';

/** A function of a gate's, or a moment of its life, in which its code can end the request. */
type Where =
  'delay' | 'allowsRetry' | 'admit' | 'lease' | 'teardown' | 'start' | 'response' | 'retry' | 'value' | 'wake$';

/** A gate that runs code at one place, the first time, or the first time in a retry. */
function gateThatRuns(where: Where, run: () => void, inRetry: boolean, leases = new Set<object>()): Gate {
  let attempts = 0;
  let ran = false;
  const at = (place: Where): void => {
    if (place !== where || ran || (inRetry && attempts === 0)) return;
    ran = true;
    run();
  };
  const definition: GateDefinition = {
    name: 'meddler',
    delay: () => {
      at('delay');
      return 0;
    },
    allowsRetry: () => {
      at('allowsRetry');
      return true;
    },
    admit: () => {
      at('admit');
      return new Observable<void>((subscriber) => {
        leases.add(subscriber);
        at('lease');
        subscriber.next();
        return () => {
          leases.delete(subscriber);
          at('teardown');
        };
      });
    },
    next: ({ type }) => {
      at(type as Where);
      if (type === 'retry') attempts += 1;
    },
    wake$: new Observable(() => {
      at('wake$');
    }),
  };
  return defineGate(definition);
}

const places: readonly (readonly [Where, boolean])[] = [
  ['delay', false],
  ['delay', true],
  ['allowsRetry', false],
  ['admit', false],
  ['admit', true],
  ['lease', false],
  ['lease', true],
  ['teardown', false],
  ['start', false],
  ['start', true],
  ['response', false],
  ['response', true],
  ['retry', false],
  ['value', false],
  ['wake$', true],
];

describe('A gate whose code', () => {
  for (const how of ['unsubscribes', 'aborts', 'closes the client'] as const) {
    for (const [where, inRetry] of places) {
      it(`${how} in ${where}${inRetry ? ' of a retry' : ''} ends the request there, and leaves nothing`, () => {
        inVirtualTime(({ flush }) => {
          const controller = new AbortController();
          const { lines, note } = notebook();
          const end = (): void => {
            note('the end');
            if (how === 'unsubscribes') subscription.unsubscribe();
            else if (how === 'aborts') controller.abort(new Error('enough'));
            else client.close();
          };
          const leases = new Set<object>();
          const lease = (): Observable<unknown> =>
            new Observable((subscriber) => {
              leases.add(subscriber);
              subscriber.next(0);
              return () => leases.delete(subscriber);
            });
          const counting = (name: string): Gate =>
            noteGate(name, note, {
              admit: lease,
              delay: () => {
                note(`${name} is asked for its delay`);
                return 0;
              },
              allowsRetry: () => {
                note(`${name} is asked for a retry`);
                return true;
              },
            });
          const { interceptor, requests } = network(503, 503, 200);
          const client = new RetryClient({ interceptors: [interceptor] });
          const gates = [counting('outer'), gateThatRuns(where, end, inRetry, leases), counting('inner')];
          const events = listen(client.attempts$);
          const started$ = new Subject<void>();
          // Subscribed to first, so that there is a subscription while it starts.
          const subscription = started$
            .pipe(
              switchMap(() =>
                client.get(url, { strategy: { gates, backoff: constant(5), attempts: 3 }, signal: controller.signal }),
              ),
            )
            .subscribe({ error: () => undefined });
          started$.next();
          flush();

          const at = lines.findIndex((line) => line.endsWith('the end'));
          expect(at).withContext(lines.join(', ')).toBeGreaterThanOrEqual(0);
          const after = lines.slice(at + 1).filter((line) => !/ (cancel|failure|success) /.test(line));
          // The gates in front have heard of the event that the gate in the middle heard of.
          if (where !== 'delay') expect(after).withContext('after the end').toEqual([]);
          // No timer is left: no action moved virtual time on.
          expect(lines[at]).toBe(`${asyncScheduler.now()} the end`);
          expect(leases.size).withContext('leases').toBe(0);
          expect(requests.length).toBeLessThanOrEqual(inRetry || where === 'value' ? 3 : 1);
          for (const event of events) if (event.type === 'failure') expect(event.reason).toMatch(/aborted|closed/);
          expect(events.filter(({ type }) => /success|cancel|failure/.test(type)).length).toBeLessThanOrEqual(1);
        });
      });
    }
  }

  it('lets an attempt in while listeners are told that it is held starts it once', () => {
    inVirtualTime(({ flush }) => {
      const { lines } = notebook();
      const opened$ = new Subject<void>();
      const gate = defineGate({ name: 'door', admit: () => opened$ });
      const { interceptor, requests } = network(timer(5).pipe(map(() => new Response())));
      const client = new RetryClient({ interceptors: [interceptor], strategy: { gates: [gate] } });
      client.attempts$.subscribe((event) => {
        if (event.type === 'hold') opened$.next();
      });
      watch(client.get(url, { observe: 'attempts' }), (event) => plot([event])[0] ?? '', lines);
      flush();
      expect(requests.length).toBe(1);
      expect(lines).toEqual(['0 hold 1 door', '0 start 1', '5 response 1', '5 value 1', '5 success 1', '5 complete']);
    });
  });

  it('rejects an attempt while listeners are told that it is held ends it once', () => {
    inVirtualTime(({ flush }) => {
      const opened$ = new Subject<void>();
      const gate = defineGate({ name: 'door', admit: () => opened$ });
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates: [gate] } });
      const events = listen(client.attempts$);
      client.attempts$.subscribe((event) => {
        if (event.type === 'hold') opened$.error(new Error('shut'));
      });
      client.get(url).subscribe({ error: () => undefined });
      flush();
      expect(plot(events)).toEqual(['hold 1 door', 'failure 1 rejected']);
    });
  });

  it('starts another request in any of its functions lets both go their way', () => {
    for (const [where] of places) {
      inVirtualTime(({ flush }) => {
        const events: string[] = [];
        const { interceptor, requests } = network(503, 200);
        const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(5) } });
        let ended = 0;
        const another = (): void => {
          client.get(`${url}other`, { strategy: { gates: [] } }).subscribe({ complete: () => (ended += 1) });
        };
        const all = listen(client.attempts$);
        const strategy: RetryStrategy = { gates: [gateThatRuns(where, another, where === 'wake$')] };
        client.get(url, { strategy }).subscribe({ complete: () => (ended += 1) });
        flush();
        expect(ended).withContext(where).toBe(2);
        expect(findSequenceViolation(all)).withContext(`${where} ${events.join()}`).toBeUndefined();
        expect(requests.length).withContext(where).toBe(3);
      });
    }
  });

  it('unsubscribes in a delay that asks for more, or throws, leaves no timer and no event', () => {
    for (const throws of [false, true]) {
      inVirtualTime(({ flush }) => {
        let asked = 0;
        const errors: unknown[] = [];
        const gate = defineGate({
          name: 'gate',
          delay: ({ number }) => {
            if (number === 1 || (asked += 1) === 1) return 0;
            subscription.unsubscribe();
            if (throws) throw new Error('a bug');
            return 500;
          },
        });
        const client = new RetryClient({
          interceptors: [network(503).interceptor],
          strategy: { gates: [gate], backoff: constant(10) },
        });
        const events = listen(client.attempts$);
        const subscription = client.get(url).subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(asyncScheduler.now()).toBe(10);
        expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'cancel 1']);
        expect(errors).toEqual([]);
      });
    }
  });

  it('unsubscribes when it hears that an inner gate rejected the attempt asks no other place', () => {
    inVirtualTime(({ flush }) => {
      const asked: string[] = [];
      const outer = defineGate({
        name: 'outer',
        delay: ({ url: to = '' }) => {
          asked.push(to);
          return 0;
        },
        next: ({ type }) => {
          if (type === 'cancel') subscription.unsubscribe();
        },
      });
      const shut$ = timer(5).pipe(mergeMap(() => throwError(() => new Error('shut'))));
      const inner = defineGate({ name: 'inner', admit: () => shut$ });
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates: [outer, inner] } });
      const events = listen(client.attempts$);
      const subscription = client.get([url, 'http://b.test/']).subscribe({ error: fail });
      flush();
      expect(asked).toEqual([url]);
      expect(plot(events)).toEqual(['hold 1 inner', 'cancel 1']);
    });
  });

  it('ends another request in its lease’s teardown ends both, in every order', () => {
    inVirtualTime(({ flush }) => {
      const others: Subscription[] = [];
      let leases = 0;
      const gate = defineGate({
        name: 'chain',
        admit: () =>
          new Observable((subscriber) => {
            leases += 1;
            subscriber.next(0);
            return () => {
              leases -= 1;
              others.pop()?.unsubscribe();
            };
          }),
      });
      const client = new RetryClient({ interceptors: [network(NEVER).interceptor], strategy: { gates: [gate] } });
      const events = listen(client.attempts$);
      for (let request = 0; request < 50; request += 1) others.push(client.get(url).subscribe());
      others.shift()?.unsubscribe();
      flush();
      expect(leases).toBe(0);
      expect(findSequenceViolation(events)).toBeUndefined();
      expect(events.filter(({ type }) => type === 'cancel').length).toBe(50);
    });
  });
});

describe('A gate’s function that throws', () => {
  const bug = new Error('a bug');
  const throwing = (): never => {
    throw bug;
  };

  for (const field of ['delay', 'allowsRetry', 'admit'] as const) {
    for (const inRetry of [false, true]) {
      it(`ends the request with its error: ${field}${inRetry ? ' of a retry' : ''}`, () => {
        inVirtualTime(({ flush }) => {
          const { lines, note } = notebook();
          let calls = 0;
          const gate = defineGate({
            name: 'faulty',
            // The first attempt asks delay once, and its retry asks it twice more.
            [field]: () => {
              calls += 1;
              if (!inRetry || calls > (field === 'delay' ? 2 : 1)) throwing();
              return { delay: 0, allowsRetry: true, admit: undefined }[field];
            },
          });
          let held = 0;
          const outer = defineGate({
            name: 'outer',
            admit: () =>
              new Observable((subscriber) => {
                held += 1;
                subscriber.next(0);
                return () => (held -= 1);
              }),
          });
          const { interceptor } = network(503);
          const client = new RetryClient({
            interceptors: [interceptor],
            strategy: { gates: [outer, gate], backoff: constant(5) },
          });
          const events = listen(client.attempts$);
          const errors: unknown[] = [];
          client.get(url).subscribe({ error: (error: unknown) => errors.push(error) });
          flush();
          note('end');
          expect(errors).toEqual([bug]);
          expect(plot(events).at(-1)).toMatch(/^failure \d permanent$/);
          expect(findSequenceViolation(events)).withContext(plot(events).join()).toBeUndefined();
          expect(held).toBe(0);
          expect(lines.length).toBe(1);
        });
      });
    }
  }

  for (const [what, value] of [
    ['NaN', NaN],
    ['a negative number', -1],
    ['text', '5'],
  ] as const) {
    it(`is also a delay that returns ${what}`, () => {
      const errors: unknown[] = [];
      of(1)
        .pipe(retryWithStrategy({ gates: [defineGate({ name: 'gate', delay: () => value as number })] }))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      expect(String(errors[0])).toMatch(/^(RangeError|TypeError): what the gate "gate" returns from delay must be/);
    });
  }

  for (const admitted of [5, null, true, {}]) {
    it(`is also an admit that returns ${JSON.stringify(admitted)}: neither an Observable nor a function`, () => {
      const errors: unknown[] = [];
      of(1)
        .pipe(retryWithStrategy({ gates: [defineGate({ name: 'gate', admit: () => admitted as never })] }))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      expect(errors[0]).toBeInstanceOf(TypeError);
    });
  }

  it('does not keep the others from being left, where it is a teardown alone', () => {
    const { lines, note } = notebook();
    const gateOf = (name: string, teardown: () => void): Gate => defineGate({ name, admit: () => teardown });
    const gates = [
      gateOf('outer', () => {
        note('outer is left');
      }),
      gateOf('faulty', () => {
        throw bug;
      }),
      gateOf('inner', () => {
        note('inner is left');
      }),
    ];
    inVirtualTime(({ flush }) => {
      of(1).pipe(retryWithStrategy({ gates })).subscribe();
      expect(lines).toEqual(['0 inner is left', '0 outer is left']);
      expect(flush).toThrow(bug);
    });
  });

  it('lends nothing, where it ends the request and returns a teardown: that is called at once', () => {
    const { lines, note } = notebook();
    const started$ = new Subject<void>();
    const leaving = defineGate({
      name: 'leaving',
      admit: () => {
        subscription.unsubscribe();
        note('has left');
        return () => {
          note('is left');
        };
      },
    });
    const gates = [leaving, noteGate('inner', note)];
    const subscription = started$.pipe(switchMap(() => of(1).pipe(retryWithStrategy({ gates })))).subscribe();
    inVirtualTime(() => {
      started$.next();
    });
    expect(lines).toEqual(['0 has left', '0 is left']);
  });

  it('lends nothing, where it ends the request and returns an Observable: that is not subscribed to', () => {
    let subscriptions = 0;
    const started$ = new Subject<void>();
    const leaving = defineGate({
      name: 'leaving',
      admit: () => {
        subscription.unsubscribe();
        return new Observable(() => {
          subscriptions += 1;
        });
      },
    });
    const subscription = started$
      .pipe(switchMap(() => of(1).pipe(retryWithStrategy({ gates: [leaving] }))))
      .subscribe();
    inVirtualTime(() => {
      started$.next();
    });
    expect(subscription.closed).toBeTrue();
    expect(subscriptions).toBe(0);
  });

  it('is reported, and disturbs nothing, where it is next or a teardown', async () => {
    const { config } = await import('rxjs');
    const before = config.onUnhandledError;
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    try {
      const { lines, note } = notebook();
      const gate = defineGate({
        name: 'faulty',
        next: throwing,
        admit: () =>
          new Observable((subscriber) => {
            subscriber.next(0);
            return throwing;
          }),
      });
      const client = new RetryClient({
        interceptors: [network(503, 200).interceptor],
        strategy: { gates: [gate, noteGate('inner', note)], backoff: constant(0) },
      });
      await new Promise<void>((resolve) => {
        client.get(url).subscribe({ complete: resolve });
      });
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(lines.map((line) => line.replace(/^\S+ /, '').replace(/ \+.*/, ''))).toEqual([
        ...['inner: start 1/3', 'inner: response 1 503', 'inner: retry 1'],
        ...['inner: start 2/3', 'inner: response 2 200', 'inner: value 2', 'inner: success 2'],
      ]);
      // Seven events, and two teardowns.
      expect(reported.map((error) => (error as { errors?: unknown[] }).errors?.[0] ?? error)).toEqual(
        Array(9).fill(bug),
      );
    } finally {
      config.onUnhandledError = before;
    }
  });
});

describe('Gates that are listed twice', () => {
  marbles('count once', ({ flush }) => {
    const { lines, note } = notebook();
    let asked = 0;
    let admitted = 0;
    const gate = noteGate('gate', note, {
      allowsRetry: () => (asked += 1) > 0,
      admit: () => {
        admitted += 1;
        return undefined;
      },
    });
    const client = new RetryClient({
      interceptors: [network(503, 200).interceptor],
      strategy: { gates: [gate, gate], backoff: constant(5) },
    });
    send(client.get(url), () => undefined);
    flush();
    expect([asked, admitted]).toEqual([1, 2]);
    expect(lines.filter((line) => line.includes('start')).length).toBe(2);
    expect(lines.filter((line) => line.includes('retry')).length).toBe(1);
  });

  marbles('hold an attempt once, but two gates of one name hold it twice', ({ flush }) => {
    const { lines, note } = notebook();
    const open$ = [new Subject<void>(), new Subject<void>()];
    const [first, second] = open$.map((opened$) => defineGate({ name: 'limit', admit: () => opened$ })) as [Gate, Gate];
    const client = new RetryClient({
      interceptors: [network(200).interceptor],
      strategy: { gates: [first, first, second] },
    });
    watch(client.attempts$, formatEvent, lines);
    send(client.get(url), () => undefined);
    note('opens');
    open$[0]?.next();
    open$[1]?.next();
    flush();
    expect(lines.slice(0, 4)).toEqual(['0 hold 1 limit', '0 opens', '0 hold 1 limit', '0 start 1/3']);
  });
});

describe('gates: []', () => {
  it('is none, and a request’s list replaces the client’s', () => {
    const admitted: string[] = [];
    const gateOf = (name: string): Gate => defineGate({ name, admit: () => (admitted.push(name), undefined) });
    const [base, mine] = [gateOf('base'), gateOf('mine')];
    const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates: [base] } });
    const ask = (gates?: readonly Gate[]): string[] => {
      admitted.length = 0;
      client.get(url, { strategy: { gates } }).subscribe();
      return [...admitted];
    };
    expect(ask()).toEqual(['base']);
    expect(ask([])).toEqual([]);
    expect(ask([mine])).toEqual(['mine']);
    expect(ask([base, mine])).toEqual(['base', 'mine']);
    const extended = client.extend({ strategy: { gates: [] } });
    admitted.length = 0;
    extended.get(url).subscribe();
    expect(admitted).toEqual([]);
  });

  it('makes no events where nobody listens', () => {
    const source$ = throwError(() => new Error('down'));
    let errors = 0;
    source$.pipe(retryWithStrategy({ gates: [], attempts: 1 })).subscribe({ error: () => (errors += 1) });
    EMPTY.pipe(retryWithStrategy({ gates: [] })).subscribe({ complete: () => (errors += 1) });
    expect(errors).toBe(2);
  });
});
