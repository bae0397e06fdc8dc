import { asyncScheduler, EMPTY, map, NEVER, Observable, of, type Subscription, throwError, timer } from 'rxjs';

import {
  type AttemptEvent,
  constant,
  defineGate,
  type Gate,
  type GateAttempt,
  GateRejectedError,
  type GateDefinition,
  hedging,
  type Outcome,
  type RequestOptions,
  type RetryStrategy,
} from '../../../src/index.js';
import { findSequenceViolation, plot } from '../../support/attempt-events.js';
import { watch } from '../../support/event-log.js';
import { inVirtualTime } from '../../support/virtual-time.js';
import { after, type Answer, broken, eu, hostOf, scene, type Scene, silence, spyGate, us } from './hedge-scene.js';

const statusOf = (value: unknown): string => (value instanceof Response ? String(value.status) : String(value));

interface Played extends Scene {
  readonly held: ReadonlySet<GateAttempt>;
  readonly gateEvents: readonly AttemptEvent<unknown, GateAttempt>[];
  readonly heard: readonly string[];
}

/** Sends a GET through a gate that logs what it hears, hedged after 10 frames. */
function get(
  answers: readonly Answer[],
  definition: Partial<GateDefinition> = {},
  options: RequestOptions<unknown> = {},
  {
    strategy,
    gates = (gate) => [gate],
    max = 1,
  }: { strategy?: RetryStrategy; gates?: (gate: Gate) => Gate[]; max?: number } = {},
): Played {
  return inVirtualTime(({ flush }) => {
    const played = scene(...answers);
    const { gate, held, events, heard } = spyGate(() => undefined, definition);
    const client = played.client({
      strategy: { hedge: hedging({ after: 10, max }), backoff: constant(5), gates: gates(gate), ...strategy },
    });
    watch(client.get([eu, us], options as RequestOptions), statusOf, played.lines);
    flush();
    expect(findSequenceViolation(played.events)).toBeUndefined();
    expect(held.size).withContext('leases that are held').toBe(0);
    return { ...played, held, gateEvents: events, heard };
  });
}

const refusing = (from: number): Partial<GateDefinition> => {
  let asked = 0;
  return { allowsRetry: (_, outcome) => outcome !== undefined || (asked += 1) < from };
};

