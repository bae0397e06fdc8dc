import { asyncScheduler, config, NEVER, of } from 'rxjs';

import {
  circuitBreaker,
  concurrencyLimit,
  constant,
  type Gate,
  type GateKey,
  type ObservableState,
  openWhen,
  rateLimit,
  retryBudget,
  RetryClient,
  retryWithStrategy,
  serverLimit,
  whenOnline,
} from '../../../src/index.js';
import { bodiless, network } from '../../support/scripted-network.js';
import { inVirtualTime } from '../../support/virtual-time.js';

/** The ready-made gates whose state is kept by keys. */
const keyed: Readonly<Record<string, (by?: GateKey) => Gate & ObservableState<object>>> = {
  'a circuitBreaker': (by) => circuitBreaker({ ...(by && { by }) }),
  'a concurrencyLimit': (by) => concurrencyLimit({ max: 1, ...(by && { by }) }),
  'a rateLimit': (by) => rateLimit({ permits: 100, ...(by && { by }) }),
  'a retryBudget': (by) => retryBudget({ ...(by && { by }) }),
  'a serverLimit': (by) => serverLimit({ ...(by && { by }) }),
};

/** Sends requests to these URLs through a gate, each of which is answered with a limit. */
function sendTo(gate: Gate, urls: readonly string[]): void {
  const limited = bodiless(200, { 'ratelimit-limit': '100', 'ratelimit-remaining': '50', 'ratelimit-reset': '30' });
  const client = new RetryClient({ interceptors: [network(limited).interceptor], strategy: { gates: [gate] } });
  for (const url of urls) client.get(url).subscribe({ error: fail });
}

for (const [name, create] of Object.entries(keyed)) {
  describe(`The state of ${name}`, () => {
    const urls = ['http://a.test/1?q', 'http://a.test/2', 'https://a.test/1', 'http://a.test:81/', 'http://b.test/'];

    for (const by of [undefined, 'origin'] as const) {
      it(`is kept for each origin ${by ? 'with by: origin' : 'by default'}`, () => {
        inVirtualTime(() => {
          const gate = create(by);
          sendTo(gate, urls);
          expect([...gate.snapshot().keys()].sort()).toEqual([
            ...['http://a.test', 'http://a.test:81', 'http://b.test', 'https://a.test'],
          ]);
        });
      });
    }

    it('is one for by: all, and that of a function’s key', () => {
      inVirtualTime(() => {
        const all = create('all');
        sendTo(all, urls);
        expect([...all.snapshot().keys()]).toEqual(['all']);

        const byPath = create(({ url = '' }) => new URL(url).pathname);
        sendTo(byPath, urls);
        expect([...byPath.snapshot().keys()].sort()).toEqual(['/', '/1', '/2']);
      });
    });

    it('is one where attempts have no URL', () => {
      inVirtualTime(() => {
        const gate = create();
        of(1)
          .pipe(retryWithStrategy({ gates: [gate] }))
          .subscribe();
        expect([...gate.snapshot().keys()]).toEqual(['all']);
      });
    });

    it('is kept for 1,000 keys, of which the least recently used go', () => {
      inVirtualTime(() => {
        const gate = create();
        sendTo(gate, ['http://first.test/']);
        for (let host = 0; host < 999; host += 1) sendTo(gate, [`http://h${host}.test/`]);
        sendTo(gate, ['http://first.test/']);
        expect(gate.snapshot().size).toBe(1_000);
        sendTo(gate, ['http://last.test/']);
        const keys = [...gate.snapshot().keys()];
        expect(keys.length).toBe(1_000);
        expect(keys).toContain('http://first.test');
        expect(keys).toContain('http://last.test');
        expect(keys).not.toContain('http://h0.test');
      });
    });

    it('of a key that was never used is as at the start, and asking creates none', () => {
      inVirtualTime(() => {
        const gate = create();
        expect(gate.snapshot('http://a.test')).toEqual(create().snapshot('http://a.test'));
        expect(gate.snapshot().size).toBe(0);
        expect(gate.snapshot()).toBeInstanceOf(Map);
      });
    });

    it('is a copy: changing it changes no gate', () => {
      inVirtualTime(() => {
        const gate = create();
        sendTo(gate, urls);
        (gate.snapshot() as Map<string, object>).clear();
        expect(gate.snapshot().size).toBe(4);
        for (const field of Object.keys(gate.snapshot('http://a.test'))) {
          (gate.snapshot('http://a.test') as Record<string, unknown>)[field] = 'changed';
        }
        expect(Object.values(gate.snapshot('http://a.test'))).not.toContain('changed');
      });
    });

    it('emits its changes with the key while somebody listens, and never ends', () => {
      inVirtualTime(({ flush }) => {
        const gate = create();
        const seen: string[] = [];
        const subscription = gate.changes$.subscribe({
          next: ({ key }) => seen.push(key),
          error: fail,
          complete: fail,
        });
        const client = new RetryClient({
          interceptors: [network(bodiless(429, { 'retry-after': '1' }), 200).interceptor],
          strategy: { gates: [gate], backoff: constant(1) },
        });
        client.get('http://a.test/').subscribe();
        flush();
        // A breaker's circuit stays closed: one failure is too little to open it.
        if (name !== 'a circuitBreaker') expect(seen.length).toBeGreaterThan(0);
        expect(seen.every((key) => key === 'http://a.test')).toBeTrue();
        const { length } = seen;
        subscription.unsubscribe();
        client.get('http://a.test/').subscribe();
        flush();
        expect(seen.length).toBe(length);
      });
    });

    it('needs no timer while nobody waits', () => {
      inVirtualTime(({ flush }) => {
        const gate = create();
        const begin = asyncScheduler.now();
        sendTo(gate, urls);
        flush();
        // No action moved virtual time on.
        expect(asyncScheduler.now()).toBe(begin);
      });
    });

    it('by a function that throws ends the request with its error, or reports it', async () => {
      const before = config.onUnhandledError;
      const seen: unknown[] = [];
      config.onUnhandledError = (error) => seen.push(error);
      try {
        const bug = new Error('a bug');
        const gate = create(() => {
          throw bug;
        });
        of(1)
          .pipe(retryWithStrategy({ gates: [gate] }))
          .subscribe({ error: (error: unknown) => seen.push(error) });
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(new Set(seen)).toEqual(new Set([bug]));
      } finally {
        config.onUnhandledError = before;
      }
    });
  });
}

