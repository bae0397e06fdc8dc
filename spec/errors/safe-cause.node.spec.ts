import { inspect } from 'node:util';

import { safeCause } from '../../src/errors/safe-cause.js';

describe('The cause of an error that is shown', () => {
  it('is the same error if that contains no secret', () => {
    const plain = new TypeError('fetch failed', {
      cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    });

    for (const error of [plain, 'text', undefined, null, 7]) expect(safeCause(error)).toBe(error);
  });

  it('is a copy without the input that Node and undici quote, down to the last cause', () => {
    const input = Object.assign(new TypeError('Invalid URL'), {
      code: 'ERR_INVALID_URL',
      input: 'http://me:pa55@a.test:99999/',
    });
    const parser = Object.assign(new Error('Invalid header'), { name: 'HTTPParserError', data: 'set-cookie: pa55' });
    const quoting = new TypeError('request to http://me:pa55@a.test/?sig=pa55 failed', {
      cause: new AggregateError([input, parser]),
    });
    const copy = safeCause(quoting) as Error;

    expect(inspect(copy, { depth: 9 })).not.toContain('pa55');
    expect(copy).toBeInstanceOf(TypeError);
    expect([copy.message, copy.name]).toEqual(['request to http://a.test/?sig=REDACTED failed', 'TypeError']);
    expect(copy.stack).toMatch(/^TypeError: request to http:\/\/a\.test\/.*\n {4}at /);
    expect(inspect(copy, { depth: 9 })).toContain('ERR_INVALID_URL');
    expect(inspect(quoting, { depth: 9 }))
      .withContext('the error itself is never changed')
      .toContain('pa55');
  });

  it('is found though errors lead to themselves, or throw when they are looked at', () => {
    const circle = new AggregateError([], 'http://me:pa55@a.test/');
    circle.errors = [
      circle,
      circle,
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('trap');
          },
        },
      ),
    ];
    circle.cause = circle;

    const copy = safeCause(circle) as Error;
    expect(copy.cause).toBe(copy);
    expect(copy.message).toBe('http://a.test/');
  });
});
