import { constant } from '../../../src/index.js';
import { contended, failing, outage, type Scenario, simulate, slowing } from '../../../src/simulate/index.js';
import { askModel, statusOf } from '../../support/server-request.js';
import { expectNear } from '../../support/statistics.js';

describe('failing()', () => {
  it('answers at once, with 503 as often as its ratio says', () => {
    const ask = askModel(failing(0.3));
    const answers = Array.from({ length: 10_000 }, () => ask());

    expect(answers.every((answer) => answer !== 'silent' && answer.delay === 0)).toBeTrue();
    expectNear(
      3 * Math.sqrt(0.21 / 10_000),
      'share',
      answers.filter((each) => statusOf(each) === 503).length / 1e4,
      0.3,
    );
  });

  it('never fails with 0, and always with 1', () => {
    const randoms = [() => 0, () => 1 - 2 ** -32];
    for (const random of randoms) {
      expect(statusOf(askModel(failing(0))({ random }))).toBe(200);
      expect(statusOf(askModel(failing(1))({ random }))).toBe(503);
    }
  });

  it('asks its function for the ratio at the time of each request', () => {
    const ask = askModel(failing((at) => at / 100));

    expect([0, 49, 51, 100].map((at) => statusOf(ask({ at, random: () => 0.5 })))).toEqual([200, 200, 503, 503]);
  });
});

describe('slowing()', () => {
  it('takes longer by perRequest for each request that is there, itself included', () => {
    const ask = askModel(slowing({ base: 100, perRequest: 10 }));

    expect(ask({ inFlight: 1 })).toEqual({ delay: 110, status: 200 });
    expect(ask({ inFlight: 50 })).toEqual({ delay: 600, status: 200 });
  });

  it('has the latency that its arithmetic says, for clients that begin together', () => {
    const server = slowing({ base: 100, perRequest: 10 });
    const { one } = simulate({ duration: 1_000, clients: 10, rate: 'together', server }, { one: {} });

    // 110, 120, … 200.
    expect(one.latency).toEqual({ p50: 150, p90: 190, p99: 200, max: 200 });
  });

  it("holds so many requests at a steady load as Little's law says: n = λ (base + perRequest · n)", () => {
    // In seconds, n = 20 · 1 / (1 - 20 · 0.01) = 25.
    const server = slowing({ base: 1_000, perRequest: 10 });
    const { series } = simulate({ duration: 400_000, clients: 10, rate: 2, server }, { one: { attempts: 1 } }).one;
    const counts = series.slice(20).map(({ inFlight }) => inFlight);

    // A request counts itself, so that the mean is larger by little.
    expectNear(1, 'requests at the server', counts.reduce((sum, count) => sum + count, 0) / counts.length, 25);
  });
});

describe('outage()', () => {
  it('is down from its beginning on until its end, and no longer', () => {
    const ask = askModel(outage({ from: 100, to: 200 }));
    const down = { delay: 0, failure: 'connect' } as const;
    const up = { delay: 0, status: 200 };

    expect([0, 99.9, 100, 199.9, 200, 1_000].map((at) => ask({ at }))).toEqual([up, up, down, down, up, up]);
  });

  it('fails in the way it is told', () => {
    const during = (answer: 'silent' | 'connect' | 'cut' | number): unknown =>
      askModel(outage({ from: 0, to: 1, answer }))();

    expect(during('silent')).toBe('silent');
    expect(during('connect')).toEqual({ delay: 0, failure: 'connect' });
    expect(during('cut')).toEqual({ delay: 0, failure: 'cut' });
    expect(during(429)).toEqual({ delay: 0, status: 429 });
  });

  it('may last no time', () => {
    expect(askModel(outage({ from: 5, to: 5 }))({ at: 5 })).toEqual({ delay: 0, status: 200 });
  });
});

describe('contended()', () => {
  const crowd: Omit<Scenario, 'server'> = { duration: 10_000, clients: 5, rate: 'together' };

  it('lets one of those through that read the same version, and the next round, until all are', () => {
    const server = contended({ work: () => 100 });
    const strategy = { attempts: Infinity, backoff: constant(0) };
    const { one } = simulate({ ...crowd, server }, { one: strategy });

    // 5 + 4 + 3 + 2 + 1 messages in five rounds of 100 ms.
    expect([one.messages, one.lastEnd, one.success]).toEqual([15, 500, 1]);
  });

  it('answers those that lose with its status of a conflict, which may be one that is not retried', () => {
    const server = contended({ work: () => 100, conflict: 409 });
    const { one } = simulate({ ...crowd, server }, { one: { attempts: 3, backoff: constant(0) } });

    expect([one.messages, one.success]).toEqual([5, 0.2]);
  });

  it('has no conflict if none is there between the reading and the writing', () => {
    const server = contended({ work: () => 100 });
    // They arrive 101 ms apart: the next one reads after this one has written.
    const network = ((): (() => number) => {
      let sent = 0;
      return () => (sent < 5 ? 101 * sent++ : 0);
    })();
    const { one } = simulate({ ...crowd, network, server }, { one: { attempts: 1 } });

    expect([one.messages, one.success, one.lastEnd]).toEqual([5, 1, 504]);
  });

  it('has a row for each run, and for each URL', () => {
    const server = contended({ work: () => 100 });
    const strategies = { one: { attempts: 1 }, other: { attempts: 1 } };
    const report = simulate({ ...crowd, server }, strategies);

    expect([report.one.success, report.other.success]).toEqual([0.2, 0.2]);
  });
});
