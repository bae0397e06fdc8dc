import { toDemoResult } from '../../../src/cli/demo/demo-result.js';
import { formatDemoTable } from '../../../src/cli/demo/demo-table.js';
import { applyEvent } from '../../../src/cli/screen/waterfall.js';
import { EventBuilder } from '../event-builder.js';
import { runAsProcess } from '../run-command.js';

// Compiling the sources takes a process a second or two.
const TIMEOUT_MS = 60_000;

describe('The demo', () => {
  it(
    'shows how requests get through, in plain lines where there is no terminal, and ends with 0',
    async () => {
      const { code, stdout, stderr } = await runAsProcess('demo');
      const lines = stdout.toString();

      expect([code, stderr]).toEqual([0, '']);
      expect(lines).toContain('/report: 503 ');
      expect(lines).toContain('/prices: body cut off ');
      expect(lines).toContain('/weather: timed out after 500 ms ');
      expect(lines).toContain('gave up: the server may have received it, and its method is not idempotent');
      expect(lines).toContain('gave up: --total-timeout leaves no time for another attempt');
      expect(lines).toContain('2 orders arrived, in 3 messages. All went as it should.');
      expect(lines).not.toContain('\x1b');
    },
    TIMEOUT_MS,
  );

  const expected = { attempts: 2, outcome: '200', body: { from: 'mirror' } };

  it('compares what came with what was expected', () => {
    const request = new EventBuilder();
    const [cascade] = [
      request.start(0),
      request.retry(5, 503, 100),
      request.start(105),
      request.value(5, new Response('')),
      request.success(10),
    ].reduce(applyEvent, []);

    const good = { label: 'GET /x', attempts: 2, outcome: '200', total: 115, body: '{"from":"mirror"}' };
    expect(toDemoResult({ label: 'GET /x', expected }, cascade, { from: 'mirror' })).toEqual(good);
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

  it('ends with a table that fits the screen', () => {
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
