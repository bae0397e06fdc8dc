import { asyncScheduler, EMPTY, NEVER, of, scheduled, throwError } from 'rxjs';

import { constant, defineGate, type RetryStrategy } from '../../src/index.js';
import { failing, type Scenario, simulate, type SimulatedStrategy } from '../../src/simulate/index.js';

const scenario: Scenario = { duration: 3_000, clients: 3, rate: 5, network: () => 10, server: failing(0.5) };

const expected = new Error('of the function');

function fail(): never {
  throw expected;
}

describe('A simulation ends with the error', () => {
  const faults: Record<string, () => unknown> = {
    'that the network throws': () => simulate({ ...scenario, network: fail }, { one: {} }),
    'that the network throws on the way back': () =>
      simulate({ ...scenario, network: (random) => (random() < 0.1 ? fail() : 5) }, { one: {} }),
    'that the server throws': () => simulate({ ...scenario, server: fail }, { one: {} }),
    'that the rate throws': () => simulate({ ...scenario, rate: fail }, { one: {} }),
    'that the function of a strategy throws': () => simulate(scenario, { one: fail }),
    'that shouldRetry throws': () => simulate(scenario, { one: { shouldRetry: fail } }),
    'of an Observable that shouldRetry returns': () =>
      simulate(scenario, { one: { shouldRetry: () => throwError(() => expected) } }),
    'that a backoff throws': () => simulate(scenario, { one: { backoff: fail } }),
    'that the strategy’s random throws': () => simulate(scenario, { one: { random: fail } }),
    "that a gate's admit throws": () =>
      simulate(scenario, { one: { gates: [defineGate({ name: 'own', admit: fail })] } }),
    "that a gate's delay throws": () =>
      simulate(scenario, { one: { gates: [defineGate({ name: 'own', delay: fail })] } }),
    "that a gate's allowsRetry throws": () =>
      simulate(scenario, { one: { gates: [defineGate({ name: 'own', allowsRetry: fail })] } }),
    "that a gate's next throws": () =>
      simulate(scenario, { one: { gates: [defineGate({ name: 'own', next: fail })] } }),
    'that onProgress throws': () => simulate(scenario, { one: {} }, { onProgress: fail }),
  };
  for (const [fault, run] of Object.entries(faults)) {
    it(fault, () => {
      expect(run).toThrow(expected);
    });
  }

  it('of a backoff that returns no delay', () => {
    expect(() => simulate(scenario, { one: { backoff: () => NaN } })).toThrowError(RangeError, /NaN/);
  });

  it('of the first fault, and sends nothing after it', () => {
    let calls = 0;
    const server = (): never => {
      calls += 1;
      throw new Error(`call ${calls}`);
    };

    expect(() => simulate({ ...scenario, rate: 100, server }, { one: {}, other: {} })).toThrowError('call 1');
    expect(calls).toBe(1);
  });
});

describe('A simulation counts as failed', () => {
  it('what a gate rejects, and what runs out of time or attempts', () => {
    const rejecting = defineGate({ name: 'rejecting', admit: () => EMPTY });
    const report = simulate(
      { ...scenario, timeout: 500, server: () => 'silent' },
      { rejected: { gates: [rejecting] }, 'timed out': { attempts: 1 } },
    );

    expect([report.rejected.success, report.rejected.load, report['timed out'].success]).toEqual([0, 0, 0]);
    expect(report.rejected.series.reduce((sum, { rejected }) => sum + rejected, 0)).toBe(report.rejected.requests);
    expect(report['timed out'].series.reduce((sum, { rejected }) => sum + rejected, 0)).toBe(0);
  });
});

describe('A simulated strategy', () => {
  const retriesOf = (strategy: RetryStrategy): number => {
    const { one } = simulate(scenario, { one: { attempts: 3, backoff: constant(0), ...strategy } });
    return one.series.reduce((sum, { retries }) => sum + retries, 0);
  };

  it('may have a shouldRetry that answers at once, by any type of answer', () => {
    const plain = retriesOf({});

    expect(plain).toBeGreaterThan(10);
    expect(retriesOf({ shouldRetry: () => undefined })).toBe(plain);
    expect(retriesOf({ shouldRetry: () => of(undefined) })).toBe(plain);
    expect(retriesOf({ shouldRetry: () => EMPTY })).toBe(plain);
    expect(retriesOf({ shouldRetry: () => [undefined] })).toBe(plain);
    expect(retriesOf({ shouldRetry: ({ response }) => response?.status === 503 })).toBe(plain);
    expect(retriesOf({ shouldRetry: () => false })).toBe(0);
    expect(retriesOf({ shouldRetry: () => of(false, true) })).toBe(0);
  });

  for (const [name, shouldRetry] of [
    ['a promise', () => Promise.resolve(true)],
    ['an Observable that waits', () => NEVER],
    ['an Observable that is scheduled', () => scheduled([true], asyncScheduler)],
  ] as const) {
    it(`must not have a shouldRetry that returns ${name}`, () => {
      const strategies: Record<string, SimulatedStrategy> = { careful: { shouldRetry } };

      expect(() => simulate(scenario, strategies)).toThrowError(
        TypeError,
        /what strategies\["careful"\]\.shouldRetry returns in a simulation must be true, .* synchronously, not an? /,
      );
    });
  }

  it('may have a shouldRetry that leaves the decision by null, as in the client', () => {
    const undecided: RetryStrategy = { shouldRetry: () => null as unknown as undefined };

    expect(simulate(scenario, { one: undecided }).one).toEqual(simulate(scenario, { one: {} }).one);
  });

  it('may be a function, which is called once for each client that sends', () => {
    const clients: number[] = [];
    const one = (client: number): RetryStrategy => {
      clients.push(client);
      return {};
    };
    simulate({ ...scenario, rate: 50 }, { one });

    expect(clients.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  it('is one for all clients if it is an object: they share its gates', () => {
    const gate = (): RetryStrategy => {
      let left = 5;
      return { gates: [defineGate({ name: 'five', admit: () => (left-- > 0 ? undefined : EMPTY) })] };
    };
    const { shared, own } = simulate(scenario, { shared: gate(), own: gate });

    expect([shared.messages, own.messages]).toEqual([5, 15]);
  });
});
