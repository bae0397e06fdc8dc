import { NEVER, type Observable, of, throwError } from 'rxjs';

import {
  circuitBreaker,
  constant,
  defineGate,
  type Gate,
  type GateDefinition,
  type RequestOptions,
  RetryClient,
} from '../../src/index.js';
import { GarbageWatch } from '../support/garbage-collection.js';
import { settled } from '../support/settled.js';

const ORIGIN = 'http://a.test';

const fail = (): Observable<never> => throwError(() => new Error('no'));
const silence = (): Observable<never> => NEVER;
const status = (code: number) => (): Observable<Response> => of(new Response(null, { status: code }));

/** How a request ends. */
interface End {
  readonly answer?: () => Observable<Response>;
  /** Of a gate that is asked after the breaker. */
  readonly admit?: GateDefinition['admit'];
  readonly options?: RequestOptions;
  readonly how?: 'is left' | 'is closed';
}

const ends: Readonly<Record<string, End>> = {
  'was answered': { answer: status(200) },
  'was retried, and then given up': { answer: status(503) },
  'failed in its selector': { answer: status(200), options: { selector: fail } },
  'was left': { answer: silence, how: 'is left' },
  'close() has ended': { answer: silence, how: 'is closed' },
  'an inner gate held until it was left': { admit: silence, how: 'is left' },
  'an inner gate rejected': { admit: fail },
  'an inner gate ended by an error of its own': {
    admit: () => {
      throw new Error('a bug');
    },
  },
};

describe('A circuit breaker keeps nothing of an attempt that', () => {
  const send = async ({ answer = silence, admit, options, how }: End, gates: readonly Gate[]): Promise<void> => {
    const client = new RetryClient({ interceptors: [answer] });
    const inner = defineGate({ name: 'inner', ...(admit && { admit }) });
    const strategy = { attempts: 2, backoff: constant(0), gates: [...gates, inner] };
    const request$ = client.get<unknown>(ORIGIN, { ...options, strategy } as RequestOptions);
    if (how === undefined) {
      await settled(request$);
      return;
    }
    const subscription = request$.subscribe({ error: () => undefined });
    if (how === 'is left') subscription.unsubscribe();
    else client.close();
  };

  for (const state of ['closed', 'half-open'] as const) {
    for (const [name, end] of Object.entries(ends)) {
      it(`${name}, of a circuit that was ${state}`, async () => {
        const breaker = circuitBreaker({ minimumThroughput: 1, breakDuration: 0, probes: 100 });
        if (state === 'half-open') await send({ answer: status(503) }, [breaker]);
        expect(breaker.snapshot(ORIGIN).state).toBe(state === 'half-open' ? 'open' : 'closed');
        const mortals = new GarbageWatch();
        const watching = defineGate({
          name: 'watching',
          admit: (attempt) => void mortals.watch(`attempt ${attempt.number}`, attempt),
        });
        await send(end, [watching, breaker]);
        expect(mortals.count).toBeGreaterThan(0);
        expect(await mortals.survivors()).toEqual([]);
        // It is alive, and so is what it keeps.
        expect(breaker.snapshot().size).toBe(1);
      });
    }
  }
});
