import { readScenario } from '../../../src/cli/simulate/scenario-data.js';
import { scenarios, simulate, type Scenario } from '../../../src/simulate/index.js';

/** The named scenarios that can be written as data. */
const AS_DATA = {
  blip: {
    seed: 1,
    duration: '30s',
    clients: 20,
    rate: 5,
    timeout: '3s',
    network: { mean: 10 },
    server: [
      {
        failing: [
          [0, 0],
          ['10s', 1],
          ['12s', 0],
        ],
      },
      { queueing: { workers: 10, serviceTime: { mean: 50 }, queue: 200 } },
    ],
  },
  outage: {
    seed: 1,
    duration: 60_000,
    clients: 20,
    rate: 5,
    timeout: 3_000,
    network: { mean: '10ms' },
    server: [
      { outage: { from: '10s', to: '30s' } },
      { queueing: { workers: 10, serviceTime: { mean: '50ms' }, queue: 200 } },
    ],
  },
  metastable: {
    duration: '80s',
    rate: [
      [0, 40],
      [20_000, 80],
      ['25s', 40],
    ],
    timeout: '3s',
    network: { mean: 100 },
    server: { slowing: { base: '1s', perRequest: 10 } },
  },
  contention: {
    duration: '2m',
    clients: 100,
    rate: 'together',
    network: { mean: 10 },
    server: { contended: { work: { mean: 20 } } },
  },
};

const MINIMAL = { duration: 1_000, rate: 1, server: { failing: 0 } };

