import { constant, RetryClient, type RetryStrategy, type UrlInput } from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { type Answer, bodiless, network } from '../support/scripted-network.js';
import { inVirtualTime } from '../support/virtual-time.js';

const after = (value: string) => bodiless(503, { 'Retry-After': value });
const a = 'http://a.test/';
const b = 'http://b.test/';

/** The attempts of a request that has three seconds, each with its frame; then how it ended. */
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
    return lines.filter((line) => !/ value | retry | complete$/.test(line));
  });
}

describe('Retry-After beyond the total deadline', () => {
  it('passes over what else there is at that origin, and turns to another one', () => {
    expect(withinThreeSeconds([a, `${a}other`, b], [after('5'), 200])).toEqual([`0 ${a}`, `7 ${b}`, '7 success 2 +0']);
  });

  it('passes over an origin that would be asked at the very deadline', () => {
    expect(withinThreeSeconds([a, `${a}other`, b], [after('3'), 200])).toEqual([`0 ${a}`, `7 ${b}`, '7 success 2 +0']);
    expect(withinThreeSeconds([a, `${a}other`, b], [after('2'), 200])).toEqual([
      `0 ${a}`,
      `2000 ${a}other`,
      '2000 success 2 +0',
    ]);
  });

  it('ends the request with reason deadline where one origin asks for too much, and the other for more than there is time', () => {
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

describe('Retry-After that turns a request to a body that was sent already', () => {
  it('ends it with reason body, and the last response', () => {
    const lines = inVirtualTime(({ flush }) => {
      const told: string[] = [];
      const client = new RetryClient({
        strategy: { attempts: 5, backoff: constant(7) },
        interceptors: [network(503, after('100000'), 200).interceptor],
      });
      client.attempts$.subscribe((event) => {
        if (event.type === 'start' || event.type === 'failure') told.push(formatEvent(event));
      });
      const once = { method: 'PUT', url: a, body: new Blob(['sent']).stream() };
      watch(client.requests([once, { url: b }, { url: `${b}other` }]), ({ status }) => String(status), told);
      flush();
      return told;
    });
    expect(lines).toEqual(['start 1/5', 'start 2/5', 'failure 2 (response: 503) +0 body', '7 503', '7 complete']);
  });
});
