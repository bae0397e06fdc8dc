import { concatMap, EMPTY, map, Observable, of, Subject, take, throwError, timer } from 'rxjs';

import {
  chunks,
  constant,
  each,
  lines,
  type OnDemandSelector,
  type ResumableOnDemandSelector,
  RetryClient,
  type SelectorFunction,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { inPieces, utf8 } from '../support/bodies.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { bodiless, network } from '../support/scripted-network.js';
import { failureOf, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

const url = 'http://a.test/';

/** Creates a client whose server sends numbered lines on demand, and counts the sent ones. */
function numbered(count: number): { readonly client: RetryClient; readonly sent: () => number } {
  let sent = 0;
  function* all(): Generator<Uint8Array<ArrayBuffer>> {
    while (sent < count) yield utf8(`${++sent}\n`);
  }
  return {
    client: new RetryClient({
      interceptors: [network(() => inPieces(all())).interceptor],
      strategy: { backoff: constant(0) },
    }),
    sent: () => sent,
  };
}

describe('each()', () => {
  it('emits the values of each projected Observable, in order', async () => {
    const { client } = numbered(3);
    const selector = each(lines(), (line, index) => of(`${line}a`, `${index}b`));

    expect(await settled(client.get(url, { selector }))).toEqual({ values: ['1a', '0b', '2a', '1b', '3a', '2b'] });
  });

  it('takes any ObservableInput, and one that emits nothing', async () => {
    const { client } = numbered(4);
    const works = [[1, 2], Promise.resolve(3), EMPTY, timer(1).pipe(map(() => 4))];

    expect(await settled(client.get(url, { selector: each(lines(), (_, index) => works[index]!) }))).toEqual({
      values: [1, 2, 3, 4],
    });
  });

  it('reads on only when the projected Observable has completed', async () => {
    const { client, sent } = numbered(100);
    const works: Subject<number>[] = [];
    const emitted: number[] = [];
    const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
    const subscription = client
      .get(url, {
        selector: each(lines(), () => {
          const work = new Subject<number>();
          works.push(work);
          return work;
        }),
      })
      .subscribe((value) => emitted.push(value));

    for (let done = 1; done <= 5; done += 1) {
      await turn();
      expect([works.length, sent()]).toEqual([done, done]);
      works.at(-1)?.next(done);
      await turn();
      expect([works.length, sent(), emitted.length]).toEqual([done, done, done]);
      works.at(-1)?.complete();
    }
    subscription.unsubscribe();
  });

  it('unsubscribes from the projected Observable and reads no more when it is unsubscribed', async () => {
    const { client, sent } = numbered(100);
    let stopped = 0;
    await new Promise<void>((resolve) => {
      const subscription = client
        .get(url, { selector: each(lines(), () => new Observable<never>(() => () => (stopped += 1))) })
        .subscribe();
      setTimeout(() => {
        subscription.unsubscribe();
        resolve();
      }, 5);
    });
    expect(stopped).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sent()).toBe(1);
  });

  it('stops in the middle of a synchronous Observable', async () => {
    const { client, sent } = numbered(100);
    let worked = 0;
    const { values } = await settled(
      client
        .get(url, { selector: each(lines(), () => of(1, 2, 3).pipe(map((value) => (worked += 1) && value))) })
        .pipe(take(2)),
    );

    expect([values, worked, sent()]).toEqual([[1, 2], 2, 1]);
  });

  it('cancels the body if the consumer unsubscribes early', async () => {
    let returned = false;
    const selector: OnDemandSelector<number> = async function* () {
      try {
        for (let n = 0; ; n += 1) yield await Promise.resolve(n);
      } finally {
        returned = true;
      }
    };
    await settled(
      new RetryClient({ interceptors: [network(200).interceptor] })
        .get(url, { selector: each(selector, (n) => [n]) })
        .pipe(take(3)),
    );

    await new Promise((resolve) => setTimeout(resolve));
    expect(returned).toBeTrue();
  });

  it('ends the request with an error of a projected Observable, and does not retry', async () => {
    const bug = new Error('a bug');
    for (const work of [
      () => throwError(() => bug),
      () => Promise.reject(bug),
      () => {
        throw bug;
      },
    ]) {
      const { client } = numbered(3);
      const events = listen(client.attempts$);

      expect(await failureOf(client.get(url, { selector: each(lines(), work) }))).toBe(bug);
      expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 permanent']);
    }
  });

  it('holds back a resumable selector, which still resumes', async () => {
    let opened = 0;
    const selector: ResumableOnDemandSelector<number> = {
      open: () => {
        opened += 1;
        let next = 1;
        return {
          prepare: (request) => ({ ...request, url: `${request.url}?next=${next}` }),
          delay: () => 0,
          async *select(response) {
            for await (const _ of chunks()(response, {} as never)) yield next++;
            if (next < 6) throw Object.assign(new Error('broken'), { name: 'Broken' });
          },
        };
      },
    };
    const pieces = [utf8('x'), utf8('y')];
    const { interceptor, urls } = network(() => inPieces(pieces));
    const client = new RetryClient({
      interceptors: [interceptor],
      strategy: { attempts: 9, errors: [Error], backoff: constant(1e9) },
    });

    expect(await settled(client.get(url, { selector: each(selector, (n) => timer(0).pipe(map(() => n))) }))).toEqual({
      values: [1, 2, 3, 4, 5, 6],
    });
    expect(urls()).toEqual([`${url}?next=1`, `${url}?next=3`, `${url}?next=5`]);
    expect(opened).toBe(1);
  });

  it('throws for a selector whose values are pushed, which cannot be held back', async () => {
    const pushing: SelectorFunction<number> = () => of(1);
    const client = new RetryClient({ interceptors: [network(bodiless(200)).interceptor] });
    const error = await failureOf(
      client.get(url, { selector: each(pushing as unknown as OnDemandSelector<number>, (n) => [n]) }),
    );

    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain('an async iterable');
  });

  it('throws at once for an argument that it cannot use', () => {
    expectRefusal(() => each(lines(), 5 as never), [TypeError], 'project', '5');
    expectRefusal(() => each({} as never, () => EMPTY), [TypeError], 'selector', 'an object');
    expectRefusal(() => each(undefined as never, () => EMPTY), [TypeError], 'selector', 'undefined');
  });
});

describe('each(), over the network', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  it('does not count the time of slow processing towards the timeout', async () => {
    const client = new RetryClient({ timeout: 60, strategy: { attempts: 1 } });
    const selector = each(lines(), (line) => timer(100).pipe(map(() => line)));

    expect(
      await settled(client.get(api.url('slow', { chunks: ['a\n', 'b\n', 'c\n'], chunkDelay: 10 }), { selector })),
    ).toEqual({ values: ['a', 'b', 'c'] });
  });

  it('retries as long as no projected Observable has emitted', async () => {
    const client = new RetryClient({ strategy: { backoff: constant(0) } });
    const steps = [{ chunks: ['a\nb\n'], cut: 'in-body' as const }, { body: 'a\nb\nc' }];

    expect(
      await settled(
        client.get(api.url('silent', steps), { selector: each(lines(), (line) => (line === 'c' ? [line] : [])) }),
      ),
    ).toEqual({ values: ['c'] });
    expect((await api.requests('silent')).length).toBe(2);
  });

  it('emits the same values as concatMap() would', async () => {
    const client = new RetryClient();
    const body = Array.from({ length: 200 }, (_, index) => `${index}\n`).join('');
    const work = (line: string) => timer(0).pipe(map(() => Number(line)));
    const held = await settled(client.get(api.url('held', { body }), { selector: each(lines(), work) }));
    const piped = await settled(client.get(api.url('piped', { body }), { selector: lines() }).pipe(concatMap(work)));

    expect(held).toEqual(piped);
  });
});