function dataError(data: unknown): string {
  try {
    readScenario(data);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('A scenario as data', () => {
  for (const name of Object.keys(AS_DATA) as (keyof typeof AS_DATA)[]) {
    it(`is the same as ${name}, which is written in code`, () => {
      const run = (scenario: Scenario): unknown => simulate(scenario, { plain: { attempts: 2 } });

      expect(run(readScenario(JSON.parse(JSON.stringify(AS_DATA[name]))))).toEqual(run(scenarios[name]));
    });
  }

  it('has times that are always the same, time limits, and several servers', () => {
    const latency = (to: string, more: object = {}): number =>
      simulate(
        readScenario({
          duration: '10s',
          rate: 'together',
          network: '50ms',
          timeout: '1s',
          totalTimeout: 1_500,
          server: [{ outage: { from: 0, to, answer: 'silent' } }, { contended: { work: '100ms', conflict: 409 } }],
          ...more,
        }),
        { plain: { attempts: 9 } },
      ).plain.latency.max;

    expect(latency('0ms')).toBe(200);
    expect(latency('5s')).toBe(1_500);
    expect(latency('5s', { totalTimeout: '2.5s' })).toBe(2_500);
    expect(latency('5s', { urls: ['http://a.test/', 'http://b.test/'], timeout: '3s' })).toBe(1_500);
  });

  it('has no requests before its first step', () => {
    const { plain } = simulate(readScenario({ ...MINIMAL, duration: 4_000, rate: [['2s', 10]] }), { plain: {} });

    expect(plain.series.slice(0, 2).map(({ offered }) => offered)).toEqual([0, 0]);
    expect(plain.series[2]?.offered).toBeGreaterThan(0);
  });

  const time = "a number of ms of at least 0, or a text such as '500ms', '2s' or '1.5m'";
  for (const [data, message] of [
    [[], 'scenario must be an object of options, not an array of 0'],
    [null, 'scenario must be an object of options, not null'],
    [
      { ...MINIMAL, rates: 1 },
      'unknown option "scenario.rates"; known options: seed, duration, clients, rate, timeout, totalTimeout, network, urls, server, strategies',
    ],
    [{ ...MINIMAL, duration: undefined }, 'scenario.duration is missing'],
    [{ ...MINIMAL, duration: 0 }, 'scenario.duration must be a finite number above 0, not 0'],
    [{ ...MINIMAL, duration: '3 weeks' }, `scenario.duration must be ${time}, not '3 weeks'`],
    [{ ...MINIMAL, seed: null }, 'scenario.seed must be a whole number, not null'],
    [{ ...MINIMAL, clients: 1.5 }, 'scenario.clients must be a whole number of at least 1, not 1.5'],
    [
      { ...MINIMAL, rate: 'fast' },
      "scenario.rate must be a number of at least 0, a list of steps, or 'together', not 'fast'",
    ],
    [{ ...MINIMAL, rate: [] }, 'scenario.rate must be a list with at least one step, not an array of 0'],
    [{ ...MINIMAL, rate: [1, 2] }, 'scenario.rate[0] must be a pair: [from, number], not 1'],
    [{ ...MINIMAL, rate: [['x', 2]] }, `scenario.rate[0][0] must be ${time}, not 'x'`],
    [{ ...MINIMAL, rate: [[0, -1]] }, 'scenario.rate[0][1] must be a finite number of at least 0, not -1'],
    [
      {
        ...MINIMAL,
        rate: [
          [0, 1],
          ['1s', 2],
          [900, 1],
        ],
      },
      'scenario.rate[2][0] must be later than the step before it (1000), not 900',
    ],
    [{ ...MINIMAL, timeout: -1 }, `scenario.timeout must be ${time}, not -1`],
    [{ ...MINIMAL, network: { mean: '1d' } }, `scenario.network.mean must be ${time}, not '1d'`],
    [{ ...MINIMAL, network: { average: 1 } }, `scenario.network must be ${time}, or { "mean": … }, not an object`],
    [
      { ...MINIMAL, urls: ['http://a.test/', 'b'] },
      "scenario.urls[1] must be a URL such as https://example.com/path, not 'b'",
    ],
    [{ ...MINIMAL, server: undefined }, 'scenario.server is missing'],
    [
      { ...MINIMAL, server: [] },
      'scenario.server must be an object with one of the models slowing, failing, outage, queueing, contended, not an array of 0',
    ],
    [
      { ...MINIMAL, server: { failing: 0, slowing: {} } },
      'scenario.server must be an object with one of the models slowing, failing, outage, queueing, contended, not an object',
    ],
    [
      { ...MINIMAL, server: [{ failing: 0 }, { toString: 1 }] },
      'unknown model "scenario.server[1].toString"; known models: slowing, failing, outage, queueing, contended',
    ],
    [
      { ...MINIMAL, server: { failing: '10 %' } },
      "scenario.server.failing must be a number from 0 to 1, or a list of steps, not '10 %'",
    ],
    [
      { ...MINIMAL, server: { failing: [[0, 1.1]] } },
      'scenario.server.failing[0][1] must be a number from 0 to 1, not 1.1',
    ],
    [
      { ...MINIMAL, server: [{ failing: 0 }, { slowing: { base: -1, perRequest: 1 } }] },
      `scenario.server[1].slowing.base must be ${time}, not -1`,
    ],
    [
      { ...MINIMAL, server: { slowing: { base: 1 } } },
      'scenario.server.slowing.perRequest must be a finite number of at least 0, not undefined',
    ],
    [
      { ...MINIMAL, server: { slowing: { bass: 1 } } },
      'scenario.server.slowing: unknown option "bass"; known options: base, perRequest',
    ],
    [
      { ...MINIMAL, server: { outage: { from: '3s', to: '2s' } } },
      'scenario.server.outage.to must be a number of at least from (3000), not 2000',
    ],
    [{ ...MINIMAL, server: { outage: 3 } }, 'scenario.server.outage must be an object of options, not 3'],
    [
      { ...MINIMAL, server: { queueing: { workers: 0, serviceTime: 1 } } },
      'scenario.server.queueing.workers must be a whole number of at least 1, not 0',
    ],
    [
      { ...MINIMAL, server: { contended: { work: 1, conflict: 200 } } },
      'scenario.server.contended.conflict must be a whole number from 400 to 599, not 200',
    ],
  ] as const) {
    it(`is refused by its path: ${message}`, () => {
      expect(dataError(data)).toBe(message);
    });
  }
});
