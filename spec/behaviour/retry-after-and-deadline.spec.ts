import { constant, RetryClient, type RetryStrategy, type UrlInput } from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { type Answer, bodiless, network } from '../support/scripted-network.js';
import { inVirtualTime } from '../support/virtual-time.js';

const after = (value: string) => bodiless(503, { 'Retry-After': value });
const a = 'http://a.test/';
const b = 'http://b.test/';

/** The URL of each attempt with its time in ms, then the last event, of a request with a total timeout of 3 s. */
function withinThreeSeconds(url: UrlInput, answers: readonly Answer[], strategy: RetryStrategy = {}): string[] {
  return inVirtualTime(({ flush }) => {
    const lines: string[] = [];
    const client = new RetryClient({
      strategy: { backoff: constant(7), random: () => 0, ...strategy },
      totalTimeout: 3000,
      interceptors: [network(...answers).interceptor],
    });
    watch(
      client.get(url, { observe: 'attempts' }),
      (event) => (event.type === 'start' ? event.attempt.url : formatEvent(event)),
      lines,
    );
    flush();
    return lines.filter((line) => !/ response \d| value | retry | complete$/.test(line));
  });
}

describe('A Retry-After beyond the total timeout', () => {
  it('skips other URLs of that origin, and tries the next origin', () => {
    expect(withinThreeSeconds([a, `${a}other`, b], [after('5'), 200])).toEqual([`0 ${a}`, `7 ${b}`, '7 success 2 +0']);
  });

  it('skips an origin whose wait would end exactly at the deadline', () => {
    expect(withinThreeSeconds([a, `${a}other`, b], [after('3'), 200])).toEqual([`0 ${a}`, `7 ${b}`, '7 success 2 +0']);
    expect(withinThreeSeconds([a, `${a}other`, b], [after('2'), 200])).toEqual([
      `0 ${a}`,
      `2000 ${a}other`,
      '2000 success 2 +0',
    ]);
  });

  it('ends the request with reason deadline when one origin exceeds maxRetryAfter and the other the deadline', () => {
    expect(withinThreeSeconds([a, b], [after('100'), after('5')])).toEqual([
      `0 ${a}`,
      `7 ${b}`,
      '7 failure 2 (response: 503) +0 deadline',
    ]);
    expect(withinThreeSeconds([a, b], [after('5'), after('100')])).toEqual([
      `0 ${a}`,
      `7 ${b}`,
      '7 failure 2 (response: 503) +0 deadline',
    ]);
  });
});

describe('A Retry-After that leaves only an entry whose body was sent already', () => {
  it('ends the request with reason body, and emits the last response', () => {
    const lines = inVirtualTime(({ flush }) => {
      const lines: string[] = [];
      const client = new RetryClient({
        strategy: { attempts: 5, backoff: constant(7) },
        interceptors: [network(503, after('100000'), 200).interceptor],
      });
      client.attempts$.subscribe((event) => {
        if (event.type === 'start' || event.type === 'failure') lines.push(formatEvent(event));
      });
      const once = { method: 'PUT', url: a, body: new Blob(['sent']).stream() };
      watch(client.requests([once, { url: b }, { url: `${b}other` }]), ({ status }) => String(status), lines);
      flush();
      return lines;
    });
    expect(lines).toEqual(['start 1/5', 'start 2/5', 'failure 2 (response: 503) +0 body', '7 503', '7 complete']);
  });
});
