import { constant, HttpNetworkError, RetryClient, text } from '../../src/index.js';
import { WHOLE } from '../support/hostile-server.js';
import { only, settled } from '../support/settled.js';
import { describeEach } from './describe-each.js';

// Node's http client fails at the surplus bytes, and may then lose bytes before them. Whether it does is a matter of
// chance.
describeEach('An answer longer than its Content-Length', (bench) => {
  const clientOf = () =>
    new RetryClient({ fetch: bench().fetch, timeout: 10_000, strategy: { attempts: 2, backoff: constant(5) } });

  it('reaches a selector with exactly its Content-Length, or fails, but is never shortened', async () => {
    const port = await bench().server.openPort('body-longer-than-content-length');
    for (let n = 0; n < 10; n += 1) {
      const { values, error } = await settled(clientOf().get(port.url, { selector: text() }));
      if (error === undefined) expect(values).toEqual([WHOLE]);
      else expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }));
    }
    await port.quiet();
  });

  it('is read from a Response with exactly its Content-Length, or fails, but is never shortened', async () => {
    const port = await bench().server.openPort('body-longer-than-content-length');
    for (let n = 0; n < 10; n += 1) {
      const response = await only(clientOf().get(port.url));
      const body = await response.text().catch((error: unknown) => error);
      if (!(body instanceof Error)) expect(body).toBe(WHOLE);
    }
    await port.quiet();
  });

  it('is requested once by POST', async () => {
    const port = await bench().server.openPort('body-longer-than-content-length');
    const { values, error } = await settled(clientOf().post(port.url, 'once', { selector: text() }));
    await port.quiet();

    if (error === undefined) expect(values).toEqual([WHOLE]);
    else expect(error).toBeInstanceOf(HttpNetworkError);
    expect(port.requests.length).toBe(1);
  });
});
