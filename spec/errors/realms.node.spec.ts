import { createContext, runInContext } from 'node:vm';

import { HttpNetworkError, isHttpError } from '../../src/index.js';

describe('isHttpError(), across realms,', () => {
  it('knows an error of another realm, whose classes are not ours', () => {
    const foreign: unknown = runInContext(
      `class HttpNetworkError extends Error { name = 'HttpNetworkError'; request = { method: 'GET', url: 'http://a.test/' }; attempt = { number: 1 }; }
       new HttpNetworkError('x')`,
      createContext({}),
    );

    expect(foreign instanceof Error).toBeFalse();
    expect(foreign instanceof HttpNetworkError).toBeFalse();
    expect(isHttpError(foreign)).toBeTrue();
  });

  it('knows no other error of another realm', () => {
    const foreign: unknown = runInContext(`new TypeError('x')`, createContext({}));

    expect(isHttpError(foreign)).toBeFalse();
  });

  it('knows an error of another copy of this package', async () => {
    const again = new URL('../../src/errors/http-network-error.js?copy', import.meta.url).href;
    const copy = (await import(again)) as { HttpNetworkError: typeof HttpNetworkError };
    const attempt = {
      number: 1,
      of: 3,
      requestId: 'r',
      startedAt: 0,
      method: 'GET',
      url: 'http://a.test/',
      context: {},
    };
    const error: unknown = new copy.HttpNetworkError({ attempt });

    expect(error instanceof HttpNetworkError).toBeFalse();
    expect(isHttpError(error)).toBeTrue();
  });
});
