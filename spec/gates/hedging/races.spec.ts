import * as fc from 'fast-check';
import { concatMap, defer, EMPTY, map, Observable, of, Subject, type Subscription, throwError, timer } from 'rxjs';

import {
  type AttemptEvent,
  type ClientOptions,
  constant,
  hedging,
  type HttpAttempt,
  HttpNetworkError,
  HttpStatusError,
  type Interceptor,
  RetryClient,
  type RequestOptions,
  retryWithStrategy,
  type SelectorFunction,
} from '../../../src/index.js';
import { findSequenceViolation, listen, plot } from '../../support/attempt-events.js';
import { watch } from '../../support/event-log.js';
import { only } from '../../support/settled.js';
import { inVirtualTime } from '../../support/virtual-time.js';
import { after, asia, broken, eu, scene, silence, spyGate, us } from './hedge-scene.js';

const statusOf = (value: unknown): string => (value instanceof Response ? String(value.status) : String(value));

/** A response whose body tells whether it was cancelled. */
function withBody(status = 200): { readonly response: Response; readonly cancelled: () => boolean } {
  let cancelled = false;
  const body = new ReadableStream({
    cancel: () => {
      cancelled = true;
    },
  });
  return { response: new Response(body, { status }), cancelled: () => cancelled };
}

