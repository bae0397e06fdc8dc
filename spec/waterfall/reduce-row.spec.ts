import { keepRow } from '../../src/waterfall/keep-row.js';
import { reduceRow } from '../../src/waterfall/reduce-row.js';
import type { Bar, Row } from '../../src/waterfall/row.js';
import { type Event, eventOf, outcomeOf, responseOf, URL_OF_REQUEST } from './event-builder.js';

const OTHER_URL = 'https://other.test/users';

function rowAfter(...events: readonly Event[]): Row {
  return events.reduce<Row | undefined>(reduceRow, undefined)!;
}

/** A bar in one line: `1 retried 503 0-100`. */
function plot({ bars }: Row): string[] {
  return bars.map(({ attempt, state, label, from, to, isHedge, headers }: Bar) =>
    [isHedge && 'hedge', attempt, state, label, `${from}-${to ?? ''}`, headers !== undefined && `headers ${headers}`]
      .filter((part) => part !== undefined && part !== false)
      .join(' '),
  );
}

const start = (number: number, at: number): Event => eventOf('start', number, at, {});
const answer = (number: number, at: number, elapsed: number, status: number, url = URL_OF_REQUEST): Event =>
  eventOf('response', number, at, { response: responseOf(status), url, elapsed });
const retry = (
  number: number,
  at: number,
  elapsed: number,
  delay: number,
  result: Parameters<typeof outcomeOf>[0] = 503,
): Event => eventOf('retry', number, at, { outcome: outcomeOf(result), elapsed, delay });
const success = (number: number, at: number, elapsed: number): Event =>
  eventOf('success', number, at, { elapsed, total: at + elapsed });