describe('A snapshot', () => {
  it('has the fields of the contract', () => {
    inVirtualTime(() => {
      const fieldsOf = (gate: ObservableState<object>): string[] => Object.keys(gate.snapshot('http://a.test')).sort();
      expect(circuitBreaker().snapshot('http://a.test')).toEqual(
        jasmine.objectContaining({ state: 'closed', failureRatio: 0, throughput: 0 }),
      );
      expect(fieldsOf(concurrencyLimit({ max: 1 }))).toEqual(['inFlight', 'limit', 'queued']);
      expect(fieldsOf(rateLimit({ permits: 1 }))).toEqual(['available', 'queued', 'resetAfter']);
      expect(fieldsOf(retryBudget())).toEqual(['balance']);
      expect(fieldsOf(serverLimit())).toEqual(jasmine.arrayContaining(['policies']));
      expect(fieldsOf(openWhen({ open$: of(true) }))).toEqual(['open']);
      expect(fieldsOf(whenOnline())).toEqual(['open']);
    });
  });

  it('shows what is in flight at present, and what waits', () => {
    inVirtualTime(() => {
      const gate = concurrencyLimit({ max: 2 });
      const client = new RetryClient({ interceptors: [network(NEVER).interceptor], strategy: { gates: [gate] } });
      const subscriptions = [1, 2, 3].map(() => client.get('http://a.test/').subscribe());
      expect(gate.snapshot('http://a.test')).toEqual({ limit: 2, inFlight: 2, queued: 1 });
      expect(gate.snapshot().get('http://a.test')).toEqual({ limit: 2, inFlight: 2, queued: 1 });
      for (const subscription of subscriptions) subscription.unsubscribe();
      expect(gate.snapshot('http://a.test')).toEqual({ limit: 2, inFlight: 0, queued: 0 });
    });
  });

  it('never drops a key in use', () => {
    inVirtualTime(() => {
      const gate = concurrencyLimit({ max: 1 });
      const client = new RetryClient({
        interceptors: [({ url }) => (url.includes('kept') ? NEVER : of(new Response()))],
        strategy: { gates: [gate] },
      });
      const subscription = client.get('http://kept.test/').subscribe();
      for (let host = 0; host < 2_000; host += 1) client.get(`http://h${host}.test/`).subscribe();
      expect(gate.snapshot('http://kept.test').inFlight).toBe(1);
      expect(gate.snapshot().size).toBe(1_000);
      subscription.unsubscribe();
      expect(gate.snapshot('http://kept.test').inFlight).toBe(0);
    });
  });
});
