import { map, timer } from 'rxjs';

import {
  type ClientOptions,
  constant,
  HttpStatusError,
  type RetryStrategy,
  RetryClient,
  type UrlInput,
} from '../../src/index.js';
import { plot } from '../support/attempt-events.js';
import { formatEvent, watch } from '../support/event-log.js';
import { type Answer, bodiless, network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { inVirtualTime } from '../support/virtual-time.js';

const after = (value: string, status = 503, date?: string) =>
  bodiless(status, { 'Retry-After': value, ...(date && { Date: date }) });
const a = 'http://a.test/';
const b = 'http://b.test/';

/** The URL of each attempt and each wait with its time in ms (`2000 http://a.test/`), then the last event. */
function attemptLines(
  url: UrlInput,
  answers: readonly Answer[],
  strategy: RetryStrategy = {},
  options: ClientOptions = {},
): string[] {
  return inVirtualTime(({ flush }) => {
    const lines: string[] = [];
    const client = new RetryClient({
      ...options,
      strategy: { backoff: constant(7), random: () => 0, ...strategy },
      interceptors: [network(...answers).interceptor],
    });
    watch(
      client.get(url, { observe: 'attempts' }),
      (event) =>
        event.type === 'start'
          ? event.attempt.url
          : event.type === 'retry'
            ? `in ${String(event.delay)}`
            : formatEvent(event),
      lines,
    );
    flush();
    return lines.filter((line) => !/ response \d| value | complete$/.test(line));
  });
}

describe('Retry-After', () => {
  it('is the wait when it is longer than the backoff', () => {
    expect(attemptLines(a, [after('2'), 200])).toEqual([`0 ${a}`, '0 in 2000', `2000 ${a}`, '2000 success 2 +0']);
    expect(attemptLines(a, [after('2'), 200], { backoff: constant(2001) })[1]).toBe('0 in 2001');
  });

  it('is prolonged by a random tenth, 1 s at most, to spread the retries of many clients', () => {
    const random = () => 0.5;
    expect(attemptLines(a, [after('2'), 200], { random })[1]).toBe('0 in 2100');
    expect(attemptLines(a, [after('50'), 200], { random })[1]).toBe('0 in 50500');
    expect(attemptLines(a, [after('2'), 200], { random, backoff: constant(2099) })[1]).toBe('0 in 2100');
    expect(attemptLines(a, [after('2'), 200], { random, backoff: constant(2101) })[1]).toBe('0 in 2101');
  });

  it('draws random() for the backoff first, then for its tenth, and not without a header', () => {
    const draws = [0.5, 0.25, 0.75];
    const random = () => draws.shift() ?? Number.NaN;
    const backoff: RetryStrategy['backoff'] = (context) => 1_000 * context.random();
    expect(attemptLines(a, [after('1'), 503, 200], { random, backoff }).filter((line) => line.includes('in'))).toEqual([
      '0 in 1025',
      '1025 in 750',
    ]);
  });

  it('with several values counts by its longest valid value', () => {
    expect(attemptLines(a, [after('1, 2'), 200])[1]).toBe('0 in 2000');
    expect(attemptLines(a, [after('3, 2'), 200])[1]).toBe('0 in 3000');
    expect(attemptLines(a, [after('2, soon, -5'), 200])[1]).toBe('0 in 2000');
    expect(attemptLines(a, [after('Thu, 01 Jan 1970 00:00:09 GMT, Thu, 01 Jan 1970 00:00:04 GMT, 1'), 200])[1]).toBe(
      '0 in 9000',
    );
    expect(attemptLines(a, [after('soon, 3'), 200])[1]).toBe('0 in 3000');
    expect(attemptLines(a, [after('soon, later'), 200])[1]).toBe('0 in 7');
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    expect(attemptLines(a, [after('Sun, 06 Nov 1994 08:49:41 GMT', 503, `${date}, ${date}`), 200])[1]).toBe(
      '0 in 4000',
    );
  });

  it('is the wait for any status that is retried', () => {
    expect(attemptLines(a, [after('2', 429), after('1', 500), 200])).toEqual([
      `0 ${a}`,
      '0 in 2000',
      `2000 ${a}`,
      '2000 in 1000',
      `3000 ${a}`,
      '3000 success 3 +0',
    ]);
  });

  it('is ignored in a response that is not retried', () => {
    expect(attemptLines(a, [after('2', 200)])).toEqual([`0 ${a}`, '0 success 1 +0']);
  });

  it('of 0 does not disable the backoff', () => {
    expect(attemptLines(a, [after('0'), 200])).toEqual([`0 ${a}`, '0 in 7', `7 ${a}`, '7 success 2 +0']);
  });

  it('can be a date, measured against the response’s Date', () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    for (const until of [
      'Sun, 06 Nov 1994 08:49:40 GMT',
      'Sunday, 06-Nov-94 08:49:40 GMT',
      'Sun Nov  6 08:49:40 1994',
    ]) {
      expect(attemptLines(a, [after(until, 503, date), 200])[1]).toBe('0 in 3000');
    }
  });

  it('can be a date, measured against the clock when the response has no Date', () => {
    // Virtual time starts at 1970-01-01T00:00:00Z.
    expect(attemptLines(a, [after('Thu, 01 Jan 1970 00:00:09 GMT'), 200])[1]).toBe('0 in 9000');
  });

  it('with a date in the past leaves the wait to the backoff', () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    expect(attemptLines(a, [after('Sun, 06 Nov 1994 08:49:36 GMT', 503, date), 200])[1]).toBe('0 in 7');
  });

  for (const value of [
    '1e3',
    '-1',
    '',
    '+1',
    '0x10',
    '1.5',
    '5 seconds',
    'tomorrow',
    '2026-01-01T00:00:00Z',
    'Sun, 99 Nov 1994 08:49:37 GMT',
  ]) {
    it(`is ignored when it is malformed: '${value}'`, () => {
      expect(attemptLines(a, [after(value), 200])[1]).toBe('0 in 7');
    });
  }

  it('does not keep the backoff from being called', () => {
    const asked: number[] = [];
    const backoff: RetryStrategy['backoff'] = ({ retry }) => {
      asked.push(retry);
      return 10 * retry;
    };
    expect(attemptLines(a, [503, after('1'), 503, 200], { attempts: 4, backoff })).toEqual([
      `0 ${a}`,
      '0 in 10',
      `10 ${a}`,
      '10 in 1000',
      `1010 ${a}`,
      '1010 in 30',
      `1040 ${a}`,
      '1040 success 4 +0',
    ]);
    expect(asked).toEqual([1, 2, 3]);
  });

  it('does not apply to the next URL of another origin, which waits its backoff', () => {
    expect(attemptLines([a, b], [after('20'), 200])).toEqual([`0 ${a}`, '0 in 7', `7 ${b}`, '7 success 2 +0']);
  });

  it('applies to the next URL of the same origin', () => {
    expect(attemptLines([a, `${a}other`], [after('2'), 200])).toEqual([
      `0 ${a}`,
      '0 in 2000',
      `2000 ${a}other`,
      '2000 success 2 +0',
    ]);
    expect(attemptLines([a, 'http://a.test:80/x'], [after('2'), 200])[1]).toBe('0 in 2000');
    expect(attemptLines([a, 'http://a.test:81/x'], [after('2'), 200])[1]).toBe('0 in 7');
    expect(attemptLines([a, 'https://a.test/x'], [after('2'), 200])[1]).toBe('0 in 7');
  });

  it('is waited out when the rotation comes back to its origin earlier', () => {
    expect(attemptLines([a, b], [after('20'), 503, 200])).toEqual([
      `0 ${a}`,
      '0 in 7',
      `7 ${b}`,
      '7 in 19993',
      `20000 ${a}`,
      '20000 success 3 +0',
    ]);
  });

  it('adds nothing to a longer backoff when the rotation comes back to its origin', () => {
    expect(attemptLines([a, b], [after('1'), 503, 200], { backoff: constant(5000) })[3]).toBe('5000 in 5000');
  });

  it('is kept for each origin', () => {
    expect(attemptLines([a, b], [after('20'), after('30'), after('1'), 200], { attempts: 4 })).toEqual([
      `0 ${a}`,
      '0 in 7',
      `7 ${b}`,
      '7 in 19993',
      `20000 ${a}`,
      '20000 in 10007',
      `30007 ${b}`,
      '30007 success 4 +0',
    ]);
  });

  it('is kept for each subscription', () => {
    const lines: string[] = [];
    inVirtualTime(({ flush }) => {
      const { interceptor } = network(after('20'), 200, 200);
      const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(7) } });
      const request$ = client.get([a, b], { observe: 'attempts' });
      const typeAndUrl = ({ type, attempt }: { type: string; attempt: { url: string } }) => `${type} ${attempt.url}`;
      watch(request$, typeAndUrl, lines);
      flush();
      watch(request$, typeAndUrl, lines);
      flush();
    });
    expect(lines.filter((line) => line.includes('start'))).toEqual([`0 start ${a}`, `7 start ${b}`, `7 start ${a}`]);
  });

  describe('beyond maxRetryAfter', () => {
    it('ends the request at once with the last response and reason retry-after', () => {
      expect(attemptLines(a, [after('61')])).toEqual([`0 ${a}`, '0 failure 1 (response: 503) +0 retry-after']);
      expect(attemptLines(a, [after('60'), 200])[1]).toBe('0 in 60000');
      expect(attemptLines(a, [after('3')], { maxRetryAfter: 2999 })).toEqual([
        `0 ${a}`,
        '0 failure 1 (response: 503) +0 retry-after',
      ]);
      expect(attemptLines(a, [after('3'), 200], { maxRetryAfter: 3000 })[1]).toBe('0 in 3000');
    });

    it('is compared in milliseconds, whatever fraction of one the clock shows', () => {
      for (let tenths = 1; tenths < 1_000; tenths += 1) {
        const late = timer(tenths / 10).pipe(map(after('2')));
        expect(attemptLines(a, [late, 200], { maxRetryAfter: 2_000 })[1]).toMatch(/ in 2000$/);
      }
    });

    it('ends the request also with a number of 30 or 400 digits', () => {
      expect(attemptLines(a, [after('9'.repeat(30))])[1]).toBe('0 failure 1 (response: 503) +0 retry-after');
      expect(attemptLines(a, [after('9'.repeat(400))])[1]).toBe('0 failure 1 (response: 503) +0 retry-after');
    });

    it('is an HttpStatusError with a selector', async () => {
      const client = new RetryClient({ interceptors: [network(after('61')).interceptor] });
      const { error } = await settled(client.getJSON(a));

      expect(error).toBeInstanceOf(HttpStatusError);
    });

    it('moves to the next origin, and does not come back', () => {
      expect(attemptLines([a, `${a}other`, b], [after('61'), 503, 503, 200], { attempts: 4 })).toEqual([
        `0 ${a}`,
        '0 in 7',
        `7 ${b}`,
        '7 in 7',
        `14 ${b}`,
        '14 in 7',
        `21 ${b}`,
        '21 success 4 +0',
      ]);
    });

    it('ends the request when every origin exceeds it', () => {
      expect(attemptLines([a, b], [after('61'), after('3600')])).toEqual([
        `0 ${a}`,
        '0 in 7',
        `7 ${b}`,
        '7 failure 2 (response: 503) +0 retry-after',
      ]);
    });

    it('is no limit with maxRetryAfter Infinity, also for waits that setTimeout cannot hold', () => {
      expect(attemptLines(a, [after('3000000'), 200], { maxRetryAfter: Infinity })).toEqual([
        `0 ${a}`,
        '0 in 3000000000',
        `3000000000 ${a}`,
        '3000000000 success 2 +0',
      ]);
    });

    it('is not overridden by shouldRetry', () => {
      expect(attemptLines(a, [after('61')], { shouldRetry: () => true })).toEqual([
        `0 ${a}`,
        '0 failure 1 (response: 503) +0 retry-after',
      ]);
    });
  });

  it('is ignored with maxRetryAfter 0', () => {
    expect(attemptLines(a, [after('3600'), 200], { maxRetryAfter: 0 })[1]).toBe('0 in 7');
  });

  it('beyond the total timeout ends the request at once with reason deadline', () => {
    expect(attemptLines(a, [after('10')], {}, { totalTimeout: 5000 })).toEqual([
      `0 ${a}`,
      '0 failure 1 (response: 503) +0 deadline',
    ]);
    expect(attemptLines(a, [after('4'), 200], {}, { totalTimeout: 5000 })[1]).toBe('0 in 4000');
  });

  it('is not waited for after a POST, nor after the last attempt', () => {
    inVirtualTime(({ flush }) => {
      const lines: string[] = [];
      const client = new RetryClient({ interceptors: [network(after('2')).interceptor] });
      watch(client.post(a, 'x', { observe: 'attempts' }), (event) => plot([event])[0] ?? '', lines);
      watch(
        client.get(a, { observe: 'attempts', strategy: { attempts: 1 } }),
        (event) => plot([event])[0] ?? '',
        lines,
      );
      flush();
      expect(lines).toEqual([
        '0 start 1',
        '0 response 1',
        '0 failure 1 method',
        '0 complete',
        '0 start 1',
        '0 response 1',
        '0 failure 1 attempts',
        '0 complete',
      ]);
    });
  });

  describe('over the wire', () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    it('is waited for completely', async () => {
      const url = api.url('wire', [{ status: 503, headers: { 'Retry-After': '1' } }, { body: 'ok' }]);
      const { values: events } = await settled(new RetryClient().get(url, { observe: 'attempts' }));

      const [first, second] = await api.requests('wire');
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
      expect(plot(events)).toEqual([
        'start 1',
        'response 1',
        'retry 1',
        'start 2',
        'response 2',
        'value 2',
        'success 2',
      ]);
    });
  });
});
