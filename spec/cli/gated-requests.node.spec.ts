import { delay, mergeMap, of, throwError, timer, type Observable } from 'rxjs';

import { eventToJson } from '../../src/cli/output/event-json.js';
import { eventLineFormatter } from '../../src/cli/output/event-line-formatter.js';
import { drawWaterfall } from '../../src/cli/screen/draw-waterfall.js';
import { applyEvent, type Waterfall } from '../../src/cli/screen/waterfall.js';
import { constant, defineGate, RetryClient, type GateDefinition, type RetryStrategy } from '../../src/index.js';
import { network, type Answer } from '../support/scripted-network.js';
import { marbles } from '../support/virtual-time.js';

const SLOW_200 = of(new Response(null, { status: 200 })).pipe(delay(200));

const SLOW_503 = of(new Response(null, { status: 503 })).pipe(delay(200));

/** Rejects an attempt after `ms`, as a queue with a longest wait does. */
function rejectAfter(ms: number): Observable<never> {
  return timer(ms).pipe(mergeMap(() => throwError(() => new Error(`no place within ${ms} ms`))));
}

/** What the command line shows of a client's requests. */
interface Shown {
  readonly client: RetryClient;
  readonly lines: string[];
  readonly json: unknown[];
  draw(now: number, isFinal?: boolean): string[];
}

function show(gates: readonly GateDefinition[], answers: readonly Answer[], more: RetryStrategy = {}): Shown {
  const client = new RetryClient({
    baseUrl: ['http://a.test', 'http://b.test'],
    strategy: { backoff: constant(100), gates: gates.map((gate) => defineGate(gate)), ...more },
    interceptors: [network(...answers).interceptor],
  });
  let waterfall: Waterfall = [];
  const formatEvent = eventLineFormatter();
  const [lines, json]: [string[], unknown[]] = [[], []];
  client.attempts$.subscribe((event) => {
    waterfall = applyEvent(waterfall, event);
    const line = formatEvent(event);
    if (line !== undefined) lines.push(line);
    json.push(JSON.parse(eventToJson(event)));
  });
  return {
    client,
    lines,
    json,
    draw: (now, isFinal = true) => drawWaterfall(waterfall, now, { columns: 80, hasColour: false, isFinal }),
  };
}

