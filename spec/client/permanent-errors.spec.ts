import { of, throwError } from 'rxjs';

import {
  constant,
  HttpNetworkError,
  type HttpNetworkErrorDetails,
  type Interceptor,
  RetryClient,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { settled } from '../support/settled.js';

const url = 'http://a.test/';
const noDelay = { backoff: constant(0) };

describe('An error with permanent: true', () => {
  /** The events of a request to two URLs, the first of which fails with these details. */
  const plotOf = async (method: string, details: Omit<HttpNetworkErrorDetails, 'attempt'>): Promise<string[]> => {
    const failing: Interceptor = ({ attempt, url: to }) =>
      to === url ? throwError(() => new HttpNetworkError({ attempt, ...details })) : of(new Response());
    const client = new RetryClient({ interceptors: [failing], strategy: noDelay });
    const events = listen(client.attempts$);
    await settled(client.request(method, [url, 'http://b.test/']));
    return plot(events);
  };

  it('is permanent for its URL only: the next URL is tried', async () => {
    expect(await plotOf('GET', { permanent: true })).toEqual([
      'start 1',
      'retry 1',
      'start 2',
      'response 2',
      'value 2',
      'success 2',
    ]);
  });

  it('does not send a POST to the next URL, unless sent is false', async () => {
    expect(await plotOf('POST', { permanent: true })).toEqual(['start 1', 'failure 1 method']);
    expect(await plotOf('POST', { permanent: true, sent: false })).toEqual([
      'start 1',
      'retry 1',
      'start 2',
      'response 2',
      'value 2',
      'success 2',
    ]);
  });

  it('is retried at the same URL when shouldRetry returns true', async () => {
    const client = new RetryClient({ strategy: { ...noDelay, attempts: 3, shouldRetry: () => true } });
    const events = listen(client.attempts$);
    await settled(client.get('http://'));
    expect(plot(events)).toEqual(['start 1', 'retry 1', 'start 2', 'retry 2', 'start 3', 'failure 3 attempts']);
  });

  it('counts only for the error classes of this package', async () => {
    const marked = Object.assign(new RangeError('of another'), { permanent: true, sent: false });
    const plotted = async (method: string): Promise<string[]> => {
      const client = new RetryClient({
        interceptors: [() => throwError(() => marked)],
        strategy: { ...noDelay, attempts: 2, errors: [RangeError] },
      });
      const events = listen(client.attempts$);
      await settled(client.request(method, url));
      return plot(events);
    };
    expect(await plotted('GET')).toEqual(['start 1', 'retry 1', 'start 2', 'failure 2 attempts']);
    expect(await plotted('POST')).toEqual(['start 1', 'failure 1 method']);
  });
});
