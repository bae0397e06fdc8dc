import { of, Subject, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inOwnRequest, openHoldContext, sharedTimer } from '../../src/util/request-context.js';

/** Replaces the navigator while `work` runs: workerd is told by its user agent. */
async function inWorkerd<T>(work: () => T): Promise<Awaited<T>> {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    value: { userAgent: 'Cloudflare-Workers' },
  });
  try {
    return await work();
  } finally {
    if (original) Object.defineProperty(globalThis, 'navigator', original);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}

describe('A timer of a gate', () => {
  it('is a timer of RxJS everywhere but in workerd, where code may run in any context', () => {
    const scheduler = new TestScheduler(() => undefined);
    const fired: number[] = [];
    scheduler.run(({ flush }) => {
      sharedTimer(50, () => fired.push(scheduler.now()));
      sharedTimer(60, () => fired.push(scheduler.now())).unsubscribe();
      flush();
    });

    expect(fired).toEqual([50]);
    expect(openHoldContext()).toBeUndefined();
  });

  it('starts nothing in workerd by itself: those who are held wait for it, each in its own request', () =>
    inWorkerd(() => {
      const scheduler = new TestScheduler(() => undefined);
      const fired: string[] = [];
      scheduler.run(({ flush }) => {
        sharedTimer(50, () => fired.push(`held for ${scheduler.now()}`));
        sharedTimer(70, () => fired.push('never')).unsubscribe();
        flush();
        expect(fired).toEqual([]);

        const [first, second] = [openHoldContext()!, openHoldContext()!];
        // The request that came first ends, and its timers with it.
        first.end();
        sharedTimer(100, () => {
          second.end();
        });
        flush();
      });

      expect(fired.length).toBe(1);
      expect(scheduler).toBeInstanceOf(VirtualTimeScheduler);
    }));
});

describe('What is held in workerd', () => {
  it('goes on by a promise, which belongs to its request, and only once', () =>
    inWorkerd(async () => {
      const context = openHoldContext()!;
      const done: string[] = [];
      context.proceed(() => done.push('first'));
      context.proceed(() => done.push('second'));
      context.end();

      expect(done).toEqual([]);
      await Promise.resolve();
      await Promise.resolve();
      expect(done).toEqual(['first']);
    }));
});

describe('A result that several requests wait for', () => {
  it('is what it is everywhere but in workerd, where it comes by a promise, which belongs to its request', async () => {
    const result$ = of('token');
    expect(inOwnRequest(result$)).toBe(result$);

    const shared$ = new Subject<string>();
    const seen: string[] = [];
    await inWorkerd(async () => {
      inOwnRequest(shared$).subscribe((token) => seen.push(token));
      shared$.next('token');
      shared$.complete();
      expect(seen).toEqual([]);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    });

    expect(seen).toEqual(['token']);
  });
});
