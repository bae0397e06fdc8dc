import {
  combine,
  contended,
  failing,
  outage,
  queueing,
  type Scenario,
  simulate,
  type SimulationProgress,
  slowing,
} from '../../src/simulate/index.js';
import { expectRefusal } from '../support/expect-refusal.js';

const good: Scenario = { duration: 100, rate: 1, server: failing(0) };

const type = [TypeError];
const range = [RangeError];

describe('A scenario', () => {
  const refused: readonly (readonly [readonly ErrorConstructor[], options: Record<string, unknown>, ...string[]])[] = [
    [range, { seed: NaN }, 'scenario.seed', 'NaN', 'a whole number'],
    [range, { seed: 0.5 }, 'scenario.seed', '0.5'],
    [range, { seed: Infinity }, 'scenario.seed', 'Infinity'],
    [type, { seed: '1' }, 'scenario.seed', "'1'"],
    [range, { duration: 0 }, 'scenario.duration', '0', 'a finite number above 0'],
    [range, { duration: -1 }, 'scenario.duration', '-1'],
    [range, { duration: Infinity }, 'scenario.duration', 'Infinity'],
    [range, { duration: NaN }, 'scenario.duration', 'NaN'],
    [type, { duration: '1s' }, 'scenario.duration', "'1s'"],
    [type, { duration: undefined }, 'scenario.duration is missing'],
    [range, { clients: 0 }, 'scenario.clients', '0', 'a whole number of at least 1'],
    [range, { clients: 1.5 }, 'scenario.clients', '1.5'],
    [type, { clients: [] }, 'scenario.clients', 'an array of 0'],
    [type, { rate: -1 }, 'scenario.rate', '-1', "'together'"],
    [type, { rate: NaN }, 'scenario.rate', 'NaN'],
    [type, { rate: Infinity }, 'scenario.rate', 'Infinity'],
    [type, { rate: 'all' }, 'scenario.rate', "'all'"],
    [type, { rate: undefined }, 'scenario.rate is missing'],
    [range, { timeout: 0 }, 'scenario.timeout', '0', 'a number above 0'],
    [type, { timeout: '3' }, 'scenario.timeout', "'3'"],
    [range, { totalTimeout: -1 }, 'scenario.totalTimeout', '-1', 'a number above 0'],
    [type, { network: 10 }, 'scenario.network', '10', 'a function'],
    [type, { urls: 'http://a.test/' }, 'scenario.urls', "'http://a.test/'", 'a list of URLs'],
    [range, { urls: [] }, 'scenario.urls', 'an array of 0', 'at least one URL'],
    [type, { urls: [1] }, 'scenario.urls[0]', '1'],
    [range, { urls: ['http://a.test/', 'relative'] }, 'scenario.urls[1]', "'relative'", 'an absolute URL'],
    [range, { urls: ['http://'] }, 'scenario.urls[0]', "'http://'"],
    [type, { server: 'slow' }, 'scenario.server', "'slow'", 'a function'],
    [type, { server: undefined }, 'scenario.server is missing'],
    [type, { clientz: 3 }, 'scenario.clientz', 'clients'],
  ];
  for (const [kinds, options, ...parts] of refused) {
    const shown = Object.entries(options).map(([name, value]) => `${name}: ${String(value)}`);

    it(`with ${shown.join()} is refused, by the option's name, its value and what was expected`, () => {
      expectRefusal(() => simulate({ ...good, ...options }, { one: {} }), kinds, ...parts);
    });
  }

  it('must be an object of options', () => {
    for (const scenario of [undefined, null, 'blip', []]) {
      expectRefusal(
        () => simulate(scenario as unknown as Scenario, { one: {} }),
        type,
        'scenario',
        'an object of options',
      );
    }
  });

  it('may leave out all but duration, rate and server, also by undefined', () => {
    const full = { seed: undefined, clients: undefined, timeout: undefined, totalTimeout: undefined };

    expect(simulate({ ...good, ...full, network: undefined, urls: undefined }, { one: {} })).toEqual(
      simulate({ ...good, seed: 1, clients: 1, network: () => 0, urls: ['http://server.test/'] }, { one: {} }),
    );
  });

  it('may have no limits, as in the client', () => {
    const slow: Scenario = { ...good, rate: 10, duration: 100_000, server: () => ({ delay: 60_000, status: 200 }) };

    expect(simulate({ ...slow, timeout: false, totalTimeout: false }, { one: {} }).one.success).toBe(1);
    expect(simulate(slow, { one: { attempts: 1 } }).one.success).toBe(0);
  });

  it('refuses what its functions return, by their names', () => {
    const busy: Scenario = { ...good, rate: 1_000 };
    for (const value of [-1, NaN, Infinity]) {
      expectRefusal(
        () => simulate({ ...busy, network: () => value }, { one: {} }),
        range,
        'scenario.network',
        `${value}`,
      );
      expectRefusal(() => simulate({ ...busy, rate: () => value }, { one: {} }), range, 'scenario.rate', `${value}`);
    }
    for (const delay of [-1, NaN]) {
      const server = (): { delay: number; status: number } => ({ delay, status: 200 });
      expectRefusal(
        () => simulate({ ...busy, server }, { one: {} }),
        range,
        'the delay of what scenario.server',
        `${delay}`,
      );
    }
    for (const status of [0, 101, 503.5, 600, NaN]) {
      const server = (): { delay: number; status: number } => ({ delay: 0, status });
      for (const each of [server, combine(server)]) {
        expectRefusal(() => simulate({ ...busy, server: each }, { one: {} }), range, 'the status of', `${status}`);
      }
    }
    for (const answer of [undefined, null, 200, 'slow', {}, { delay: 1 }, { delay: 1, status: 200, failure: 'cut' }]) {
      const server = (() => answer) as unknown as Scenario['server'];
      for (const each of [server, combine(server)]) {
        expectRefusal(
          () => simulate({ ...busy, server: each }, { one: {} }),
          type,
          'what scenario.server returns',
          "'silent'",
        );
      }
    }
    const answers: readonly (readonly [answer: object, kind: readonly ErrorConstructor[], ...parts: string[]])[] = [
      [{ delay: 1, failure: 'dns' }, range, "the failure of what scenario.server returns must be 'connect' or 'cut'"],
      [{ delay: 1, status: '200' }, type, 'the status of what scenario.server returns', "not '200'"],
      [
        { delay: 1, status: 503, header: {} },
        type,
        'unknown field "header" of what scenario.server returns',
        'headers',
      ],
      [{ delay: 1, status: 503, headers: { 'retry-after': 5 } }, type, '["retry-after"] must be a text, not 5'],
      [{ delay: 1, status: 503, headers: new Map([['retry-after', '1']]) }, type, 'the headers of', 'a plain object'],
      [{ delay: 1, status: 503, headers: new Headers() }, type, 'the headers of', 'a plain object'],
    ];
    for (const [answer, kind, ...parts] of answers) {
      expectRefusal(() => simulate({ ...busy, server: () => answer as never }, { one: {} }), kind, ...parts);
    }
  });
});

