import { readStrategy } from '../../../src/cli/simulate/strategy-data.js';
import { type concurrencyLimit, HttpTimeoutError } from '../../../src/index.js';

function dataError(data: unknown): string {
  try {
    readStrategy('scenario.strategies.a', data);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('A strategy as data', () => {
  it('has the options of the command line, as texts, numbers, lists or flags', () => {
    expect(readStrategy('x', {})).toEqual({});
    expect(
      readStrategy('x', {
        attempts: 'infinity',
        methods: ['get', 'POST'],
        statuses: [429, 503],
        'no-retry-server-errors': true,
        errors: 'timeout',
        'max-retry-after': '2s',
        rotation: 'hold',
        backoff: 'list',
        delays: ['10ms', 1_000],
      }),
    ).toEqual({
      attempts: Infinity,
      methods: ['GET', 'POST'],
      statuses: [429, 503],
      retryAllServerErrors: false,
      errors: [HttpTimeoutError],
      maxRetryAfter: 2_000,
      rotation: 'hold',
      backoff: jasmine.any(Function),
    });
  });

  it('hedges after a time, or a percentile', () => {
    for (const hedge of [300, '300ms', 'p95', 'p99.9']) {
      expect(readStrategy('x', { hedge })).toEqual({ hedge: jasmine.any(Object) });
    }
  });

  it('has gates in their order, by their name, with options or without', () => {
    const gates = [
      'retryBudget',
      { circuitBreaker: { blocks: 'retries' } },
      'serverLimit',
      { rateLimit: { permits: 3 } },
    ];
    const limits = [{ concurrencyLimit: { max: 5 } }, { concurrencyLimit: { max: 'aimd' } }, 'concurrencyLimit'];
    const made = readStrategy('x', { gates: [...gates, ...limits] }).gates ?? [];

    expect(made.map(({ name }) => name)).toEqual([
      'retry-budget',
      'circuit-breaker',
      'server-limit',
      'rate-limit',
      'concurrency-limit',
      'concurrency-limit',
      'concurrency-limit',
    ]);
    expect(readStrategy('x', { gates }).gates?.[0]).not.toBe(made[0]);
  });

  it('has gates whose times are numbers or texts, and limits with options', () => {
    const { gates = [] } = readStrategy('x', {
      gates: [
        { circuitBreaker: { breakDuration: '1s', samplingDuration: '5s' } },
        { concurrencyLimit: { max: { gradient: { min: 2, initial: 2 } }, maxWait: '1s', queue: 'Infinity' } },
      ],
    });
    const limit = gates[1] as unknown as ReturnType<typeof concurrencyLimit>;
    expect(limit.snapshot('all').limit).toBe(2);
    for (const [max, said] of [
      [{ gradient: { low: 1 } }, 'unknown option "low"'],
      [{ slope: {} }, 'max must be a number, or one of gradient, vegas and aimd'],
      [{ gradient: {}, vegas: {} }, 'max must be a number, or one of gradient, vegas and aimd'],
    ] as const) {
      expect(() => readStrategy('x', { gates: [{ concurrencyLimit: { max } }] })).toThrowError(
        TypeError,
        new RegExp(said),
      );
    }
    expect(() => readStrategy('x', { gates: [{ rateLimit: { permits: 1, per: 'soon' } }] })).toThrowError(
      TypeError,
      /^x\.gates\[0\]\.rateLimit\.per must be a number of ms of at least 0, or a text such as '500ms'/,
    );
  });

  const gates = 'retryBudget, circuitBreaker, rateLimit, serverLimit, concurrencyLimit';
  for (const [data, message] of [
    [5, ' must be an object of options, not 5'],
    [{ attempts: 0 }, '.attempts must be a whole number of at least 1, or infinity, not 0'],
    [{ attempts: {} }, '.attempts must be a whole number of at least 1, or infinity, not an object'],
    [
      { statuses: [200, null] },
      '.statuses must be statuses separated by commas such as 429,503, or none, not an array of 2',
    ],
    [{ 'no-retry-server-errors': 'yes' }, ".no-retry-server-errors must be true, not 'yes'"],
    [{ backoff: 'list' }, ': --backoff list: expected --delays with at least one duration'],
    [
      { hedge: 'p0' },
      ".hedge.after must be a finite number of ms of at least 0, or a percentile such as 'p95', not 'p0'",
    ],
    [
      { gates: 'retryBudget' },
      `.gates must be an array, each item ${gates}, or an object with one of these and its options, not 'retryBudget'`,
    ],
    [{ gates: ['budget'] }, `: unknown gate "scenario.strategies.a.gates[0].budget"; known gates: ${gates}`],
    [{ gates: ['rateLimit'] }, '.gates[0].rateLimit.permits must be a whole number of at least 1, not undefined'],
    [{ gates: ['retryBudget', { circuitBreaker: 1 }] }, '.gates[1].circuitBreaker must be an object of options, not 1'],
    [{ gates: [{ concurrencyLimit: { max: 'big' } }] }, '.gates[0].concurrencyLimit.max must be '],
  ] as const) {
    it(`is refused by its path: ${message}`, () => {
      const expected = message.startsWith(': unknown') ? message.slice(2) : `scenario.strategies.a${message}`;

      expect(dataError(data).slice(0, expected.length)).toBe(expected);
    });
  }

  it('is refused if it has an option of a request, a time limit, a seed, or an unknown one', () => {
    for (const name of ['data', 'timeout', 'seed', 'atempts', 'toString']) {
      expect(dataError({ [name]: 1 })).toMatch(
        new RegExp(`^unknown option "scenario.strategies.a.${name}"; known options: attempts, .*, gates$`),
      );
    }
  });
});
