// Holds the figures of docs/overload.md. Where the page gives a mean of twenty seeds, one of them is enough here.
import {
  type Backoff,
  circuitBreaker,
  concurrencyLimit,
  constant,
  exponential,
  fullJitter,
  type Gate,
  gradient,
  hedging,
  retryBudget,
  type RetryStrategy,
} from '../../src/index.js';
import {
  queueing,
  type Scenario,
  scenarios,
  type SecondReport,
  type Server,
  simulate,
  type SimulatedStrategy,
  type SimulationReport,
  slowing,
} from '../../src/simulate/index.js';

const { metastable, outage, slow } = scenarios;
const metastableRate = metastable.rate as (at: number) => number;

function run(scenario: Scenario, strategy: SimulatedStrategy): SimulationReport {
  return simulate(scenario, { run: strategy }).run;
}

/** The mean per second, from one second to another. */
function perSecond(
  { series }: SimulationReport,
  what: Exclude<keyof SecondReport, 'at'>,
  from: number,
  to = Infinity,
): number {
  const seconds = series.slice(from, to);
  return seconds.reduce((sum, second) => sum + second[what], 0) / seconds.length;
}

/** Two retries without a wait. Each client has gates of its own. */
function plain(createGates: () => Gate[] = () => []): () => RetryStrategy {
  return () => ({ attempts: 3, backoff: constant(0), gates: createGates() });
}

/** With this seed plain retries stay down. With about a third of all seeds they come back. */
const SEED = 4;

/** Returns the goodput from 20 s after the spike on. */
function goodput(processes: number, strategy: SimulatedStrategy): number {
  const rate = (at: number): number => metastableRate(at) / processes;
  const scenario = { ...metastable, seed: SEED, clients: processes, duration: 55_000, rate };
  return perSecond(run(scenario, strategy), 'answered', 45);
}

const withoutRetries = goodput(1, { attempts: 1 });

/** Returns the goodput from 20 s after the spike on, for that without retries. */
function recovery(processes: number, createGates: () => Gate[]): number {
  return goodput(processes, plain(createGates)) / withoutRetries;
}

const QUICK_BREAKER = (): Gate => circuitBreaker({ failureRatio: 0.3, samplingDuration: 5_000 });
const SHORT_WAITS = (): Gate => concurrencyLimit({ max: gradient(), maxWait: 1_000 });

describe('A server in a metastable failure', () => {
  for (const processes of [1, 10]) {
    describe(`with ${processes === 1 ? 'one process' : 'ten processes'}`, () => {
      const comesBack = (gates: string, createGates: () => Gate[]): void => {
        it(`comes back within 20 s to 95 % of its goodput with ${gates}`, () => {
          expect(recovery(processes, createGates)).toBeGreaterThan(0.95);
        });
      };

      it('stays down with plain retries, long after the spike', () => {
        expect(recovery(processes, () => [])).toBeLessThan(0.02);
      });

      comesBack('a retry budget', () => [retryBudget()]);
      comesBack('a circuit breaker that remembers 5 s, and opens at 30 %', () => [QUICK_BREAKER()]);
      comesBack('a gradient limit with a maxWait', () => [SHORT_WAITS()]);
      comesBack('all three', () => [retryBudget(), QUICK_BREAKER(), SHORT_WAITS()]);
    });
  }

  it("comes back with one process and Finagle's 10 retries a second, and stays down with ten processes", () => {
    const budget = (): Gate => retryBudget({ minPerSecond: 10 });
    expect(recovery(1, () => [budget()])).toBeGreaterThan(0.95);
    expect(recovery(10, () => [budget()])).toBeLessThan(0.02);
  });

  it("comes back with one process and Netflix's lowest limit of 20, and stays down with ten processes", () => {
    const limit = (): Gate => concurrencyLimit({ max: gradient({ min: 20 }) });
    expect(recovery(1, () => [limit()])).toBeGreaterThan(0.95);
    expect(recovery(10, () => [limit()])).toBeLessThan(0.1);
  });

  it('comes back with ten processes and the default gradient limit, also without a maxWait', () => {
    expect(recovery(10, () => [concurrencyLimit({ max: gradient() })])).toBeGreaterThan(0.95);
  });

  it('opens and closes the default breaker of one process again and again', () => {
    const share = recovery(1, () => [circuitBreaker()]);
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(0.95);
  });
});