/** A transport whose calls are answered by the spec. */
function handTransport() {
  const calls: {
    readonly url: string;
    readonly signal: AbortSignal;
    readonly answer: (response: Response) => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  return {
    calls,
    fetch: (url: string, init: RequestInit): Promise<Response> =>
      new Promise((resolve, reject) => {
        const { signal } = init as { signal: AbortSignal };
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
        calls.push({ url, signal, answer: resolve, fail: reject });
      }),
    /** Resolves once so many calls were made. */
    async called(count: number): Promise<void> {
      while (calls.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}

describe('A hedge', () => {
  // grpc-java #9185 and #10007 are such races.
  it('that is about to be sent when the first is accepted is not sent', () => {
    inVirtualTime(({ flush }) => {
      const answer = new Subject<Response>();
      const played = scene(answer, silence);
      const { gate, held, heard } = spyGate(() => undefined, {
        allowsRetry: () => {
          answer.next(new Response());
          return true;
        },
      });
      const client = played.client({ strategy: { hedge: hedging({ after: 10 }), gates: [gate] } });
      watch(client.get([eu, us]), statusOf, played.lines);
      flush();
      expect(played.lines).toEqual(['0 sent eu', '10 200', '10 complete']);
      expect(heard).toEqual(['start eu', 'response eu', 'value eu', 'success eu']);
      expect(held.size).toBe(0);
      expect(findSequenceViolation(played.events)).toBeUndefined();
    });
  });

  it('that is about to be sent when the first is accepted is not sent, though its body is still read', () => {
    inVirtualTime(({ flush }) => {
      const answer = new Subject<Response>();
      const played = scene(answer, silence);
      const { gate, heard } = spyGate(() => undefined, {
        allowsRetry: () => {
          answer.next(new Response());
          return true;
        },
      });
      const client = played.client({ strategy: { hedge: hedging({ after: 10 }), gates: [gate] } });
      watch(client.get([eu, us], { selector: () => timer(20) }), String, played.lines);
      flush();
      expect(played.lines).toEqual(['0 sent eu', '30 0', '30 complete']);
      expect(heard).toEqual(['start eu', 'response eu', 'value eu', 'success eu']);
    });
  });

  for (const kind of ['answers', 'fails', 'completes'] as const) {
    it(`wins, though a gate that hears that the first is cut has it end: it ${kind}`, () => {
      inVirtualTime(({ flush }) => {
        const answer = new Subject<Response>();
        const played = scene(answer, after(5));
        const { gate, heard, held } = spyGate(() => undefined, {
          next: ({ type, attempt }) => {
            if (type !== 'cancel' || attempt.hedge) return;
            if (kind === 'answers') answer.next(new Response(null, { status: 201 }));
            if (kind === 'fails') answer.error(new Error('a bug'));
            answer.complete();
          },
        });
        const client = played.client({ strategy: { hedge: hedging({ after: 10 }), gates: [gate] } });
        watch(client.get([eu, us]), statusOf, played.lines);
        flush();
        expect(played.lines).toEqual(['0 sent eu', '10 sent us', '15 200', '15 complete']);
        expect(heard).toEqual([
          'start eu',
          'start us hedge',
          'hedge eu',
          'cancel eu',
          'response us hedge',
          'value us hedge',
          'success us hedge',
        ]);
        expect(held.size).toBe(0);
      });
    });
  }

  it('that is sent as the first is accepted is cut, with the body that its factory has opened', () => {
    inVirtualTime(({ flush }) => {
      const answer = new Subject<Response>();
      const played = scene(answer, silence);
      let opened = 0;
      let discarded = 0;
      const client = played.client({ strategy: { hedge: hedging({ after: 10 }), methods: ['PUT'] } });
      const body = (): ReadableStream => {
        opened += 1;
        if (opened === 2) answer.next(new Response());
        return new ReadableStream({
          cancel: () => {
            discarded += 1;
          },
        });
      };
      watch(client.put([eu, us], body), statusOf, played.lines);
      flush();
      expect(played.lines).toEqual(['0 sent eu', '10 200', '10 complete']);
      expect([opened, discarded]).toEqual([2, 2]);
      expect(findSequenceViolation(played.events)).toBeUndefined();
    });
  });

  it('whose body has a factory that ends the request is not sent, and both bodies are discarded', () => {
    inVirtualTime(({ flush }) => {
      const played = scene(silence);
      let opened = 0;
      let discarded = 0;
      const client = played.client({ strategy: { hedge: hedging({ after: 10 }) } });
      const body = (): ReadableStream => {
        opened += 1;
        if (opened === 2) subscription.unsubscribe();
        return new ReadableStream({
          cancel: () => {
            discarded += 1;
          },
        });
      };
      const { subscription } = watch(client.put([eu, us], body), statusOf, played.lines);
      flush();
      expect(played.lines).toEqual(['0 sent eu', '10 cut eu']);
      expect([opened, discarded]).toEqual([2, 2]);
      expect(plot(played.events)).toEqual(['start 1', 'hedge 1', 'cancel 1']);
    });
  });

  it('whose body has a factory that ends the request aborts the call of the first', async () => {
    const transport = handTransport();
    const client = new RetryClient({ fetch: transport.fetch, strategy: { hedge: hedging({ after: 0 }) } });
    let opened = 0;
    const subscription: Subscription = client
      .put([eu, us], () => {
        opened += 1;
        if (opened === 2) subscription.unsubscribe();
        return 'a';
      })
      .subscribe();
    await transport.called(1);
    while (opened < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(transport.calls.map(({ signal }) => signal.aborted)).toEqual([true]);
  });

  it('whose body has a factory that throws ends the request with that error', () => {
    inVirtualTime(({ flush }) => {
      const played = scene(silence);
      let opened = 0;
      const client = played.client({ strategy: { hedge: hedging({ after: 10 }) } });
      const body = (): string => {
        opened += 1;
        if (opened === 2) throw new Error('a bug');
        return 'a';
      };
      watch(client.put([eu, us], body), statusOf, played.lines);
      flush();
      expect(played.lines).toEqual(['0 sent eu', '10 cut eu', '10 error: a bug']);
    });
  });

  for (const type of ['hedge', 'response'] as const) {
    it(`is not sent, or is cut, if a listener ends the request at "${type}"`, () => {
      inVirtualTime(({ flush }) => {
        const played = scene(silence, after(5));
        const { gate, held } = spyGate(() => undefined);
        const client = played.client({ strategy: { hedge: hedging({ after: 10 }), gates: [gate] } });
        client.attempts$.subscribe((event) => {
          if (event.type === type) subscription.unsubscribe();
        });
        const { subscription } = watch(client.get([eu, us]), statusOf, played.lines);
        flush();
        expect(played.lines.filter((line) => /200|complete|error/.test(line))).toEqual([]);
        expect(plot(played.events).at(-1)).toBe('cancel 1');
        expect(findSequenceViolation(played.events)).toBeUndefined();
        expect(held.size).toBe(0);
      });
    });
  }

  it('that wins within the subscription, before it returns, cuts the first', () => {
    inVirtualTime(({ flush }) => {
      const played = scene(silence, of(new Response()));
      watch(played.client({ strategy: { hedge: hedging({ after: 0 }) } }).get([eu, us]), statusOf, played.lines);
      flush();
      expect(played.lines).toEqual(['0 sent eu', '0 sent us', '0 cut eu', '0 200', '0 complete']);
    });
  });

  it('that fails within the subscription, as the first has, is followed by the next', () => {
    inVirtualTime(({ flush }) => {
      const gone = of(new Response(null, { status: 503 }));
      const played = scene(gone);
      const client = played.client({
        strategy: { hedge: hedging({ after: 9, max: 10 }), backoff: constant(5), attempts: 2 },
      });
      watch(client.get([eu, us]), statusOf, played.lines);
      flush();
      expect(played.lines.filter((line) => line.startsWith('0 sent')).length).toBe(11);
      expect(played.lines.filter((line) => line.startsWith('5 sent')).length).toBe(11);
      expect(played.lines.slice(-2)).toEqual(['5 503', '5 complete']);
      expect(findSequenceViolation(played.events)).toBeUndefined();
    });
  });

  describe('is cut with the first', () => {
    for (const ending of ['unsubscribing', 'its signal', 'close()', 'totalTimeout'] as const) {
      for (const frame of [5, 10, 12, 15, 20, 27]) {
        it(`by ${ending} at frame ${String(frame)}`, () => {
          inVirtualTime(({ flush }) => {
            const played = scene(after(20, 503), after(7, 503), silence);
            const { gate, held } = spyGate(() => undefined);
            const client = played.client({
              strategy: { hedge: hedging({ after: 10 }), gates: [gate], backoff: constant(4) },
            });
            const abort = new AbortController();
            const { lines, subscription } = watch(
              client.get([eu, us], {
                ...(ending === 'its signal' && { signal: abort.signal }),
                ...(ending === 'totalTimeout' && { totalTimeout: frame }),
              }),
              statusOf,
            );
            timer(frame).subscribe(() => {
              if (ending === 'unsubscribing') subscription.unsubscribe();
              if (ending === 'its signal') abort.abort(new Error('aborted'));
              if (ending === 'close()') client.close();
            });
            flush();
            expect(held.size).toBe(0);
            expect(findSequenceViolation(played.events)).toBeUndefined();
            // With a deadline the last response is handed over, if the wait would exceed it.
            const isResponse = lines[0]?.endsWith('503');
            expect(lines.length).toBe(ending === 'unsubscribing' ? 0 : isResponse ? 2 : 1);
            expect(played.open()).toBe(0);
            expect(played.lines.filter((line) => Number.parseInt(line) > frame)).toEqual([]);
          });
        });
      }
    }
  });

  it('is not held back by a shouldRetry that reads a body which breaks off: the other sendings may still win', async () => {
    const transport = handTransport();
    const events: AttemptEvent<unknown, HttpAttempt>[] = [];
    const client = new RetryClient({
      fetch: transport.fetch,
      strategy: {
        hedge: hedging({ after: 0 }),
        shouldRetry: async ({ response }) => (await response?.clone().text()) === 'again',
      },
    });
    client.attempts$.subscribe((event) => events.push(event));
    const result = only(client.get([eu, us]));
    await transport.called(2);
    const brokenBody = new ReadableStream({
      pull: (controller) => {
        controller.error(new TypeError('terminated'));
      },
    });
    transport.calls[1]?.answer(new Response(brokenBody));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(plot(events)).toEqual(['start 1', 'hedge 1']);
    expect(transport.calls[0]?.signal.aborted).toBeFalse();
    transport.calls[0]?.answer(new Response('the first'));
    expect(await (await result).text()).toBe('the first');
    expect(plot(events)).toEqual(['start 1', 'hedge 1', 'response 1', 'value 1', 'success 1']);
  });

  it('wins with a body that shouldRetry has read a clone of, whole', async () => {
    const transport = handTransport();
    const client = new RetryClient({
      fetch: transport.fetch,
      strategy: {
        hedge: hedging({ after: 0 }),
        backoff: constant(0),
        shouldRetry: async ({ response }) => (await response?.clone().text()) === 'again',
      },
    });
    const result = only(client.get([eu, us]));
    await transport.called(2);
    transport.calls[0]?.answer(new Response('again'));
    transport.calls[1]?.answer(new Response('done'));
    expect(await (await result).text()).toBe('done');
    expect(transport.calls.length).toBe(2);
  });

  it('that fails has its connection closed at once, while the first is pending', async () => {
    const transport = handTransport();
    const client = new RetryClient({ fetch: transport.fetch, strategy: { hedge: hedging({ after: 0 }) } });
    const subscription = client.get([eu, us]).subscribe();
    await transport.called(2);
    transport.calls[1]?.answer(withBody(503).response);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(transport.calls.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    subscription.unsubscribe();
  });

  it('that loses after its response came, undecided, has its body discarded', async () => {
    const transport = handTransport();
    let decide: ((retry: boolean) => void) | undefined;
    const client = new RetryClient({
      fetch: transport.fetch,
      strategy: {
        hedge: hedging({ after: 0 }),
        shouldRetry: () => new Promise<boolean>((resolve) => (decide = resolve)),
      },
    });
    const result = only(client.get([eu, us]));
    await transport.called(2);
    const [winner, loser] = [withBody(), withBody()];
    transport.calls[1]?.answer(winner.response);
    transport.calls[0]?.answer(loser.response);
    await new Promise((resolve) => setTimeout(resolve, 5));
    decide?.(false);
    expect(await result).toBe(winner.response);
    expect(transport.calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(winner.cancelled()).toBeFalse();
  });

  it('that is undecided when the request is left leaves no connection of the first open', async () => {
    const transport = handTransport();
    let asked = 0;
    const client = new RetryClient({
      fetch: transport.fetch,
      strategy: {
        hedge: hedging({ after: 0 }),
        shouldRetry: () => {
          asked += 1;
          return new Promise<boolean>(() => undefined);
        },
      },
    });
    const subscription = client.get([eu, us]).subscribe();
    await transport.called(2);
    const { response, cancelled } = withBody();
    transport.calls[1]?.answer(response);
    while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    subscription.unsubscribe();
    expect(transport.calls[0]?.signal.aborted).toBeTrue();
    expect([transport.calls[1]?.signal.aborted, cancelled()]).toContain(true);
  });

  it('that fails for good at the only place ends the request for good, though the first could be retried', () => {
    inVirtualTime(({ flush }) => {
      const played = scene(broken(20), broken(5, true), after(1));
      watch(played.client({ strategy: { hedge: hedging({ after: 10 }) } }).get(eu), statusOf, played.lines);
      flush();
      expect(played.lines.length).toBe(3);
      expect(plot(played.events).at(-1)).toBe('failure 1 permanent');
    });
  });

  it('that has won, or an attempt without any, may fail later with a Retry-After, which is waited for', () => {
    for (const answers of [[after(1)], [silence, after(1)]]) {
      inVirtualTime(({ flush }) => {
        const played = scene(...answers, after(1));
        let reads = 0;
        const selector: SelectorFunction<string> = (_, attempt) => {
          reads += 1;
          const response = new Response(null, { status: 503, headers: { 'retry-after': '2' } });
          return reads > 1 ? of('read') : throwError(() => new HttpStatusError({ attempt, response }));
        };
        const client = played.client({
          strategy: { hedge: hedging({ after: 10 }), backoff: constant(5), random: () => 0 },
        });
        watch(client.get(eu, { selector }), String, played.lines);
        flush();
        const last = 1 + 10 * (answers.length - 1) + 2_000;
        expect(played.lines.slice(-3)).toEqual([`${last} sent eu`, `${last + 1} read`, `${last + 1} complete`]);
      });
    }
  });

  it('that a nested run gave up on is not retried', () => {
    inVirtualTime(({ flush }) => {
      const played = scene();
      let sendings = 0;
      const nested: Interceptor = (request) =>
        defer(() => {
          sendings += 1;
          return after(1, 503);
        }).pipe(
          map((response) => {
            if (response.status !== 200) throw new HttpNetworkError({ attempt: request.attempt });
            return response;
          }),
          retryWithStrategy({ attempts: 2, backoff: constant(0) }),
        );
      const client = new RetryClient({
        interceptors: [nested],
        strategy: { hedge: hedging({ after: 100 }), attempts: 3, backoff: constant(1) },
      });
      const events = listen(client.attempts$);
      watch(client.get(eu), statusOf, played.lines);
      flush();
      // Two by the first, and two by its hedge. No attempt follows.
      expect(sendings).toBe(4);
      expect(plot(events)).toEqual(['start 1', 'hedge 1', 'failure 1 permanent']);
    });
  });
});

describe('Sendings of any schedule', () => {
  interface Sent {
    after: number;
    kind: 'ok' | 'unavailable' | 'broken' | 'bug' | 'silence' | 'tired' | 'empty';
  }
  const sent: fc.Arbitrary<Sent> = fc.record({
    after: fc.nat(30),
    kind: fc.constantFrom('ok', 'unavailable', 'unavailable', 'broken', 'bug', 'silence', 'tired', 'empty'),
  });
  const schedule = fc.record({
    answers: fc.array(sent, { minLength: 1, maxLength: 8 }),
    hedgeAfter: fc.nat(15),
    max: fc.integer({ min: 1, max: 3 }),
    attempts: fc.integer({ min: 1, max: 3 }),
    places: fc.integer({ min: 1, max: 3 }),
    decision: fc.option(fc.nat(8), { nil: undefined }),
    selector: fc.option(fc.nat(10), { nil: undefined }),
    gates: fc.record({ refuses: fc.array(fc.boolean(), { maxLength: 5 }), max: fc.integer({ min: 1, max: 3 }) }),
    end: fc.record({
      kind: fc.constantFrom(
        'none' as const,
        'unsubscribe' as const,
        'abort' as const,
        'close' as const,
        'deadline' as const,
      ),
      after: fc.nat(60),
    }),
    timeout: fc.option(fc.integer({ min: 5, max: 40 }), { nil: undefined }),
  });

  it('hand over one response at most, end each sending once, and leave nothing behind', () => {
    fc.assert(
      fc.property(schedule, (plan) => {
        inVirtualTime(({ flush }) => {
          let live = 0;
          let handedOver = 0;
          let ends = 0;
          let asked = 0;
          const held = new Set<unknown>();
          const told = new Map<unknown, string[]>();
          const toAnswer = ({ kind, after: ms }: Sent, attempt: HttpAttempt): Observable<Response> => {
            switch (kind) {
              case 'silence':
                return silence;
              case 'empty':
                return timer(ms).pipe(concatMap(() => EMPTY));
              case 'broken':
                return timer(ms).pipe(
                  map(() => {
                    throw new HttpNetworkError({ attempt });
                  }),
                );
              case 'bug':
                return timer(ms).pipe(
                  map(() => {
                    throw new Error('a bug');
                  }),
                );
              case 'tired':
                return after(ms, 503, { 'retry-after': '1' });
              default:
                return after(ms, kind === 'ok' ? 200 : 503);
            }
          };
          let index = 0;
          const networkOf: Interceptor = (request) =>
            new Observable((output) => {
              live += 1;
              const answer = plan.answers[index++ % plan.answers.length]!;
              const inner = toAnswer(answer, request.attempt).subscribe(output);
              return () => {
                live -= 1;
                inner.unsubscribe();
              };
            });
          const { gate } = spyGate(() => undefined, {
            allowsRetry: () => !plan.gates.refuses[asked++ % Math.max(1, plan.gates.refuses.length)],
            admit: (attempt) =>
              attempt.hedge && held.size >= plan.gates.max
                ? silence
                : new Observable((output) => {
                    held.add(attempt);
                    output.next(attempt);
                    return () => held.delete(attempt);
                  }),
            next: ({ attempt, type }) => {
              told.set(attempt, [...(told.get(attempt) ?? []), type]);
            },
          });
          const options: ClientOptions = {
            interceptors: [networkOf],
            strategy: {
              hedge: hedging({ after: plan.hedgeAfter, max: plan.max }),
              attempts: plan.attempts,
              backoff: constant(3),
              gates: [gate],
              ...(plan.decision !== undefined && {
                shouldRetry: () => timer(plan.decision!).pipe(map(() => undefined)),
              }),
            },
            timeout: plan.timeout ?? false,
            totalTimeout: plan.end.kind === 'deadline' ? plan.end.after + 1 : 5000,
          };
          const client = new RetryClient(options);
          const events = listen(client.attempts$);
          const abort = new AbortController();
          const read: Response[] = [];
          const selector: SelectorFunction<Response> = (response) => {
            read.push(response);
            return timer(plan.selector ?? 0).pipe(map(() => response));
          };
          const subscription = client
            .get([eu, us, asia].slice(0, plan.places), {
              signal: abort.signal,
              ...(plan.selector !== undefined && { selector }),
            } as RequestOptions)
            .subscribe({
              next: () => (handedOver += 1),
              error: () => (ends += 1),
              complete: () => (ends += 1),
            });
          timer(plan.end.after).subscribe(() => {
            if (plan.end.kind === 'unsubscribe') subscription.unsubscribe();
            if (plan.end.kind === 'abort') abort.abort(new Error('aborted'));
            if (plan.end.kind === 'close') client.close();
          });
          flush();

          expect(handedOver).toBeLessThanOrEqual(1);
          expect(read.length).toBeLessThanOrEqual(1);
          if (plan.end.kind !== 'unsubscribe') expect(ends).toBe(1);
          expect(live).withContext('sendings').toBe(0);
          expect(held.size).withContext('leases').toBe(0);
          expect(findSequenceViolation(events)).toBeUndefined();
          // Each sending is settled once, and nothing is told of it afterwards; a retry is, of one that has failed.
          for (const types of told.values()) {
            expect(types[0]).toBe('start');
            const settling = types.filter((type) => ['success', 'failure', 'cancel'].includes(type)).length;
            const retries = types.filter((type) => type === 'retry').length;
            expect(settling === 1 || (settling === 0 && retries === 1))
              .withContext(types.join())
              .toBeTrue();
          }
        });
      }),
      { numRuns: 400 },
    );
  });
});
