import type { Har, HarEntry } from '../../src/har/har.js';
import type { Bar } from '../../src/waterfall/row.js';
import { rowsOfHar } from '../../src/waterfall/rows-of-har.js';
import { harOf, SAMPLE, type SampleRequest, START } from './sample-har.js';

function plotOf(request: SampleRequest): string[] {
  return rowsOfHar(harOf([request])).flatMap(({ bars }) => bars.map(plot));
}

function plot({ attempt, state, label, from, to, isHedge }: Bar): string {
  return [isHedge ? 'hedge' : '', attempt, state, label ?? '', `${from - START}-${to === undefined ? '' : to - START}`]
    .filter((part) => part !== '')
    .join(' ');
}

/** An entry as another tool can write it. */
function foreignHar(entry: object, log: object = {}): Har {
  return { log: { entries: [entry as HarEntry], ...log } } as unknown as Har;
}

const URL_OF_ENTRY = 'https://other.test/x';
const FOREIGN = {
  pageref: 'page_1',
  startedDateTime: new Date(START).toISOString(),
  time: 80,
  request: { method: 'GET', url: URL_OF_ENTRY },
  response: { status: 200 },
  timings: { blocked: -1, dns: -1, connect: -1, send: 0, wait: 60, receive: 20 },
};

describe('The rows of a HAR file', () => {
  it('are its pages, in the order in which they began', () => {
    const rows = rowsOfHar(harOf([...SAMPLE].reverse()));

    expect(rows.map(({ method, url, state }) => `${method} ${new URL(url).pathname} ${state ?? ''}`)).toEqual([
      'GET /users/1 succeeded',
      'GET /orders succeeded',
      'PUT /users/7/address failed',
      'GET /prices/tea succeeded',
      'POST /reports succeeded',
      'GET /search cancelled',
      'GET /stock failed',
      'DELETE /sessions/current failed',
      'GET /events ',
    ]);
  });

  it('have the bars that the events had', () => {
    expect(plotOf(SAMPLE[2]!)).toEqual([
      '1 retried 503 200-420',
      '1 waiting 420-670',
      '2 retried 503 670-830',
      '2 waiting 830-1330',
      '3 failed timeout 1330-2530',
    ]);
    expect(plotOf(SAMPLE[3]!)).toEqual(['1 superseded 320-900', 'hedge 1 succeeded 200 620-1020']);
    expect(plotOf(SAMPLE[4]!)).toEqual(['1 held rate-limit 500-1120', '1 succeeded 201 1120-1750']);
    expect(plotOf(SAMPLE[6]!)).toEqual([
      '1 retried network 1150-1480',
      '1 waiting 1480-1910',
      '2 failed rejected 1910-1910',
    ]);
    expect(plotOf(SAMPLE[8]!)).toEqual(['1 retried 502 1700-1840', '1 waiting 1840-2140', '2 running 2140-']);
  });

  it('have a row for a request that was never sent', () => {
    const request: SampleRequest = {
      at: 5,
      url: URL_OF_ENTRY,
      outcome: 'failure',
      reason: 'rejected',
      total: 0,
      rejected: { gate: 'breaker', error: 'open' },
      sendings: [],
    };

    expect(plotOf(request)).toEqual(['1 failed rejected 5-5']);
    expect(plotOf({ ...request, total: 30, holds: [{ gate: 'breaker', attempt: 1, start: 0, duration: 30 }] })).toEqual(
      ['1 held breaker 5-35', '1 failed rejected 35-35'],
    );
    expect(rowsOfHar(harOf([request]))[0]).toEqual(jasmine.objectContaining({ method: 'GET', url: URL_OF_ENTRY }));
  });

  it('keep no header and no body', () => {
    expect(JSON.stringify(rowsOfHar(harOf(SAMPLE)))).not.toMatch(/secret|not for the page/);
  });

  it('are the entries of a file of another tool, whose pages are those of a browser', () => {
    const pages = [{ id: 'page_1', startedDateTime: FOREIGN.startedDateTime, title: 'A shop' }];
    const [row, ...others] = rowsOfHar(foreignHar(FOREIGN, { pages }));

    expect(others).toEqual([]);
    expect([row?.url, row?.state, ...row!.bars.map(plot)]).toEqual([URL_OF_ENTRY, 'succeeded', '1 succeeded 200 0-80']);
  });

  for (const [what, fields] of Object.entries({
    'without timings': { timings: undefined, time: undefined },
    'with times of -1': { time: -1, timings: { blocked: -1, send: -1, wait: -1, receive: -1 } },
    'with times that are no numbers': { time: NaN, timings: { blocked: null, wait: 'x', receive: undefined } },
    'without a date': { startedDateTime: '' },
    'without a response': { response: undefined, _error: 'net::ERR_FAILED' },
    'without a request': { request: undefined },
  })) {
    it(`of an entry ${what} have times that are numbers, and no negative length`, () => {
      const [row] = rowsOfHar(foreignHar({ ...FOREIGN, ...fields }));

      for (const { from, to = from } of row!.bars) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
      }
      expect(row!.end).toBeGreaterThanOrEqual(row!.begin);
    });
  }
});
