import { toDemoResult } from '../../../src/cli/demo/demo-result.js';
import { formatDemoTable } from '../../../src/cli/demo/demo-table.js';
import { applyEvent } from '../../../src/cli/screen/waterfall.js';
import { EventBuilder } from '../event-builder.js';
import { runAsProcess } from '../run-command.js';

// The process compiles the sources, which takes a second or two.
const TIMEOUT_MS = 60_000;

describe('The demo', () => {
  it(
    'shows plain lines without a terminal, and ends with 0',
    async () => {
      const { code, stdout, stderr } = await runAsProcess('demo');
      const lines = stdout.toString();

      expect([code, stderr]).toEqual([0, '']);
      expect(lines).toContain('/report: 503 ');
      expect(lines).toContain('/prices: body cut off ');
      expect(lines).toContain('/weather: timed out after 500 ms ');
      expect(lines).toMatch(/\/search: sent again to \S+\/search after \d+ ms\n.*\/search: 200, answered by \S+ /);
      expect(lines).toContain('gave up: the server may have received it, and its method is not idempotent');
      expect(lines).toContain('gave up: --total-timeout leaves no time for another attempt');
      expect(lines).toContain('2 orders arrived, in 3 attempts. All requests ended as expected.');
      expect(lines).not.toContain('\x1b');
    },
    TIMEOUT_MS,
  );

  const expected = { attempts: 2, outcome: '200', body: { from: 'mirror' } };

  it('compares results with the expected ones', () => {
    const request = new EventBuilder();
    const [cascade] = [
      request.start(0),
      request.retry(5, 503, 100),
      request.start(105),
      request.value(5, new Response('')),
      request.success(10),
    ].reduce(applyEvent, []);

    const expectedResult = { label: 'GET /x', attempts: 2, outcome: '200', total: 115, body: '{"from":"mirror"}' };
    expect(toDemoResult({ label: 'GET /x', expected }, cascade, { from: 'mirror' })).toEqual(expectedResult);
    expect(toDemoResult({ label: 'GET /x', expected }, cascade, { from: 'primary' }).expected).toBe(
      JSON.stringify(expected),
    );
    expect(
      toDemoResult({ label: 'GET /x', expected: { ...expected, attempts: 3 } }, cascade, { from: 'mirror' }).expected,
    ).toContain('3');
    expect(toDemoResult({ label: 'GET /x', expected }, undefined, undefined)).toEqual({
      label: 'GET /x',
      attempts: 0,
      outcome: 'never sent',
      total: 0,
      body: 'none',
      expected: JSON.stringify(expected),
    });
  });

  it('formats a table that fits the screen', () => {
    const results = [
      { label: 'GET /x', attempts: 2, outcome: '200', total: 115, body: '{"from":"mirror"}' },
      { label: 'POST /orders', attempts: 12, outcome: 'connection cut', total: 1500, body: 'none' },
    ];

    expect(formatDemoTable(results, 60).split('\n')).toEqual([
      'request       attempts  outcome          total  body',
      'GET /x               2  200             115 ms  {"from":"mi…',
      'POST /orders        12  connection cut   1.5 s  none',
      '',
    ]);
  });
});