describe('Gates, with hedging,', () => {
  it('hear of each sending as an attempt of its own; the loser ends with cancel', () => {
    expect(get([silence, after(5)]).heard).toEqual([
      'start eu',
      'start us hedge',
      'hedge eu',
      'cancel eu',
      'response us hedge',
      'value us hedge',
      'success us hedge',
    ]);
    expect(get([after(12), silence]).heard).toEqual([
      'start eu',
      'start us hedge',
      'hedge eu',
      'cancel us hedge',
      'response eu',
      'value eu',
      'success eu',
    ]);
  });

  it('hear how each has failed, and once of the retry', () => {
    expect(get([after(20, 503), after(5, 500), after(1)]).heard).toEqual([
      'start eu',
      'start us hedge',
      'hedge eu',
      'response us hedge',
      'failure us hedge',
      'response eu',
      'failure eu',
      'retry eu',
      'start eu',
      'response eu',
      'value eu',
      'success eu',
    ]);
  });

  it('hear of no response where the connection of a sending broke', () => {
    expect(get([silence, broken(5), after(1)], {}, {}, { max: 2 }).heard).toEqual([
      'start eu',
      'start us hedge',
      'hedge eu',
      'failure us hedge',
      'start eu hedge',
      'hedge eu',
      'cancel eu',
      'response eu hedge',
      'value eu hedge',
      'success eu hedge',
    ]);
  });

  it('hear when a sending has failed, and why: its attempt has others', () => {
    const { gateEvents } = get([silence, after(5, 503), after(1)], {}, {}, { max: 2 });
    expect(
      gateEvents.filter(({ attempt, type }) => attempt.hedge && /response|failure/.test(type)).slice(0, 2),
    ).toEqual([
      jasmine.objectContaining({ type: 'response', elapsed: 5 }),
      jasmine.objectContaining({ type: 'failure', elapsed: 5, reason: 'attempts' }),
    ]);
  });

  it('hear the time since the sending, and not since the attempt', () => {
    const { gateEvents } = get([silence, after(5)]);
    const elapsed = (event: AttemptEvent): string => `${event.type} ${'elapsed' in event ? event.elapsed : ''}`;
    expect(gateEvents.map(elapsed)).toEqual([
      'start ',
      'start ',
      'hedge 10',
      'cancel 15',
      'response 5',
      'value 5',
      'success 5',
    ]);
    expect(get([after(12), silence]).gateEvents.map(elapsed)[3]).toBe('cancel 2');
  });

  it('hear of a body that fails, in the name of the sending that it belongs to', () => {
    let reads = 0;
    const { heard, gateEvents } = get(
      [silence, after(5), after(1)],
      {},
      {
        selector: (_, attempt) => {
          reads += 1;
          return reads > 1 ? of('read') : throwError(() => Object.assign(new Error('broken'), { attempt }));
        },
        strategy: { errors: [Error] },
      },
    );
    expect(heard).toEqual([
      'start eu',
      'start us hedge',
      'hedge eu',
      'cancel eu',
      'response us hedge',
      'retry us hedge',
      'start eu',
      'response eu',
      'value eu',
      'success eu',
    ]);
    expect(gateEvents.find(({ type }) => type === 'retry')).toEqual(jasmine.objectContaining({ elapsed: 5 }));
  });

  it('hold a lease of each sending until it is over', () => {
    inVirtualTime(({ flush, cold }) => {
      const played = scene(silence, after(5));
      const { gate, held } = spyGate(() => undefined);
      const client = played.client({ strategy: { hedge: hedging({ after: 10 }), gates: [gate] } });
      client.get([eu, us], { selector: () => of('read').pipe() }).subscribe();
      const sizes: string[] = [];
      for (const frame of [5, 12, 16]) {
        cold('a').pipe().subscribe();
        timer(frame).subscribe(() => sizes.push([...held].map(({ url }) => hostOf(url!)).join()));
      }
      flush();
      expect(sizes).toEqual(['eu', 'eu,us', '']);
    });
  });

  it('keep the lease of the winner while its body is read', () => {
    inVirtualTime(({ flush }) => {
      const played = scene(silence, after(5));
      const { gate, held } = spyGate(() => undefined);
      const client = played.client({ strategy: { hedge: hedging({ after: 10 }), gates: [gate] } });
      client.get([eu, us], { selector: () => timer(20) }).subscribe();
      const sizes: string[] = [];
      timer(30).subscribe(() => sizes.push([...held].map(({ url }) => hostOf(url!)).join()));
      flush();
      expect(sizes).toEqual(['us']);
      expect(held.size).toBe(0);
    });
  });

  it('are asked whether a hedge may be sent, without an outcome', () => {
    const asked: string[] = [];
    get([silence, after(5)], {
      allowsRetry: ({ url, hedge }, outcome: Outcome | undefined) => {
        asked.push(`${hostOf(url!)} ${String(hedge)} ${String(outcome === undefined)}`);
        return true;
      },
    });
    expect(asked).toEqual(['us true true']);
  });

  describe('let in no hedge that', () => {
    const onlyFirst = (played: Played): void => {
      expect(played.lines).toEqual(['0 sent eu', '30 200', '30 complete']);
      expect(plot(played.events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
    };
    const forHedges = (admitted: Observable<unknown>): Partial<GateDefinition> => ({
      admit: ({ hedge }) => (hedge ? admitted : undefined),
    });

    it('a budget refuses', () => {
      onlyFirst(get([after(30)], { allowsRetry: () => false }));
    });
    it('a gate would delay', () => {
      onlyFirst(get([after(30)], { delay: ({ hedge }) => (hedge ? 1 : 0) }));
    });
    it('a gate holds', () => {
      onlyFirst(get([after(30)], forHedges(NEVER)));
      onlyFirst(get([after(30)], forHedges(timer(0))));
    });
    it('a gate holds, and leave nothing in the gates', () => {
      let waiting = 0;
      const held$ = new Observable(() => {
        waiting += 1;
        expect(waiting).toBe(1);
        return () => (waiting -= 1);
      });
      const waitingAt: number[] = [];
      get([after(30)], {
        ...forHedges(held$),
        next: ({ type }) => {
          if (type === 'response') waitingAt.push(waiting);
        },
      });
      expect(waitingAt).toEqual([0]);
    });
    it('a gate rejects', () => {
      onlyFirst(get([after(30)], forHedges(EMPTY)));
      onlyFirst(get([after(30)], forHedges(throwError(() => new Error('full')))));
    });
  });

  it('that had let in a hedge before another refused it hear that it was cancelled, or nothing', () => {
    const full = defineGate({ name: 'full', admit: ({ hedge }) => (hedge ? EMPTY : undefined) });
    expect(get([after(30)], {}, {}, { gates: (gate) => [gate, full] }).heard).toEqual([
      'start eu',
      'cancel us hedge',
      'cancel eu hedge',
      'response eu',
      'value eu',
      'success eu',
    ]);
  });

  it('that refuse one place have the hedge sent to another', () => {
    expect(get([after(30)], { allowsRetry: ({ url }) => url === eu }).lines).toEqual([
      '0 sent eu',
      '10 sent eu',
      '30 cut eu',
      '30 200',
      '30 complete',
    ]);
  });

  it('that refuse a hedge do not prevent the one after it', () => {
    let asked = 0;
    const { lines } = get([silence, after(5)], { allowsRetry: () => (asked += 1) > 2 }, {}, { max: 2 });
    expect(lines).toEqual(['0 sent eu', '20 sent us', '25 cut eu', '25 200', '25 complete']);
  });

  it('that refuse the hedge after one has failed are asked again `after` ms later, while another is pending', () => {
    let asked = 0;
    const { lines } = get(
      [silence, after(2, 503), after(1)],
      { allowsRetry: () => ![2, 3].includes((asked += 1)) },
      {},
      { max: 3 },
    );
    expect(asked).toBe(4);
    expect(lines).toEqual(['0 sent eu', '10 sent us', '22 sent eu', '23 cut eu', '23 200', '23 complete']);
  });

  describe('that refuse the hedge after the first has failed', () => {
    // grpc-java #7222: there the call hung until its deadline.
    it('have the request retried at once', () => {
      const { lines } = get([after(3, 503), after(1)], refusing(0));
      expect(lines).toEqual(['0 sent eu', '8 sent us', '9 200', '9 complete']);
    });

    it('or ended, with the outcome of the first', () => {
      const { lines, events } = get([after(3, 503)], { allowsRetry: () => false });
      expect(lines).toEqual(['0 sent eu', '3 503', '3 complete']);
      expect(events.at(-1)).toEqual(jasmine.objectContaining({ type: 'failure', reason: 'rejected', gate: 'spy' }));
    });

    it('also when it fails after the hedge was refused', () => {
      expect(get([after(30, 503)], { allowsRetry: () => false }).lines).toEqual(['0 sent eu', '30 503', '30 complete']);
    });

    it('and send none later, while the body of the error is read', () => {
      let asked = 0;
      const body = new ReadableStream();
      const answer = timer(3).pipe(map(() => new Response(body, { status: 503 })));
      const { lines } = get(
        [answer],
        { allowsRetry: () => (asked += 1) > 2 },
        { throwHttpErrors: true },
        { max: 2, strategy: { attempts: 1 } },
      );
      expect(lines.length).toBe(2);
      expect(lines[1]).toMatch(/^1003 error: .*503/);
    });
  });

  it('note what they need to know about each sending apart, also if all of them fail', () => {
    const memos: object[] = [];
    const heard: string[] = [];
    get([after(15, 503), after(1, 503), after(1, 200)], {
      admit: (_, memo) => {
        memos.push(memo);
        return undefined;
      },
      next: ({ type, attempt }, memo) => {
        heard.push(`${type} ${attempt.hedge ? 'hedge' : attempt.number} ${memos.indexOf(memo)}`);
      },
    });
    expect(heard.filter((line) => !line.includes('response'))).toEqual([
      ...['start 1 0', 'start hedge 1', 'hedge 1 0', 'failure hedge 1', 'failure 1 0', 'retry 1 0'],
      ...['start 2 2', 'value 2 2', 'success 2 2'],
    ]);
  });

  it('that throw about a hedge end the request with that error, and nothing is left', () => {
    const bug = new Error('a bug');
    const fail = <T>(attempt: GateAttempt, answer: T): T => {
      if (attempt.hedge) throw bug;
      return answer;
    };
    for (const definition of [
      {
        admit: (attempt: GateAttempt) => fail<Observable<unknown> | undefined>(attempt, undefined),
      },
      { delay: (attempt: GateAttempt) => fail(attempt, 0) },
      { allowsRetry: (attempt: GateAttempt) => fail(attempt, true) },
    ]) {
      const { lines, events } = get([silence], definition);
      expect(lines).toEqual(['0 sent eu', '10 cut eu', '10 error: a bug']);
      expect(plot(events)).toEqual(['start 1', 'failure 1 permanent']);
    }
  });

  it('that throw about a hedge, or end the request then, are not asked about another, and leave no timer', () => {
    for (const how of ['throws', 'unsubscribes', 'unsubscribes and refuses'] as const) {
      inVirtualTime(({ flush }) => {
        const played = scene(silence);
        let asked = 0;
        const { gate, held } = spyGate(() => undefined, {
          allowsRetry: () => {
            asked += 1;
            if (how === 'throws') throw new Error('a bug');
            subscription.unsubscribe();
            return how === 'unsubscribes';
          },
        });
        const client = played.client({ strategy: { hedge: hedging({ after: 10, max: 5 }), gates: [gate] } });
        const { subscription } = watch(client.get([eu, us]), statusOf, played.lines);
        flush();
        expect(asked).withContext(how).toBe(1);
        expect(asyncScheduler.now()).withContext(how).toBe(10);
        expect(held.size).withContext(how).toBe(0);
      });
    }
  });

  it('that throw about a hedge after the first has failed end the request, too', () => {
    const { lines } = get([after(3, 503)], {
      admit: ({ hedge }) => {
        if (hedge) throw new Error('a bug');
        return undefined;
      },
    });
    expect(lines).toEqual(['0 sent eu', '3 error: a bug']);
  });

  it('that reject every place of the first attempt reject the request, which is not hedged', () => {
    const { lines, events } = get([silence], { admit: () => EMPTY });
    expect(lines.length).toBe(1);
    expect(lines[0]).toContain('error: ');
    const [failure] = events;
    expect(failure).toEqual(jasmine.objectContaining({ type: 'failure', reason: 'rejected' }));
    expect(failure?.type === 'failure' && failure.outcome.kind === 'error' && failure.outcome.error).toBeInstanceOf(
      GateRejectedError,
    );
  });

  describe('whose functions unsubscribe the request', () => {
    const moments: readonly (readonly [moment: string, of: string, answers: readonly Answer[]])[] = [
      ['admit us hedge', 'a hedge', [silence]],
      ['allowsRetry us hedge', 'a hedge', [silence]],
      ['delay us hedge', 'a hedge', [silence]],
      ['start us hedge', 'a hedge', [silence]],
      ['hedge eu', 'the first', [silence, after(5)]],
      ['cancel eu', 'the first, which has lost', [silence, after(5)]],
      ['cancel us hedge', 'a hedge, which has lost', [after(12), silence]],
      ['response us hedge', 'a hedge, which wins', [silence, after(5)]],
      ['failure eu', 'the first, which has failed first', [after(12, 503), silence]],
      ['response us hedge', 'a hedge, which fails', [silence, after(5, 503)]],
      ['failure us hedge', 'a hedge, which has failed', [silence, after(5, 503)]],
      ['failure us hedge', 'a hedge, which has failed last', [after(12, 503), after(5, 503)]],
      ['retry eu', 'the first, when all have failed', [after(12, 503), after(5, 503)]],
    ];
    for (const [moment, whose, answers] of moments) {
      it(`at "${moment}", of ${whose}, leave nothing behind`, () => {
        inVirtualTime(({ flush }) => {
          const played = scene(...answers);
          const held = new Set<GateAttempt>();
          let isReached = false;
          let asked = 0;
          let subscription: Subscription | undefined = undefined as Subscription | undefined;
          const at = (what: string, { url, hedge }: GateAttempt): void => {
            if (isReached && ['admit', 'allowsRetry', 'delay'].includes(what)) asked += 1;
            if (`${what} ${hostOf(url!)}${hedge ? ' hedge' : ''}` !== moment) return;
            isReached = true;
            subscription?.unsubscribe();
          };
          const gate = defineGate({
            name: 'leaving',
            delay: (attempt) => (at('delay', attempt), 0),
            allowsRetry: (attempt) => (at('allowsRetry', attempt), true),
            admit: (attempt) =>
              new Observable((output) => {
                held.add(attempt);
                at('admit', attempt);
                output.next(attempt);
                return () => held.delete(attempt);
              }),
            next: (event) => {
              at(event.type, event.attempt);
            },
          });
          const client = played.client({
            strategy: {
              hedge: hedging({ after: 10, max: moment.startsWith('failure') ? 2 : 1 }),
              gates: [gate],
              backoff: constant(5),
            },
          });
          const { lines, subscription: subscribed } = watch(client.get([eu, us]), statusOf);
          subscription = subscribed;
          flush();

          expect(isReached).withContext('reached').toBeTrue();
          if (moment.startsWith('failure')) expect(asked).withContext('asked afterwards').toBe(0);
          expect(lines).toEqual([]);
          expect(held.size).withContext('leases').toBe(0);
          expect(findSequenceViolation(played.events)).toBeUndefined();
          expect(plot(played.events).at(-1)).toMatch(/^cancel/);
          const open = played.lines.filter((line) => line.includes('sent')).length;
          const closed = played.lines.filter((line) => line.includes('cut')).length;
          const answered = answers.filter((answer) => answer !== silence).length;
          expect(open - closed).toBeLessThanOrEqual(answered);
        });
      });
    }
  });
});
