import { createReadStream, type ReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { NEVER, of, throwError } from 'rxjs';

import { constant, HttpNetworkError, RetryClient } from '../../src/index.js';
import { failureOf, only, settled } from '../support/settled.js';

const here = fileURLToPath(import.meta.url);
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('A file that a body factory opened', () => {
  const opened: ReadStream[] = [];
  const file = (): ReadStream => {
    const stream = createReadStream(fileURLToPath(import.meta.url));
    opened.push(stream);
    return stream;
  };
  const allClosed = async (): Promise<boolean> => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return opened.splice(0).every(({ destroyed }) => destroyed);
  };
  const url = 'http://a.test/';
  const strategy = { attempts: 3, backoff: constant(0) };

  it('is closed when an interceptor answers without sending', async () => {
    await only(new RetryClient({ interceptors: [() => of(new Response())] }).put(url, file));
    expect(await allClosed()).toBeTrue();
  });

  it('is closed in each attempt when an interceptor fails before it sends', async () => {
    await failureOf(
      new RetryClient({
        strategy,
        interceptors: [({ attempt }) => throwError(() => new HttpNetworkError({ attempt }))],
      }).put(url, file),
    );
    expect(opened.length).toBe(3);
    expect(await allClosed()).toBeTrue();
  });

  it('is closed when an interceptor times out', async () => {
    await failureOf(
      new RetryClient({ strategy: { attempts: 1 }, timeout: 20, interceptors: [() => NEVER] }).put(url, file),
    );
    expect(await allClosed()).toBeTrue();
  });

  it('is closed when the request is unsubscribed before it was sent', async () => {
    new RetryClient({ interceptors: [() => NEVER] }).put(url, file).subscribe().unsubscribe();
    expect(await allClosed()).toBeTrue();
  });

  it('is closed when prepare() of a selector throws', async () => {
    const open = () => ({
      prepare: () => {
        throw new RangeError('of mine');
      },
      select: () => [1],
    });
    expect(await failureOf(new RetryClient().put(url, file, { selector: { open } }))).toEqual(
      new RangeError('of mine'),
    );
    expect(await allClosed()).toBeTrue();
  });

  it('stays open when the caller opened it and it was not sent', async () => {
    const file = createReadStream(fileURLToPath(import.meta.url));
    await settled(new RetryClient({ interceptors: [() => of(new Response())] }).put(url, file));

    expect(file.destroyed).toBeFalse();
    file.destroy();
  });
});

describe('A file as a body', () => {
  it('is closed when the transport rejects without reading it', async () => {
    const file = createReadStream(here);
    const idle = new RetryClient({
      fetch: () => Promise.reject(new RangeError('of the transport')),
      strategy: { backoff: constant(0) },
    });
    await failureOf(idle.put('http://a.test/', file));
    await soon();
    expect(file.destroyed).toBeTrue();
  });
});

describe('A file that cannot be opened', () => {
  it('ends its request with its own error, also when it fails before the transport reads it', async () => {
    const waiting = new RetryClient({
      strategy: { backoff: constant(0) },
      fetch: async (_, { body }) => {
        await soon();
        await new Response(body).text();
        return new Response();
      },
    });
    const error = await failureOf(waiting.put('http://a.test/', () => createReadStream(`${here}.none`)));
    expect((error as NodeJS.ErrnoException).code ?? ((error as Error).cause as NodeJS.ErrnoException).code).toBe(
      'ENOENT',
    );
  });
});
