import { config, Observable } from 'rxjs';

import { constant, retryWithStrategy } from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { inVirtualTime } from '../support/virtual-time.js';

describe('retryWithStrategy, when the teardown of a source throws,', () => {
  afterEach(() => {
    config.onUnhandledError = null;
  });

  it('continues, and reports the error through config.onUnhandledError', async () => {
    const reported = new Promise<unknown>((resolve) => {
      config.onUnhandledError = resolve;
    });
    let attempts = 0;
    const lines = inVirtualTime(({ flush }) => {
      const source = new Observable<string>((subscriber) => {
        attempts += 1;
        subscriber.error(new Error('down'));
        return () => {
          if (attempts === 1) throw new Error('teardown');
        };
      });
      const eventLog = watch(source.pipe(retryWithStrategy({ attempts: 2, backoff: constant(5) })));
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual(['5 error: down']);
    expect(String(await reported)).toContain('teardown');
  });
});