describe('A row of the waterfall', () => {
  it('has a bar for each attempt and each wait, with the status and when the headers came', () => {
    const row = rowAfter(
      start(1, 0),
      answer(1, 0, 100, 503),
      retry(1, 0, 100, 400),
      start(2, 500),
      answer(2, 500, 60, 200),
      eventOf('value', 2, 500, { value: 'x', elapsed: 80 }),
      success(2, 500, 90),
    );

    expect(plot(row)).toEqual([
      '1 retried 503 0-100 headers 100',
      '1 waiting 100-500',
      '2 succeeded 200 500-590 headers 560',
    ]);
    expect([row.begin, row.end, row.state]).toEqual([0, 590, 'succeeded']);
  });

  it('is the same object after an event that changes nothing', () => {
    const row = rowAfter(start(1, 0), answer(1, 0, 10, 200));

    expect(reduceRow(row, eventOf('value', 1, 0, { value: 1, elapsed: 20 }))).toBe(row);
  });

  it('is another object after every other event, and the old one stays as it was', () => {
    const row = rowAfter(start(1, 0));
    const before = structuredClone(row);

    expect(reduceRow(row, success(1, 0, 5))).not.toBe(row);
    expect(row).toEqual(before);
  });

  it('has one bar for all gates that hold an attempt, until it is sent', () => {
    expect(
      plot(
        rowAfter(
          eventOf('hold', 1, 0, { gate: 'rate-limit' }),
          eventOf('hold', 1, 0, { gate: 'concurrency' }),
          start(1, 300),
        ),
      ),
    ).toEqual(['1 held rate-limit, concurrency 0-300', '1 running 300-']);
  });

  it('ends a wait when the next attempt is held, or is sent earlier than planned', () => {
    expect(plot(rowAfter(start(1, 0), retry(1, 0, 10, 1_000), start(2, 200))).at(1)).toBe('1 waiting 10-200');
    expect(
      plot(rowAfter(start(1, 0), retry(1, 0, 10, 90), eventOf('hold', 2, 100, { gate: 'g' }), start(2, 150))),
    ).toEqual(['1 retried 503 0-10', '1 waiting 10-100', '2 held g 100-150', '2 running 150-']);
  });

  it('gives the outcome to the hedge whose URL was answered, and supersedes the other sending', () => {
    const row = rowAfter(
      start(1, 0),
      eventOf('hedge', 1, 0, { url: OTHER_URL, elapsed: 50 }),
      answer(1, 0, 90, 200, OTHER_URL),
      success(1, 0, 120),
    );

    expect(plot(row)).toEqual(['1 superseded 0-90', 'hedge 1 succeeded 200 50-120 headers 90']);
  });

  it('gives the outcome to the first sending if none was answered, or both went to the same URL', () => {
    const hedged = [start(1, 0), eventOf('hedge', 1, 0, { url: URL_OF_REQUEST, elapsed: 50 })];

    expect(plot(rowAfter(...hedged, retry(1, 0, 90, 10, { name: 'HttpNetworkError', message: '' })))).toEqual([
      '1 retried network 0-90',
      'hedge 1 superseded 50-90',
      '1 waiting 90-100',
    ]);
    expect(plot(rowAfter(...hedged, answer(1, 0, 90, 200), success(1, 0, 95)))).toEqual([
      '1 succeeded 200 0-95 headers 90',
      'hedge 1 superseded 50-90',
    ]);
  });

  for (const late of [answer(3, 70, 5, 200), eventOf('value', 3, 70, { value: 1, elapsed: 5 }), success(3, 70, 5)]) {
    it(`can begin in the middle, with ${late.type}`, () => {
      const [bar, ...others] = rowAfter(late).bars;

      expect([bar?.attempt, bar?.from, others]).toEqual([3, 70, []]);
    });
  }

  it('can begin with a retry, whose attempt began earlier', () => {
    expect(plot(rowAfter(retry(2, 40, 20, 100)))).toEqual(['2 retried 503 40-60', '2 waiting 60-160']);
  });

  it('marks an attempt that a gate rejects, which was never sent', () => {
    const rejected = (number: number, at: number, elapsed = 0): Event =>
      eventOf('failure', number, at, {
        outcome: outcomeOf({ name: 'GateRejectedError', message: 'the circuit is open' }),
        reason: 'rejected',
        gate: 'breaker',
        elapsed,
        total: elapsed,
      });

    expect(plot(rowAfter(rejected(1, 5)))).toEqual(['1 failed rejected 5-5']);
    expect(plot(rowAfter(eventOf('hold', 1, 5, { gate: 'breaker' }), rejected(1, 5, 20)))).toEqual([
      '1 held breaker 5-25',
      '1 failed rejected 25-25',
    ]);
    expect(plot(rowAfter(start(1, 0), retry(1, 0, 10, 30), rejected(2, 40)))).toEqual([
      '1 retried 503 0-10',
      '1 waiting 10-40',
      '2 failed rejected 40-40',
    ]);
    expect(rowAfter(rejected(1, 5)).gate).toBe('breaker');
  });

  it('keeps the outcome of the last attempt if no retry may follow it', () => {
    const row = rowAfter(
      start(1, 0),
      eventOf('failure', 1, 0, { outcome: outcomeOf(503), reason: 'rejected', gate: 'budget', elapsed: 9, total: 9 }),
    );

    expect(plot(row)).toEqual(['1 failed 503 0-9']);
  });

  it('is cancelled if it ends during a wait or a hold, and its attempts keep what they have', () => {
    const waiting = rowAfter(start(1, 0), retry(1, 0, 10, 1_000), eventOf('cancel', 1, 0, { elapsed: 60, total: 60 }));
    const held = rowAfter(eventOf('hold', 1, 0, { gate: 'g' }), eventOf('cancel', 1, 0, { elapsed: 8, total: 8 }));

    expect([waiting.state, ...plot(waiting)]).toEqual(['cancelled', '1 retried 503 0-10', '1 waiting 10-60']);
    expect([held.state, ...plot(held)]).toEqual(['cancelled', '1 held g 0-8']);
  });

  it('has no bar of negative length if the clock is set back', () => {
    for (const { from, to = from } of rowAfter(start(1, 1_000), retry(1, 1_000, 50, 100), start(2, 400)).bars) {
      expect(to).toBeGreaterThanOrEqual(from);
    }
  });

  it('keeps a bounded number of bars of a request that is tried without end', () => {
    let row: Row | undefined;
    for (let number = 1; number <= 5_000; number += 1) {
      row = reduceRow(reduceRow(row, start(number, number * 10)), retry(number, number * 10, 5, 5));
    }

    expect(row!.bars.length).toBeLessThan(70);
    expect(row!.bars.at(-1)?.attempt).toBe(5_000);
  });

  it('is data: it keeps no response and no error, and the signature of a URL in an error is removed', () => {
    const message = 'GET https://api.test/users: fetch of https://me:pw@x.test/?sig=abc failed (attempt 1 of 3)';
    const row = rowAfter(start(1, 0), answer(1, 0, 1, 503), retry(1, 0, 2, 5, { name: 'TypeError', message }));

    expect(structuredClone(row)).toEqual(row);
    expect(row.bars[0]?.detail).toBe('fetch of https://x.test/?sig=REDACTED failed');
  });

  it('survives an error that throws when it is looked at', () => {
    const hostile: object = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hands off');
        },
      },
    );

    expect(plot(rowAfter(start(1, 0), retry(1, 0, 2, 5, hostile as Error)))[0]).toBe('1 retried not accepted 0-2');
  });

  it('shows the status of an error that has one, and cuts long texts', () => {
    const error = { name: 'HttpErrorResponse', message: 'x'.repeat(100_000), status: 502 };
    const [bar] = rowAfter(start(1, 0), retry(1, 0, 2, 5, error)).bars;

    expect(bar?.label).toBe('502');
    expect(bar?.detail?.length).toBe(300);
  });
});

describe('The rows of the waterfall', () => {
  const of = (id: string, event: Event): Event => ({ ...event, attempt: { ...event.attempt, requestId: id } });

  it('are those of the last requests, in the order in which they began', () => {
    const rows = new Map<string, Row>();
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      keepRow(rows, of(id, start(1, 0)), 3);
      keepRow(rows, of(id, success(1, 0, 1)), 3);
    }

    expect([...rows.keys()]).toEqual(['c', 'd', 'e']);
  });

  it('keep a request under way longer than those that have ended', () => {
    const rows = new Map<string, Row>();
    keepRow(rows, of('stream', start(1, 0)), 3);
    for (let index = 0; index < 50; index += 1) {
      keepRow(rows, of(`${index}`, start(1, 0)), 3);
      keepRow(rows, of(`${index}`, success(1, 0, 1)), 3);
    }

    expect([...rows.keys()]).toEqual(['stream', '48', '49']);
  });

  it('are bounded also where all are under way', () => {
    const rows = new Map<string, Row>();
    for (const id of ['a', 'b', 'c']) keepRow(rows, of(id, start(1, 0)), 2);

    expect([...rows.keys()]).toEqual(['b', 'c']);
  });
});