describe('The strategies of a simulation', () => {
  const simulateWith = (strategies: unknown, options?: unknown): (() => unknown) => {
    return () => simulate({ ...good, rate: 1_000 }, strategies as Record<string, object>, options as object);
  };

  it('must be an object, and each of them a strategy or a function', () => {
    expectRefusal(simulateWith(undefined), type, 'strategies', 'undefined');
    expectRefusal(simulateWith([{}]), type, 'strategies', 'an array of 1');
    expectRefusal(simulateWith({ careful: 3 }), type, 'strategies["careful"]', '3', 'a strategy');
  });

  it('are refused by their name, the option and its value', () => {
    expectRefusal(simulateWith({ a: {}, careful: { attempts: 0 } }), range, 'strategies["careful"]', 'attempts', '0');
    expectRefusal(simulateWith({ careful: { attemps: 3 } }), type, 'strategies["careful"]', 'attemps');
    expectRefusal(simulateWith({ careful: () => ({ attempts: 0 }) }), range, 'strategies["careful"]', 'attempts', '0');
    expectRefusal(simulateWith({ careful: () => undefined }), type, 'what strategies["careful"] returns', 'undefined');
  });

  it('are looked at before the first of them is simulated', () => {
    const seconds: string[] = [];
    const onProgress = ({ strategy }: SimulationProgress): number => seconds.push(strategy);
    expectRefusal(simulateWith({ a: {}, careful: { attempts: 0 } }, { onProgress }), range, 'strategies["careful"]');
    expect(seconds).toEqual([]);
  });

  it('may be none', () => {
    expect(simulateWith({})()).toEqual({});
  });

  it('are simulated with known options', () => {
    expectRefusal(simulateWith({}, { onProgress: 1 }), type, 'options.onProgress', '1', 'a function');
    expectRefusal(simulateWith({}, { onprogress: () => 1 }), type, 'options.onprogress', 'onProgress');
    expectRefusal(simulateWith({}, null), type, 'options', 'null');
  });
});

