import { readRateLimitFields, type LimitReport, type ServerLimitPolicy } from '../../src/gates/rate-limit-fields.js';
import { inVirtualTime } from '../support/virtual-time.js';

const DATE = 'Mon, 01 Jul 2013 17:27:06 GMT';
const TIME = Date.parse(DATE);

/** Reads the fields of a response. */
function read(fields: Readonly<Record<string, string>>, status = 200, now = TIME): LimitReport {
  return readRateLimitFields({ status, headers: new Headers(fields) }, now);
}

/** Formats what is left, of how many, in which window, and until when: `"burst" 5/100 per 60000 in 3000`. */
function limits(fields: Readonly<Record<string, string>>, status?: number): string[] {
  return [...read(fields, status).policies].map(([key, policy]) => `${key.trim()} ${format(policy)}`);
}

function format({ remaining, limit, window, resetAfter }: ServerLimitPolicy): string {
  return [
    `${String(remaining)}${limit === undefined ? '' : `/${String(limit)}`}`,
    ...(window === undefined ? [] : [`per ${String(window)}`]),
    ...(resetAfter === undefined ? [] : [`in ${String(resetAfter)}`]),
  ].join(' ');
}

describe('RateLimit and RateLimit-Policy', () => {
  // The examples of draft-ietf-httpapi-ratelimit-headers-10.
  const examples: readonly [rateLimit: string, policy: string | undefined, limits: string[]][] = [
    ['"default";r=50;t=30', undefined, ['"default" 50 in 30000']],
    ['"default";r=0;t=50', undefined, ['"default" 0 in 50000']],
    ['"default";r=999;pk=:dHJpYWwxMjEzMjM=:', undefined, ['"default" :dHJpYWwxMjEzMjM=: 999']],
    ['"day";r=100;t=36000', '"hour";q=1000;w=3600, "day";q=5000;w=86400', ['"day" 100/5000 per 86400000 in 36000000']],
    ['"basic";r=60;t=58', '"basic";q=100;w=60', ['"basic" 60/100 per 60000 in 58000']],
    ['"dynamic";r=0;t=20', '"dynamic";q=15;w=20', ['"dynamic" 0/15 per 20000 in 20000']],
    ['"somepolicy";r=10000;t=10', '"somepolicy";q=10000;w=1000', ['"somepolicy" 10000/10000 per 1000000 in 10000']],
    ['"problemPolicy";r=0;t=10', undefined, ['"problemPolicy" 0 in 10000']],
    ['"sliding";q=12;r=6;t=1', '"sliding";q=12;w=1', ['"sliding" 6/12 per 1000 in 1000']],
    [
      '"peruser";r=1;t=1;pk=:cHsdsRa894==:',
      '"peruser";q=100;w=60;pk=:cHsdsRa894==:',
      ['"peruser" :cHsdsRa894==: 1/100 per 60000 in 1000'],
    ],
    ['"default";r=300000000;t=60;pk=:QXBwLTk5OQ==:', '"default";q=1;qu="content-bytes";pk=:QXBwLTk5OQ==:', []],
    // A token is no name, and r is required.
    ['quota;t=1', 'quota;q=100;w=1', []],
    ['quota;r=0;t=1', undefined, []],
    ['"quota";t=1', undefined, []],
    // So is a display string.
    ['%"quota";r=0;t=1', undefined, []],
    // Several policies.
    [
      '"burst";r=3;t=5,"daily";r=90;t=4000',
      '"daily";q=1000;w=86400,"burst";q=10;w=10',
      ['"burst" 3/10 per 10000 in 5000', '"daily" 90/1000 per 86400000 in 4000000'],
    ],
    ['"a";r=0;t=9, "b";r=1.5, c;r=0, 7;r=0, "d";r=2', undefined, ['"a" 0 in 9000', '"d" 2']],
    // Only requests count.
    ['"a";r=0;t=9, "b";r=1;t=2', '"a";q=5;qu="concurrent-requests", "b";q=5;qu="requests"', ['"b" 1/5 in 2000']],
    // Policies are matched by name and partition.
    ['"a";r=1;t=2;pk=:Mg==:', '"a";q=5;pk=:MQ==:, "a";q=7;pk=:Mg==:', ['"a" :Mg==: 1/7 in 2000']],
    ['"a";r=1;t=2;pk=:Mg==:', '"a";q=5', ['"a" :Mg==: 1/5 in 2000']],
    ['"a";r=1;t=2', '"b";q=5, "a";q=6;pk=:Mg==:', ['"a" 1/6 in 2000']],
    ['"a";r=1;t=2;pk=:Mg==:, "a";r=3;t=4;pk=:MQ==:', undefined, ['"a" :Mg==: 1 in 2000', '"a" :MQ==: 3 in 4000']],
    // A malformed policy says nothing.
    ['"a";r=1;t=2', '"a";q=5;w=0', ['"a" 1 in 2000']],
    ['"a";r=1;t=2', '"a";q=5;w=1.5', ['"a" 1 in 2000']],
    ['"a";r=1;t=2', '"a";q=5;qu=bytes', ['"a" 1 in 2000']],
    ['"a";r=1;t=2', '"a";q=5;pk="b"', ['"a" 1 in 2000']],
    ['"a";r=1;t=2', '"a";w=5;qu="content-bytes"', ['"a" 1 in 2000']],
    ['"a";r=1;t=2', '"a";q=5;w=60,', ['"a" 1 in 2000']],
    ['"a";r=1;t=2', 'a;q=5;w=60', ['"a" 1 in 2000']],
    // So does a malformed item, or list.
    ['"a";r=-1;t=2', undefined, []],
    ['"a";r="1";t=2', undefined, []],
    ['"a";r=0;t=2.5', undefined, []],
    ['"a";r=0;t=-2', undefined, []],
    ['"a";r=0;t', undefined, []],
    ['"a";r=0;t=2;pk=key', undefined, []],
    ['"a";r=0;t=2;pk=key:', undefined, []],
    ['"a";r=0;t=2,', undefined, []],
    ['"a";r=0;t=2 "b"', undefined, []],
    ['("a");r=0;t=2', undefined, []],
    ['', undefined, []],
    // A name is text, with its escapes.
    ['"a\\"b";r=0;t=2', '"a\\"b";q=5', ['"a"b" 0/5 in 2000']],
    // t is a duration, never a moment.
    ['"a";r=0;t=1372699631', undefined, ['"a" 0']],
    ['"a";r=0;t=0', undefined, ['"a" 0 in 0']],
    // Draft 07, and the policies of drafts 03 to 07.
    ['limit=100, remaining=50, reset=5', undefined, ['ratelimit 50/100 in 5000']],
    ['limit=10, remaining=0, reset=7', '50;w=1, 10;w=60', ['ratelimit 0/10 per 60000 in 7000']],
    ['remaining=0,reset=7', '10;w=60', ['ratelimit 0 in 7000']],
    ['remaining=0,reset=7', '10;w=60,', ['ratelimit 0 in 7000']],
    ['limit=10,remaining=1', undefined, ['ratelimit 1/10']],
    ['limit=10, reset=7', undefined, []],
    ['limit=10, remaining=-1, reset=7', undefined, []],
    ['limit=10; remaining=0; reset=7', undefined, []],
    ['limit=10, remaining=0, reset=7, x="remaining=9"', undefined, []],
  ];
  for (const [rateLimit, policy, expected] of examples) {
    it(`are read: ${rateLimit}${policy === undefined ? '' : `, with ${policy}`}`, () => {
      const fields = policy === undefined ? {} : { 'RateLimit-Policy': policy };
      expect(limits({ RateLimit: rateLimit, ...fields })).toEqual(expected);
    });
  }

  it('have the name of their policy', () => {
    const names = ['"a b";r=0', 'limit=1, remaining=0'].map((RateLimit) => [...read({ RateLimit }).policies.values()]);
    expect(names.flat().map(({ name }) => name)).toEqual(['a b', 'ratelimit']);
  });

  it('may be split over several fields', () => {
    const headers = new Headers([
      ['RateLimit', '"a";r=1;t=2'],
      ['RateLimit', '"b";r=3;t=4'],
    ]);
    expect([...readRateLimitFields({ status: 200, headers }, TIME).policies.keys()]).toEqual(['"a" ', '"b" ']);
  });
});