describe('Backoff, in a simulation', () => {
  const withBackoff = (backoff: Backoff, attempts = 3): RetryStrategy => ({ attempts, backoff });

  it('cures the return of many: the peak after an outage is less than a third', () => {
    const peakAfter = (strategy: RetryStrategy): number =>
      Math.max(
        ...run({ ...outage, duration: 33_000 }, strategy)
          .series.slice(30)
          .map(({ arrived }) => arrived),
      );
    expect(peakAfter(withBackoff(constant(1_000), 30))).toBeGreaterThan(1_800);
    expect(peakAfter(withBackoff(fullJitter(exponential({ initial: 200 })), 10))).toBeLessThan(650);
  });

  it('cures a short spike if it takes seconds, and not if it takes tenths of one', () => {
    const after = (strategy: RetryStrategy): number =>
      perSecond(run({ ...metastable, duration: 60_000 }, strategy), 'answered', 50);
    expect(after(withBackoff(fullJitter(exponential())))).toBe(0);
    expect(after(withBackoff(fullJitter(exponential({ initial: 5_000 }))))).toBeGreaterThan(38);
  });

  it('does not cure a long overload, after which a client without retries, or with a budget, comes back', () => {
    const rate = (at: number): number => (at < 25_000 ? 40 + 0.0016 * at : Math.max(0, 120 - 0.0016 * at));
    const after = (strategy: SimulatedStrategy): number =>
      perSecond(run({ ...metastable, duration: 55_000, rate }, strategy), 'answered', 50);
    expect(after(withBackoff(fullJitter(exponential({ initial: 20_000, max: 40_000 }))))).toBe(0);
    expect(after({ attempts: 1 })).toBeGreaterThan(35);
    expect(after(plain(() => [retryBudget()]))).toBeGreaterThan(35);
  });
});

describe('Ten thousand small clients', () => {
  const slowServer = slowing({ base: 1_000, perRequest: 4 });
  const shedding: Server = (request) => (request.inFlight > 300 ? { delay: 1, status: 503 } : slowServer(request));
  const after = (strategy: SimulatedStrategy, server = slowServer): number => {
    const rate = (at: number): number => metastableRate(at) / 4_000;
    return perSecond(
      run({ ...metastable, seed: 3, clients: 10_000, duration: 50_000, rate, server }, strategy),
      'answered',
      40,
    );
  };

  it('keep a server down with two attempts, since budgets and breakers of their own see too little', () => {
    expect(after({ attempts: 2, backoff: constant(0) })).toBe(0);
    expect(after(plain(() => [retryBudget()]))).toBe(0);
    expect(after(plain(() => [circuitBreaker()]))).toBe(0);
  });

  it('leave it in peace with a budget without a minimum, which allows them no retry', () => {
    expect(after(plain(() => [retryBudget({ minPerSecond: 0 })]))).toBe(after({ attempts: 1 }));
    expect(after({ attempts: 1 })).toBeGreaterThan(95);
  });

  it('do no harm to a server that sheds load', () => {
    expect(after(plain(), shedding)).toBeGreaterThan(95);
  });
});

describe('A crowd that is told one Retry-After', () => {
  /** Returns the most arrivals in a tenth of a second. */
  function peak(strategy: RetryStrategy): number {
    const counts = new Map<number, number>();
    const server: Server = ({ at }) => {
      if (at < 100) return { delay: 1, status: 503, headers: { 'retry-after': '10' } };
      const tenth = Math.floor(at / 100);
      counts.set(tenth, (counts.get(tenth) ?? 0) + 1);
      return { delay: 5, status: 200 };
    };
    run({ duration: 20_000, clients: 5_000, rate: 'together', network: (random) => 20 * random(), server }, strategy);
    return Math.max(...counts.values());
  }

  it('comes back within a second, and not in one moment', () => {
    expect(peak({})).toBeLessThan(600);
    expect(peak({ random: () => 0 })).toBe(5_000);
  });
});

describe('Hedging, in a simulation', () => {
  const hedged =
    (after: number | 'p90' | 'p95', others: () => RetryStrategy = () => ({})): (() => RetryStrategy) =>
    () => ({ ...others(), hedge: hedging({ after }) });

  it('takes the p99 to an eighth for a tenth more load where one request in twenty is slow', () => {
    const without = run(slow, {});
    const p90 = run(slow, hedged('p90'));
    expect(without.latency.p99).toBeGreaterThan(2_000);
    expect(p90.latency.p99).toBeLessThan(without.latency.p99 / 8);
    expect(p90.load).toBeCloseTo(1.1, 2);
    const fixed = run(slow, hedged(200));
    expect(fixed.latency.p99).toBeLessThan(320);
    expect(fixed.load).toBeCloseTo(1.05, 2);
  });

  it('comes too late at a percentile that lies within the slow part, and in time at one below it', () => {
    const oneInFifty: Server = ({ random }) => ({ delay: random() < 0.02 ? 2_000 : 30 + 40 * random(), status: 200 });
    const atP95 = (server: Server): SimulationReport => run({ ...slow, server }, hedged('p95'));
    expect(atP95(slow.server).latency.p99).toBeGreaterThan(1_900);
    expect(atP95(oneInFifty).latency.p99).toBeLessThan(300);
    expect(atP95(oneInFifty).load).toBeCloseTo(1.05, 1);
  });

  it('ruins a busy server without a budget, and does not with one', () => {
    const busy = { ...slow, duration: 30_000, rate: 9, server: queueing({ workers: 10, serviceTime: 50 }) };
    expect(run(busy, {}).success).toBe(1);
    const alone = run(busy, hedged('p95'));
    expect(alone.success).toBeLessThan(0.8);
    expect(alone.load).toBeGreaterThan(3);
    const careful = run(
      busy,
      hedged('p95', () => ({ gates: [retryBudget({ minPerSecond: 0 })] })),
    );
    expect(careful.success).toBe(1);
    expect(careful.load).toBeLessThan(1.1);
  });
});
