import { BehaviorSubject, EMPTY } from 'rxjs';
import { concurrencyLimit, constant, defineGate, hedging, openWhen, type RetryStrategy } from '../../src/index.js';
import { type Server, simulate, type SimulationReport } from '../../src/simulate/index.js';

function simulateCrowd(clients: number, server: Server, strategy: RetryStrategy): SimulationReport {
  return simulate({ duration: 10_000, clients, rate: 'together', server }, { one: strategy }).one;
}

const slow: Server = () => ({ delay: 900, status: 200 });

describe('The seconds of a report', () => {
  it('count a retry when it is sent, and the end of a request where it ends', () => {
    const server: Server = ({ attempt }) => ({ delay: 500, status: attempt.number < 3 ? 503 : 200 });
    const { series, load } = simulateCrowd(2, server, { attempts: 3, backoff: constant(600) });

    // Sent at 0, 1,100 and 2,200 ms; answered at 2,700 ms.
    expect(series.map(({ arrived, retries, answered, inFlight }) => [arrived, retries, answered, inFlight])).toEqual([
      [2, 0, 0, 0],
      [2, 2, 0, 0],
      [2, 2, 2, 0],
    ]);
    expect(load).toBe(3);
  });

  it('count what happens at the end of a second to the next one', () => {
    const { series } = simulateCrowd(1, () => ({ delay: 1_000, status: 200 }), {});

    expect(series.map(({ answered, inFlight }) => [answered, inFlight])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('show how many requests gates hold at their ends', () => {
    const { series } = simulateCrowd(4, slow, { gates: [concurrencyLimit({ max: 1 })] });

    // Each begins when the one before is answered: at 900, 1,800 and 2,700 ms.
    expect(series.map(({ held, inFlight, answered }) => [held, inFlight, answered])).toEqual([
      [2, 1, 1],
      [1, 1, 1],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });

  it('do not show requests as held that were rejected while a gate held them', () => {
    const open$ = new BehaviorSubject(false);
    const { series } = simulateCrowd(3, slow, { gates: [openWhen({ open$, maxWait: 1_500 })] });

    expect(series.map(({ held, rejected, failed }) => [held, rejected, failed])).toEqual([
      [3, 0, 0],
      [0, 3, 3],
    ]);
  });

  it('count a hedge as one, and not as a retry', () => {
    const { series, messages, requests } = simulateCrowd(2, slow, { hedge: hedging({ after: 300 }) });
    const [first] = series;

    expect([first!.hedges, first!.retries, first!.arrived]).toEqual([2, 0, 4]);
    expect([messages, requests]).toEqual([4, 2]);
  });

  it('count what gates reject, of first attempts and of retries', () => {
    const none = defineGate({ name: 'none', admit: () => EMPTY });
    const once = defineGate({ name: 'once', allowsRetry: () => false });
    const failingServer: Server = () => ({ delay: 10, status: 503 });
    const rejectedOf = (gate: typeof none): number[] => {
      const { series, messages } = simulateCrowd(2, failingServer, { gates: [gate] });
      return [series[0]!.rejected, series[0]!.failed, messages];
    };

    expect(rejectedOf(none)).toEqual([2, 2, 0]);
    expect(rejectedOf(once)).toEqual([2, 2, 2]);
  });
});

describe('The totals of a report', () => {
  it('counts a response below 400 as a success, whatever the strategy says of it', () => {
    const successOf = (status: number): number =>
      simulateCrowd(1, () => ({ delay: 0, status }), { attempts: 1, shouldRetry: () => true }).success;

    expect([200, 204, 304, 399, 400, 404, 503].map(successOf)).toEqual([1, 1, 1, 1, 0, 0, 0]);
  });

  it('has no ratios where nothing happened', () => {
    const { load, success, latency, requests, lastEnd, series } = simulate(
      { duration: 1_500, rate: 0, server: slow },
      { one: {} },
    ).one;

    expect([load, success, latency.p50, requests, lastEnd, series.length]).toEqual([NaN, NaN, NaN, 0, 0, 2]);
  });

  it('counts requests that are under way at the end as pending, and not as failed', () => {
    const { pending, success, load } = simulate(
      { duration: 800, clients: 3, rate: 'together', server: slow },
      { one: {} },
    ).one;

    expect([pending, success, load]).toEqual([3, NaN, 1]);
  });
});