describe('Fields with one value', () => {
  const fields: Record<string, readonly [fields: Record<string, string>, limits: string[], status?: number]> = {
    'drafts 00 to 02 of the IETF': [
      { 'RateLimit-Limit': '100', 'RateLimit-Remaining': '50', 'RateLimit-Reset': '50' },
      ['ratelimit 50/100 in 50000'],
    ],
    'drafts 03 to 06 of the IETF': [
      {
        'RateLimit-Limit': '10',
        'RateLimit-Remaining': '1',
        'RateLimit-Reset': '7',
        'RateLimit-Policy': '10;w=1, 50;w=60',
      },
      ['ratelimit 1/10 per 1000 in 7000'],
    ],
    'a limit with its windows': [
      { 'RateLimit-Limit': '10, 10;w=1, 50;w=60', 'RateLimit-Remaining': '1', 'RateLimit-Reset': '7' },
      ['ratelimit 1/10 per 1000 in 7000'],
    ],
    'GitLab, with a moment': [
      { 'RateLimit-Limit': '60', 'RateLimit-Remaining': '0', 'RateLimit-Reset': '1372699656' },
      ['ratelimit 0/60 in 30000'],
    ],
    GitHub: [
      { 'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '56', 'X-RateLimit-Reset': '1372700873' },
      ['x-ratelimit 56/60 in 1247000'],
    ],
    'Zalando, with a duration': [
      { 'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '2513' },
      ['x-ratelimit 0/60 in 2513000'],
    ],
    Twitter: [
      { 'X-Rate-Limit-Limit': '15', 'X-Rate-Limit-Remaining': '0', 'X-Rate-Limit-Reset': '1372699636' },
      ['x-rate-limit 0/15 in 10000'],
    ],
    'Discord, whose moment is less exact than its duration': [
      {
        'X-RateLimit-Limit': '5',
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': '1372699630.123',
        'X-RateLimit-Reset-After': '64.57',
        'X-RateLimit-Bucket': 'abcd1234',
      },
      ['x-ratelimit 0/5 in 64570'],
    ],
    'Symfony, with a moment': [
      { 'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Retry-After': '1372699636' },
      ['x-ratelimit 0/60 in 10000'],
    ],
    'MailerLite, with a duration beside a date without a zone': [
      {
        'X-RateLimit-Limit': '60',
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': '2013-07-01 17:28:06',
        'X-RateLimit-Retry-After': '59',
      },
      ['x-ratelimit 0/60 in 59000'],
    ],
    OpenAI: [
      {
        'x-ratelimit-limit-requests': '5000',
        'x-ratelimit-limit-tokens': '160000',
        'x-ratelimit-remaining-requests': '4999',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-requests': '12ms',
        'x-ratelimit-reset-tokens': '6m0s',
      },
      ['x-ratelimit-requests 4999/5000 in 12'],
    ],
    RapidAPI: [
      {
        'X-RateLimit-Requests-Limit': '500',
        'X-RateLimit-Requests-Remaining': '7',
        'X-RateLimit-Requests-Reset': '60',
      },
      ['x-ratelimit-requests 7/500 in 60000'],
    ],
    Anthropic: [
      {
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2013-07-01T17:27:08Z',
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': '2013-07-01T18:00:00Z',
      },
      ['anthropic-ratelimit-requests 0/50 in 2000'],
    ],
    Kong: [
      {
        'X-RateLimit-Limit-Second': '5',
        'X-RateLimit-Remaining-Second': '4',
        'X-RateLimit-Limit-Minute': '60',
        'X-RateLimit-Remaining-Minute': '0',
        'X-RateLimit-Remaining-Hour': '900',
        'X-RateLimit-Limit-Day': '5000',
        'X-RateLimit-Remaining-Day': '3000',
        'RateLimit-Limit': '60',
        'RateLimit-Remaining': '0',
        'RateLimit-Reset': '54',
      },
      [
        'ratelimit 0/60 in 54000',
        'second 4/5 per 1000 in 1000',
        'minute 0/60 per 60000 in 54000',
        'hour 900 per 3600000 in 1974000',
        'day 3000/5000 per 86400000 in 23574000',
      ],
    ],
    'a field that a proxy has doubled': [
      { 'X-RateLimit-Remaining': '0, 0', 'X-RateLimit-Reset': '30, 30' },
      ['x-ratelimit 0 in 30000'],
    ],
    'a date with its comma': [
      { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': 'Mon, 01 Jul 2013 17:27:36 GMT' },
      ['x-ratelimit 0 in 30000'],
    ],
    'no reset': [{ 'X-RateLimit-Remaining': '0' }, ['x-ratelimit 0']],
    'no reset that can be read': [{ 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': 'soon' }, ['x-ratelimit 0']],
    'nothing, if two proxies disagree': [{ 'X-RateLimit-Remaining': '0, 57', 'X-RateLimit-Reset': '30, 5' }, []],
    'nothing, if what is left is negative or no number': [
      {
        'X-RateLimit-Remaining': '-1',
        'RateLimit-Remaining': 'none',
        'X-Rate-Limit-Remaining': '',
        'X-RateLimit-Remaining-Requests': '5x',
        'X-RateLimit-Remaining-Minute': '1.5',
      },
      [],
    ],
    'nothing, without what is left': [{ 'X-RateLimit-Limit': '5', 'X-RateLimit-Reset': '30' }, []],
    'a refusal without what is left, as one with nothing left': [
      { 'X-RateLimit-Reset-After': '1.5' },
      ['x-ratelimit 0 in 1500'],
      429,
    ],
    'a refusal with an empty field, as one with nothing left': [
      { 'X-RateLimit-Remaining': '', 'X-RateLimit-Reset': '5' },
      ['x-ratelimit 0 in 5000'],
      429,
    ],
    'a refusal with something left, as what it says': [
      { 'X-RateLimit-Remaining': '800', 'X-RateLimit-Reset': '5' },
      ['x-ratelimit 800 in 5000'],
      429,
    ],
    'no refusal without a reset': [{ 'X-RateLimit-Limit': '5' }, [], 429],
    'no 503 without what is left': [{ 'X-RateLimit-Reset': '5' }, [], 503],
  };
  for (const [server, [sent, expected, status]] of Object.entries(fields)) {
    it(`are read: ${server}`, () => {
      expect(limits({ Date: DATE, ...sent }, status)).toEqual(expected);
    });
  }

  it('are measured against the wall clock if the response has no date', () => {
    const { policies } = read({ 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1372699636' }, 200, TIME + 4_000);
    expect(policies.get('x-ratelimit')?.resetAfter).toBe(6_000);
  });

  it('are measured against the date of the response, however wrong the own clock is', () => {
    const sent = { Date: DATE, 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1372699636' };
    expect(read(sent, 200, TIME + 1e9).policies.get('x-ratelimit')?.resetAfter).toBe(10_000);
  });
});

describe('Retry-After, in a report of limits', () => {
  it('counts where it is about the server', () => {
    const statuses = [200, 202, 301, 403, 404, 413, 429, 500, 502, 503, 504, 529];
    expect(statuses.filter((status) => read({ 'Retry-After': '7' }, status).retryAfter === 7_000)).toEqual([
      403, 429, 503, 529,
    ]);
  });

  it('is read as the core reads it: a date against that of the response, the longest of several', () => {
    expect(read({ Date: DATE, 'Retry-After': 'Mon, 01 Jul 2013 17:27:16 GMT' }, 429, 0).retryAfter).toBe(10_000);
    expect(read({ 'Retry-After': '3, 5' }, 503).retryAfter).toBe(5_000);
    expect(read({ 'Retry-After': 'soon' }, 503).retryAfter).toBeUndefined();
  });

  it('is no delay of 56 years if it is a moment (clawhub #407)', () => {
    expect(read({ Date: DATE, 'Retry-After': '1372699636' }, 429).retryAfter).toBe(10_000);
  });

  it('takes precedence over the reset of what is used up, and no other', () => {
    // throttled #55: the reset says when the whole burst is there again.
    const throttled = {
      'Retry-After': '1',
      'X-Ratelimit-Limit': '6',
      'X-Ratelimit-Remaining': '0',
      'X-Ratelimit-Reset': '6',
    };
    expect(limits(throttled, 429)).toEqual(['x-ratelimit 0/6 in 1000']);
    const pushedBack = {
      'Retry-After': '20',
      'RateLimit-Policy': '"dynamic";q=100;w=60',
      RateLimit: '"dynamic";r=15;t=40',
    };
    expect(limits(pushedBack, 429)).toEqual(['"dynamic" 15/100 per 60000 in 40000']);
    expect(read(pushedBack, 429).retryAfter).toBe(20_000);
    expect(limits(throttled, 200)).toEqual(['x-ratelimit 0/6 in 6000']);
  });
});

describe('A response', () => {
  const sent = { 'Retry-After': '5', RateLimit: '"a";r=0;t=9', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '9' };

  it('from a cache says nothing', () => {
    for (const age of ['1', '60', ' 3 ']) {
      const report = read({ ...sent, Age: age }, 429);
      expect([report.retryAfter, report.policies.size]).toEqual([undefined, 0]);
    }
  });

  it('that a cache has passed on just now counts', () => {
    for (const age of ['0', '', 'old']) expect(read({ ...sent, Age: age }, 429).policies.size).toBe(2);
  });

  it('with headers of other types says nothing', () => {
    for (const value of [0, 5, null, undefined, ['0'], {}, true]) {
      const report = readRateLimitFields({ status: 429, headers: { get: () => value as never } }, TIME);
      expect([report.retryAfter, report.policies.size]).toEqual([undefined, 0]);
    }
  });

  it('without such fields says nothing, in virtual time too', () => {
    inVirtualTime(() => {
      const report = read({ 'Content-Type': 'text/plain' }, 429, 0);
      expect([report.retryAfter, report.policies.size]).toEqual([undefined, 0]);
    });
  });
});
