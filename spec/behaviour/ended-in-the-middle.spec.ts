import { EMPTY, finalize, NEVER, of, Subject, switchMap, takeUntil, throwError, timer } from 'rxjs';

import {
  type AttemptEvent,
  constant,
  type Interceptor,
  RetryClient,
  type RequestOptions,
  retryWithStrategy,
  type Transport,
} from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://a.test/';
const answers =
  (...statuses: readonly number[]): Interceptor =>
  ({ attempt }) =>
    of(new Response('{}', { status: statuses[attempt.number - 1] ?? 200 }));

describe('A request that is ended within a synchronous attempt', () => {
  it('by a backoff that closes the client sends nothing more, and emits one failure event', () => {
    inVirtualTime(({ flush }) => {
      const events: string[] = [];
      const client: RetryClient = new RetryClient({
        interceptors: [answers(503, 200)],
        strategy: {
          backoff: () => {
            client.close();
            return 1;
          },
        },
      });
      client.attempts$.subscribe({
        next: ({ type }) => void events.push(type),
        complete: () => void events.push('completed'),
      });
      const { lines } = watch(client.get(url), String);
      flush();
      expect(events).toEqual(['start', 'failure', 'completed']);
      expect(lines).toEqual(['0 error: The client is closed']);
    });
  });

  it('by an interceptor that aborts its signal errors with the signal’s reason, and is not sent', () => {
    const controller = new AbortController();
    let sent = 0;
    const fetch: Transport = () => {
      sent += 1;
      return new Promise(() => undefined);
    };
    const aborting: Interceptor = (request, next) => {
      controller.abort(new Error('enough'));
      return next(request);
    };
    const { lines } = watch(
      new RetryClient({ fetch, interceptors: [aborting] }).get(url, { signal: controller.signal }),
      String,
    );
    expect(sent).toBe(0);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(['error: enough']);
  });

  for (const end of ['close', 'unsubscribe'] as const) {
    it(`by ${end} in its body factory is not sent`, () => {
      let sent = 0;
      const events: AttemptEvent[] = [];
      const client = new RetryClient({
        fetch: () => {
          sent += 1;
          return new Promise(() => undefined);
        },
      });
      client.attempts$.subscribe((event) => events.push(event));
      const left = new Subject<void>();
      client
        .put(url, () => {
          if (end === 'close') client.close();
          else left.next();
          return 'body';
        })
        .pipe(takeUntil(left))
        .subscribe({ error: () => undefined });
      expect(sent).toBe(0);
      expect(events.map(({ type }) => type)).toEqual(['start', end === 'close' ? 'failure' : 'cancel']);
    });
  }

  it('by handlesErrorStatus() of a selector emits nothing more', () => {
    const left = new Subject<void>();
    const events: string[] = [];
    const client = new RetryClient({ interceptors: [answers(404)] });
    client.attempts$.subscribe(({ type }) => void events.push(type));
    const selector = {
      open: () => ({
        handlesErrorStatus: () => {
          left.next();
          return true;
        },
        select: () => of('read'),
      }),
    };
    const { lines } = watch(client.get(url, { selector }).pipe(takeUntil(left)), String);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(['complete']);
    expect(events).toEqual(['start', 'cancel']);
  });

  it('by the teardown of the failed source does not call the backoff', () => {
    const left = new Subject<void>();
    let asked = 0;
    inVirtualTime(({ flush }) => {
      const backoff = (): number => {
        asked += 1;
        return 0;
      };
      const failing = timer(1).pipe(
        switchMap(() => throwError(() => new Error('down'))),
        finalize(() => {
          left.next();
        }),
      );
      watch(failing.pipe(retryWithStrategy({ backoff }), takeUntil(left)), String);
      flush();
    });
    expect(asked).toBe(0);
  });

  it('before its subscription starts leaves no listener, no timer and no attempt', () => {
    const stop = new Subject<void>();
    const signal = new AbortController().signal;
    const added = spyOn(signal, 'addEventListener').and.callThrough();
    let sent = 0;
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        interceptors: [
          () => {
            sent += 1;
            return NEVER;
          },
        ],
        totalTimeout: 50,
      });
      const { lines } = watch(
        of(1).pipe(
          switchMap(() => {
            stop.next();
            return client.get(url, { signal });
          }),
          takeUntil(stop),
        ),
        String,
      );
      flush();
      expect(lines).toEqual(['0 complete']);
    });
    expect(sent).toBe(0);
    expect(added).not.toHaveBeenCalled();
  });
});

describe('An outcome that throws when it is inspected', () => {
  const hostile = new (class extends Error {
    get status(): number {
      throw new TypeError('no status');
    }
  })('down');

  it('does not change the error of retryWithStrategy', () => {
    const { lines } = watch(throwError(() => hostile).pipe(retryWithStrategy({ attempts: 1 })), String);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(['error: down']);
  });

  it('is an error when a listed error class throws in instanceof, and ends the request', () => {
    class Strange extends Error {
      static override [Symbol.hasInstance](): boolean {
        throw new TypeError('strange');
      }
    }
    const client = new RetryClient({ interceptors: [() => throwError(() => new Error('down'))] });
    const { lines } = watch(client.get(url, { strategy: { errors: [Strange] } }), String);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual(['error: strange']);
  });

  it('leaves a non-class in errors refused when it is passed', () => {
    expectRefusal(
      () => new RetryClient({ strategy: { errors: [(() => 1) as never] } }),
      [RangeError],
      'errors[0]',
      'a function',
    );
  });

  it('may be a response of status 0 without a type, which is retried as a network error', () => {
    inVirtualTime(({ flush }) => {
      const bare = { status: 0, headers: new Headers() } as Response;
      const client = new RetryClient({
        interceptors: [({ attempt }) => of(attempt.number === 1 ? bare : new Response(null, { status: 204 }))],
        strategy: { backoff: constant(5) },
      });
      const { lines } = watch(client.get(url), (response) => String(response.status));
      flush();
      expect(lines).toEqual(['5 204', '5 complete']);
    });
  });
});

describe('A transport that replaces the signal of its init', () => {
  it('is aborted by the signal that it got and by its own', () => {
    const own = new AbortController();
    let used: AbortSignal | undefined;
    const fetch: Transport = (_, init) => {
      init.signal = AbortSignal.any([init.signal!, own.signal]);
      used = init.signal;
      return new Promise(() => undefined);
    };
    const subscription = new RetryClient({ fetch }).get(url).subscribe({ error: fail });
    expect(used?.aborted).toBe(false);
    subscription.unsubscribe();
    expect(used?.aborted).toBe(true);
  });
});

describe('getJSON and requests', () => {
  const client = new RetryClient({ interceptors: [() => EMPTY] });

  it('getJSON() refuses options that are not an object', () => {
    for (const options of ['abc', 5, null, [1]]) {
      expectRefusal(() => client.getJSON(url, options as unknown as RequestOptions), [TypeError], 'options');
    }
  });

  it('sends the body of the options for entries without a body of their own', () => {
    const bodies: unknown[] = [];
    const noting = new RetryClient({
      interceptors: [
        ({ body, attempt }) => {
          bodies.push(body);
          return of(new Response(null, { status: attempt.number === 1 ? 503 : 200 }));
        },
      ],
      strategy: { backoff: constant(0) },
    });
    inVirtualTime(({ flush }) => {
      noting
        .requests(
          [
            { method: 'PUT', url },
            { method: 'PUT', url, body: 'own' },
          ],
          { body: 'common' },
        )
        .subscribe();
      flush();
    });
    expect(bodies).toEqual(['common', 'own']);
  });
});
