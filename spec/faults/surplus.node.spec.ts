import { constant, HttpNetworkError, RetryClient, text } from '../../src/index.js';
import { WHOLE } from '../support/hostile-server.js';
import { only, settled } from '../support/settled.js';
import { describeEach } from './each-transport.js';

// Node's http client fails at the surplus, and what had come before it may be lost by then: whether it is, is a matter of chance.
describeEach('An answer longer than its Content-Length', (bench) => {
  const clientOf = () =>
    new RetryClient({ fetch: bench().fetch, timeout: 10_000, strategy: { attempts: 2, backoff: constant(5) } });

  it('is handed to a selector as long as was promised, or breaks off: never in part', async () => {
    const place = await bench().server.place('body-longer-than-content-length');
    for (let n = 0; n < 10; n += 1) {
      const { values, error } = await settled(clientOf().get(place.url, { selector: text() }));
      if (error === undefined) expect(values).toEqual([WHOLE]);
      else expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }));
    }
    await place.quiet();
  });

  it('is read from a Response as long as was promised, or fails: never in part', async () => {
    const place = await bench().server.place('body-longer-than-content-length');
    for (let n = 0; n < 10; n += 1) {
      const response = await only(clientOf().get(place.url));
      const body = await response.text().catch((error: unknown) => error);
      if (!(body instanceof Error)) expect(body).toBe(WHOLE);
    }
    await place.quiet();
  });

  it('is asked for once by POST', async () => {
    const place = await bench().server.place('body-longer-than-content-length');
    const { values, error } = await settled(clientOf().post(place.url, 'once', { selector: text() }));
    await place.quiet();

    if (error === undefined) expect(values).toEqual([WHOLE]);
    else expect(error).toBeInstanceOf(HttpNetworkError);
    expect(place.requests.length).toBe(1);
  });
});
