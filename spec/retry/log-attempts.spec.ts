import { NEVER, of, throwError, timer } from 'rxjs';

import {
  type AttemptFields,
  type AttemptLogger,
  constant,
  defineGate,
  HttpNetworkError,
  logAttempts,
  RetryClient,
} from '../../src/index.js';
import { bodiless, network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';

const url = 'http://a.test/x';

/** A logger that collects its lines, each after its level: `warn …`. */
function notes(): AttemptLogger & { readonly lines: string[] } {
  const lines: string[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return { lines, debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
}

describe('logAttempts()', () => {
  it('writes a line for each event, with its level, request id, URL, attempt, outcome and times', async () => {
    const logger = notes();
    const client = new RetryClient({
      strategy: { backoff: constant(0) },
      interceptors: [network(503, 200).interceptor],
    });
    client.attempts$.subscribe(logAttempts(logger));
    await settled(client.get(url));

    const ids = new Set(logger.lines.map((line) => /\[(.+?)\]/.exec(line)?.[1]));
    expect(ids.size).toBe(1);
    expect(logger.lines.map((line) => line.replace(/\[.+?\]/, '[id]').replace(/after \d+ ms/, 'after T'))).toEqual([
      `debug [id] GET ${url} #1/3 starts`,
      `debug [id] GET ${url} #1/3 answered 503 after T`,
      `warn [id] GET ${url} #1/3 failed after T: 503; next in 0 ms`,
      `debug [id] GET ${url} #2/3 starts`,
      `debug [id] GET ${url} #2/3 answered 200 after T`,
      `debug [id] GET ${url} #2/3 emits after T`,
      `info [id] GET ${url} #2/3 succeeded after T`,
    ]);
  });

  it('writes failures as errors with their reason, and cancellations as info', async () => {
    const logger = notes();
    const client = new RetryClient({
      interceptors: [
        ({ attempt }) =>
          attempt.context.left ? NEVER : throwError(() => new HttpNetworkError({ attempt, summary: 'it was cut' })),
      ],
      strategy: { attempts: 1 },
    });
    client.attempts$.subscribe(logAttempts(logger));
    await settled(client.get(url));
    client
      .get(url, { context: { left: true } })
      .subscribe()
      .unsubscribe();

    const [, failure, , cancel] = logger.lines;
    expect(failure).toMatch(/^error .* #1\/1 failed .*attempts.*: it was cut$/);
    expect(cancel).toMatch(/^info .* #1\/1 cancelled after \d+ ms$/);
    expect(logger.lines.length).toBe(4);
  });

  it('writes no limit of attempts when it is Infinity', async () => {
    const logger = notes();
    const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { attempts: Infinity } });
    client.attempts$.subscribe(logAttempts(logger));
    await settled(client.get(url));

    expect(logger.lines[0]).toMatch(/#1 starts$/);
  });

  it('writes any retried error or value without throwing', async () => {
    const logger = notes();
    const thrown: unknown[] = ['a string', undefined, null, { a: 1 }, Symbol('own'), Object.create(null)];
    const client = new RetryClient({
      strategy: { backoff: constant(0), shouldRetry: () => true, attempts: 2 },
      interceptors: [network(200).interceptor],
    });
    const log = logAttempts(logger);
    const failures: unknown[] = [];
    client.attempts$.subscribe((event) => {
      // Caught here, since an unhandled error would end the whole test run in a browser.
      try {
        log.next(event);
      } catch (error) {
        failures.push(error);
      }
    });
    for (const error of thrown) await settled(client.get(url, { selector: () => throwError(() => error) }));
    await settled(client.get(url, { selector: () => [{ pending: true }] }));

    expect(failures).toEqual([]);
    expect(logger.lines.filter((line) => line.startsWith('warn')).length).toBe(thrown.length + 1);
    expect(logger.lines.filter((line) => line.startsWith('error')).length).toBe(thrown.length + 1);
  });

  it('writes "no answer" for a Response.error()', async () => {
    const logger = notes();
    const client = new RetryClient({ strategy: { attempts: 1 }, interceptors: [() => of(Response.error())] });
    client.attempts$.subscribe(logAttempts(logger));
    await settled(client.get(url));

    expect(logger.lines.at(-1)).toMatch(/^error .*: no answer$/);
  });

  it('writes no secrets', async () => {
    const logger = notes();
    const client = new RetryClient({
      headers: { authorization: 's3cret' },
      interceptors: [network(bodiless(503, { 'x-token': 's3cret' }), 503, new Error('down')).interceptor],
      strategy: { backoff: constant(0), errors: [Error] },
    });
    client.attempts$.subscribe(logAttempts(logger));
    await settled(client.put('http://user:s3cret@a.test/', 's3cret', { selector: () => ['s3cret'] }));
    await settled(client.get('http://user:s3cret@a.test:99999/'));

    expect(logger.lines.length).toBeGreaterThan(6);
    expect(logger.lines.join('\n')).not.toContain('s3cret');
  });

  it('writes each event in one line, also when an error’s message has several', async () => {
    const logger = notes();
    const client = new RetryClient({ interceptors: [network(new Error('two\nlines')).interceptor] });
    client.attempts$.subscribe(logAttempts(logger));
    await settled(client.get(url));
    await settled(client.get('http://[x\nis no URL'));

    expect(logger.lines.length).toBeGreaterThan(2);
    for (const line of logger.lines) expect(line).not.toContain('\n');
  });

  it('accepts console as its logger', () => {
    const debug = spyOn(console, 'debug');
    const client = new RetryClient({ interceptors: [network(NEVER).interceptor] });
    client.attempts$.subscribe(logAttempts(console));
    spyOn(console, 'info');
    client.get(url).subscribe().unsubscribe();

    expect(debug).toHaveBeenCalledOnceWith(jasmine.stringContaining(`GET ${url}`));
  });

  describe('with structured: true', () => {
    /** A logger that collects the arguments of its calls: level, fields, message. */
    function calls() {
      const calls: [level: string, fields: AttemptFields, message: string][] = [];
      const note = (level: string) => (fields: AttemptFields, message: string) => {
        calls.push([level, fields, message]);
      };
      return { calls, debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    }

    it('gives each event as fields and its line, with the status of the response from then on', async () => {
      const logger = calls();
      const client = new RetryClient({
        name: 'shop',
        strategy: { backoff: constant(7) },
        interceptors: [network(503, 200).interceptor],
      });
      client.attempts$.subscribe(logAttempts(logger, { structured: true }));
      await settled(client.get(url));

      const id = logger.calls[0]![1].requestId;
      const common = { requestId: id, client: 'shop', method: 'GET', url, of: 3 };
      const ms = jasmine.any(Number) as unknown as number;
      const first = { ...common, attempt: 1 };
      const second = { ...common, attempt: 2 };
      expect(logger.calls.map(([level, fields]) => [level, fields])).toEqual([
        ['debug', { event: 'start', ...first }],
        ['debug', { event: 'response', ...first, status: 503, elapsed: ms }],
        ['warn', { event: 'retry', ...first, status: 503, elapsed: ms, delay: 7 }],
        ['debug', { event: 'start', ...second }],
        ['debug', { event: 'response', ...second, status: 200, elapsed: ms }],
        ['debug', { event: 'value', ...second, status: 200, elapsed: ms }],
        ['info', { event: 'success', ...second, status: 200, elapsed: ms, total: ms }],
      ]);
      expect(logger.calls.at(-1)![2]).toMatch(/^\[.+\] GET http:\/\/a.test\/x #2\/3 succeeded after \d+ ms$/);
    });

    it('has reason, gate, and no fields that an event has not; what it logs is JSON', async () => {
      const logger = calls();
      const shut = defineGate({ name: 'shut', allowsRetry: () => false });
      const client = new RetryClient({
        strategy: { attempts: Infinity, gates: [shut] },
        interceptors: [network(new Error('down')).interceptor],
      });
      client.attempts$.subscribe(logAttempts(logger, { structured: true }));
      await settled(client.get(url, { strategy: { shouldRetry: () => true } }));

      const [level, fields] = logger.calls.at(-1)!;
      expect(level).toBe('error');
      expect(fields).toEqual({
        event: 'failure',
        requestId: fields.requestId,
        method: 'GET',
        url,
        attempt: 1,
        reason: 'rejected',
        gate: 'shut',
        elapsed: jasmine.any(Number) as unknown as number,
        total: jasmine.any(Number) as unknown as number,
      });
      expect(JSON.parse(JSON.stringify(fields))).toEqual(fields);
    });

    it('does not keep the status of one request for another, or of an attempt for the next', async () => {
      const logger = calls();
      const client = new RetryClient({
        strategy: { backoff: constant(0), attempts: 2, shouldRetry: () => true },
        interceptors: [network(503, new Error('down')).interceptor],
      });
      client.attempts$.subscribe(logAttempts(logger, { structured: true }));
      await settled(client.get(url));
      await settled(client.get(url));
      const ends = logger.calls.filter(([, { event }]) => event === 'failure');
      expect(ends.map(([, { status }]) => status)).toEqual([undefined, undefined]);
    });

    it('has no status of the attempt before while a gate holds the next one', async () => {
      const logger = calls();
      const slow = defineGate({ name: 'slow', admit: () => timer(0) });
      const client = new RetryClient({
        strategy: { backoff: constant(0), gates: [slow] },
        interceptors: [network(503, 200).interceptor],
      });
      client.attempts$.subscribe(logAttempts(logger, { structured: true }));
      await settled(client.get(url));
      const holds = logger.calls.filter(([, { event }]) => event === 'hold');
      expect(holds.map(([, { attempt, status }]) => [attempt, status])).toEqual([
        [1, undefined],
        [2, undefined],
      ]);
    });

    it('throws for another option, another type, and a logger without its methods', () => {
      expect(() => logAttempts(console, { structure: true } as never)).toThrowError(
        TypeError,
        'unknown option "structure"; known options: structured',
      );
      expect(() => logAttempts(console, { structured: 1 } as never)).toThrowError(
        TypeError,
        'structured must be true or false, not 1',
      );
      expect(() => logAttempts({} as never, { structured: true })).toThrowError(
        TypeError,
        'logger.debug must be a function, not undefined',
      );
    });
  });
});