describe('The options of models', () => {
  const loose = (model: (options: never) => unknown, options: unknown): (() => unknown) => {
    return () => model(options as never);
  };

  it('of failing() are a ratio, or a function that returns one', () => {
    for (const ratio of [-0.1, 1.1, NaN]) {
      expectRefusal(() => failing(ratio), range, 'failing()', `${ratio}`, 'from 0 to 1');
    }
    expectRefusal(loose(failing, '1'), type, 'failing()', "'1'");
    const server = failing(() => 2);
    expectRefusal(() => simulate({ ...good, rate: 1_000, server }, { one: {} }), range, 'failing() returns', '2');
  });

  it('of slowing() are two times', () => {
    expectRefusal(loose(slowing, { base: -1, perRequest: 1 }), range, 'base', '-1', 'a finite number of at least 0');
    expectRefusal(loose(slowing, { base: 1, perRequest: Infinity }), range, 'perRequest', 'Infinity');
    expectRefusal(loose(slowing, { base: 1 }), type, 'perRequest', 'undefined');
    expectRefusal(loose(slowing, { base: 1, perRequest: 1, max: 1 }), type, 'max');
    expectRefusal(loose(slowing, undefined), type, 'options', 'undefined');
  });

  it('of queueing() are workers, their time, and a queue', () => {
    const time = { serviceTime: 1 };
    for (const workers of [0, 1.5, NaN]) {
      expectRefusal(
        loose(queueing, { ...time, workers }),
        range,
        'workers',
        `${workers}`,
        'a whole number of at least 1',
      );
    }
    expectRefusal(loose(queueing, time), type, 'workers', 'undefined');
    for (const serviceTime of [-1, NaN, Infinity, undefined]) {
      expectRefusal(loose(queueing, { workers: 1, serviceTime }), type, 'serviceTime', `${serviceTime}`);
    }
    for (const queue of [-1, 0.5, NaN]) {
      expectRefusal(loose(queueing, { ...time, workers: 1, queue }), range, 'queue', `${queue}`);
    }
    const server = queueing({ workers: 1, serviceTime: () => -1 });
    expectRefusal(() => simulate({ ...good, rate: 1_000, server }, { one: {} }), range, 'serviceTime returns', '-1');
  });

  it('of outage() are two times in order, and what happens', () => {
    expectRefusal(loose(outage, { from: -1, to: 1 }), range, 'from', '-1');
    expectRefusal(loose(outage, { from: 5, to: 4 }), range, 'to', '4', 'at least from (5)');
    expectRefusal(loose(outage, { from: 5 }), type, 'to', 'undefined');
    expectRefusal(loose(outage, { to: 5 }), type, 'from', 'undefined');
    for (const answer of ['dns', 0, 503.5, 600]) {
      expectRefusal(
        loose(outage, { from: 1, to: 2, answer }),
        type,
        'answer',
        `${answer}`,
        "'silent', 'connect', 'cut'",
      );
    }
  });

  it('of contended() are the work, and the status of a conflict', () => {
    expectRefusal(loose(contended, { work: 5 }), type, 'work', '5', 'a function');
    for (const conflict of [200, 399, 600, 503.5, NaN]) {
      expectRefusal(loose(contended, { conflict }), range, 'conflict', `${conflict}`, '400 to 599');
    }
    const server = contended({ work: () => NaN });
    expectRefusal(() => simulate({ ...good, rate: 1_000, server }, { one: {} }), range, 'what work returns', 'NaN');
  });

  it('of combine() are models', () => {
    expectRefusal(() => combine(failing(0), 5 as unknown as Scenario['server']), type, 'servers[1]', '5', 'a function');
  });
});