describe('A request with gates, on the command line', () => {
  marbles('is drawn with the time that a gate held it, while it is held and after it was sent', ({ flush }) => {
    const shown = show([{ name: 'concurrency-limit', admit: () => timer(800) }], [SLOW_200]);
    shown.client.get('/report').subscribe();
    let live: string[] = [];
    timer(300).subscribe(() => (live = shown.draw(300, false)));
    flush();

    expect(live).toEqual([
      '     GET /report    outcome               took    wait  0                 500 ms',
      '1/3  http://a.test  held                                ░░░░░░░░░░░░░░',
      '     held by concurrency-limit for 300 ms',
    ]);
    expect(shown.draw(1000)).toEqual([
      '     GET /report    outcome               took    wait  0                  1.0 s',
      '1/3  http://a.test  200                 200 ms          ░░░░░░░░░░░░░░░░░░░█████',
      '     held by concurrency-limit for 800 ms',
    ]);
    expect(shown.lines).toEqual([
      '1/3 GET http://a.test/report: held by concurrency-limit',
      '1/3 GET http://a.test/report: 200 (200 ms)',
    ]);
  });

  marbles('is drawn with its backoff and the hold that follows it', ({ flush }) => {
    const gates: GateDefinition[] = [
      { name: 'rate-limit', admit: ({ number }) => (number === 2 ? timer(100) : undefined) },
      { name: 'concurrency-limit', admit: ({ number }) => (number === 2 ? timer(300) : undefined) },
    ];
    const shown = show(gates, [SLOW_503, SLOW_200]);
    shown.client.get('/report').subscribe();
    flush();

    expect(shown.draw(900)).toEqual([
      '     GET /report    outcome               took    wait  0                 900 ms',
      '1/3  http://a.test  503                 200 ms  100 ms  █████░░░',
      '2/3  http://b.test  200                 200 ms                  ░░░░░░░░░░░█████',
      '     held by rate-limit, concurrency-limit for 400 ms',
    ]);
    expect(shown.lines).toEqual([
      '1/3 GET http://a.test/report: 503 (200 ms), next in 100 ms',
      '2/3 GET http://b.test/report: held by rate-limit',
      '2/3 GET http://b.test/report: held by concurrency-limit',
      '2/3 GET http://b.test/report: 200 (200 ms)',
    ]);
  });

  marbles('is shown if it is cancelled before it was sent', ({ flush }) => {
    const shown = show([{ name: 'concurrency-limit', admit: () => timer(800) }], [SLOW_200]);
    const subscription = shown.client.get('/report').subscribe();
    timer(400).subscribe(() => {
      subscription.unsubscribe();
    });
    flush();

    expect(shown.draw(400).slice(1)).toEqual([
      '1/3  http://a.test  cancelled                           ░░░░░░░░░░░░░░░░░░░░░░░×',
      '     held by concurrency-limit for 400 ms',
    ]);
    expect(shown.lines.slice(1)).toEqual([
      '1/3 GET http://a.test/report: cancelled while held by concurrency-limit (400 ms)',
    ]);
    expect(shown.json).toEqual([
      jasmine.objectContaining({ type: 'hold', gate: 'concurrency-limit' }),
      jasmine.objectContaining({ type: 'cancel', elapsed: 400 }),
    ]);
  });

  marbles('is shown if a gate rejects it after a hold', ({ flush }) => {
    const shown = show([{ name: 'concurrency-limit', admit: () => rejectAfter(300) }], [], { attempts: 1 });
    shown.client.get('http://a.test/report').subscribe({ error: () => undefined });
    flush();

    expect(shown.draw(300)).toEqual([
      '     GET /report    outcome               took    wait  0                 300 ms',
      '1/1  http://a.test  not sent                            ░░░░░░░░░░░░░░░░░░░░░░░×',
      '     held by concurrency-limit for 300 ms',
      '     rejected by concurrency-limit: no place within 300 ms',
    ]);
    expect(shown.lines).toEqual([
      '1/1 GET http://a.test/report: held by concurrency-limit',
      '1/1 GET http://a.test/report: not sent (300 ms), rejected by concurrency-limit: no place within 300 ms',
    ]);
  });

  marbles('is shown if a gate rejects it at once', ({ flush }) => {
    const isOpen = (): Observable<never> =>
      throwError(() => Object.assign(new Error('the circuit is open'), { retryAfter: 4000 }));
    const shown = show([{ name: 'circuit-breaker', admit: isOpen }], []);
    shown.client.get('/report').subscribe({ error: () => undefined });
    flush();

    expect(shown.draw(0)).toEqual([
      '     GET /report    outcome               took    wait  0                   1 ms',
      '1/3  http://a.test  not sent                            ×',
      '     rejected by circuit-breaker: the circuit is open',
    ]);
    expect(shown.lines).toEqual([
      '1/3 GET http://a.test/report: not sent, rejected by circuit-breaker: the circuit is open',
    ]);
    expect(shown.json).toEqual([
      jasmine.objectContaining({
        type: 'failure',
        reason: 'rejected',
        gate: 'circuit-breaker',
        outcome: {
          kind: 'error',
          error: {
            name: 'GateRejectedError',
            message:
              'GET http://a.test/report: rejected by the gate "circuit-breaker": the circuit is open (attempt 1 of 3)',
            gate: 'circuit-breaker',
            retryAfter: 4000,
          },
        },
      }),
    ]);
  });

  marbles('is shown with the attempt that a gate rejects after the backoff', ({ flush }) => {
    const admit = ({ number }: { number: number }): Observable<never> | undefined =>
      number === 2 ? throwError(() => undefined) : undefined;
    const shown = show([{ name: 'circuit-breaker', admit }], [SLOW_503]);
    shown.client.get('/report').subscribe({ error: () => undefined });
    flush();

    expect(shown.draw(300).slice(1)).toEqual([
      '1/3  http://a.test  503                 200 ms  100 ms  ████████████████░░░░░░░░',
      '2/3  http://b.test  not sent                                                   ×',
      '     rejected by circuit-breaker',
    ]);
    expect(shown.lines.slice(1)).toEqual(['2/3 GET http://b.test/report: not sent, rejected by circuit-breaker']);
  });

  marbles('names the gate that allows no retry', ({ flush }) => {
    const shown = show([{ name: 'retry-budget', allowsRetry: () => false }], [SLOW_503]);
    shown.client.get('/report').subscribe({ error: () => undefined });
    flush();

    expect(shown.draw(200).slice(1)).toEqual([
      '1/3  http://a.test  503                 200 ms          ████████████████████████',
      '     gave up: retry-budget let no further attempt in',
    ]);
    expect(shown.lines).toEqual([
      '1/3 GET http://a.test/report: 503 (200 ms), gave up: retry-budget let no further attempt in',
    ]);
  });

  marbles('says what ended it while a gate held it', ({ flush }) => {
    const shown = show([{ name: 'concurrency-limit', admit: () => timer(800) }], []);
    shown.client.get('/report', { totalTimeout: 500 }).subscribe({ error: () => undefined });
    flush();

    expect(shown.draw(500).slice(1)).toEqual([
      '1/3  http://a.test  deadline of 500 ms exce…                  ░░░░░░░░░░░░░░░░░×',
      '     held by concurrency-limit for 500 ms',
      '     gave up: --total-timeout leaves no time for another attempt',
    ]);
    expect(shown.lines.at(-1)).toBe(
      '1/3 GET http://a.test/report: deadline of 500 ms exceeded while held by concurrency-limit (500 ms), gave up: --total-timeout leaves no time for another attempt',
    );
  });

  marbles('has the row of the URL that it was sent to after another one was rejected', ({ flush }) => {
    const admit = ({ url }: { url?: string }): Observable<unknown> | undefined =>
      url?.startsWith('http://a.') ? rejectAfter(300) : undefined;
    const shown = show([{ name: 'circuit-breaker', admit }], [SLOW_503, SLOW_200]);
    const subscription = shown.client.get('/report').subscribe();
    timer(550).subscribe(() => {
      subscription.unsubscribe();
    });
    flush();

    expect(shown.draw(550).slice(1)).toEqual([
      '1/3  http://b.test  503                 200 ms  100 ms  ░░░░░░░░░░░░░█████████░░',
      '     held by circuit-breaker for 300 ms',
      '     cancelled during the wait',
    ]);
    expect(shown.lines.at(-1)).toBe('1/3 GET http://b.test/report: cancelled during the wait');
  });

  marbles('shows the error of a gate itself', ({ flush }) => {
    const admit = (): never => {
      throw new Error('no such key');
    };
    const shown = show([{ name: 'my-gate', admit }], []);
    shown.client.get('/report').subscribe({ error: () => undefined });
    flush();

    expect(shown.lines).toEqual([
      '1/3 GET http://a.test/report: no such key (0 ms), gave up: the strategy does not retry it',
    ]);
    expect(shown.draw(0).slice(1)).toEqual([
      '1/3  http://a.test  no such key                         ×',
      '     gave up: the strategy does not retry it',
    ]);
  });
});
