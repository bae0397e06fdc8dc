import { defer, of, type Subscription, timer } from 'rxjs';

import { constant, RetryClient, retryWithStrategy, whenOnline } from '../../src/index.js';
import { type FakePage, fakePage } from '../support/fake-page.js';
import { collectGarbage, collectUntil, GarbageWatch, heapUsed } from '../support/garbage-collection.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';

/** The time limit of a spec on a busy machine, in ms. */
const PATIENCE = 120_000;

describe('whenOnline in Node', () => {
  it('lets all attempts pass, and is open', async () => {
    const gate = whenOnline();
    const client = new RetryClient({ interceptors: [network(503, 200).interceptor], strategy: { gates: [gate] } });
    const { values } = await settled(client.get('http://a.test/', { strategy: { backoff: constant(0) } }));

    expect(values.map(({ status }) => status)).toEqual([200]);
    expect(gate.snapshot()).toEqual(new Map([['all', { open: true }]]));
  });
});

describe('whenOnline on a page', () => {
  let page: FakePage;

  afterEach(() => {
    page.restore();
  });

  function client(gate = whenOnline({ spread: 0 })): RetryClient {
    return new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates: [gate] } });
  }

  /** Whether the page has no listeners left after its next event. */
  function isForgotten(): boolean {
    page.go(navigator.onLine ? 'offline' : 'online');
    return page.listeners === 0;
  }

  /** Whether an attempt to this URL passes while the page is offline. */
  function passes(url: string): boolean {
    const here = client();
    page.go('offline');
    let passed = false;
    const subscription = here.get(url).subscribe(() => {
      passed = true;
    });
    subscription.unsubscribe();
    return passed;
  }

  it('never holds an attempt to its own origin while a service worker controls the page', () => {
    page = fakePage({ origin: 'https://shop.test', serviceWorker: { controller: {} } });

    expect(passes('https://shop.test/teas')).toBeTrue();
    expect(passes('https://shop.test:444/teas')).toBeFalse();
    expect(passes('http://shop.test/teas')).toBeFalse();
    expect(passes('https://api.shop.test/teas')).toBeFalse();
  });

  it('holds an attempt to its own origin while none does', () => {
    page = fakePage({ origin: 'https://shop.test', serviceWorker: { controller: null } });

    expect(passes('https://shop.test/teas')).toBeFalse();
  });

  it('holds an attempt where the page must not ask for its service worker', () => {
    page = fakePage({
      origin: 'https://shop.test',
      serviceWorker: () => new DOMException('Service worker is disabled: the context is sandboxed', 'SecurityError'),
    });

    expect(passes('https://shop.test/teas')).toBeFalse();
  });

  it(
    'lets 100,000 held attempts in, or go, in linear time',
    async () => {
      page = fakePage();
      const gates = [whenOnline({ spread: 0 })];
      let sent = 0;
      const source$ = defer(() => of((sent += 1)));
      /** How long it takes that a half of so many held attempts leave and the others are sent, in ms. */
      const time = async (count: number): Promise<number> => {
        sent = 0;
        page.go('offline');
        const held = Array.from({ length: count }, () => source$.pipe(retryWithStrategy({ gates })).subscribe());
        const start = performance.now();
        held.slice(count / 2).forEach((subscription) => {
          subscription.unsubscribe();
        });
        page.go('online');
        await settled(timer(1));

        expect(sent).toBe(count / 2);

        return performance.now() - start;
      };
      await time(10_000);
      const tenth = await time(10_000);

      // Ten times as long, and not a hundred times.
      expect(await time(100_000)).toBeLessThan(40 * tenth);
    },
    PATIENCE,
  );

  it(
    'can be collected when nothing uses it any more, and its listeners go with the next event',
    async () => {
      page = fakePage();
      const watched = new GarbageWatch();
      (() => {
        const here = client(watched.watch('gate', whenOnline()));
        page.go('offline');
        here.get('http://a.test/').subscribe().unsubscribe();
        page.go('online');
      })();

      expect(page.listeners).toBe(2);
      expect(await watched.survivors()).toEqual([]);
      expect(await collectUntil(isForgotten)).toBeTrue();
    },
    PATIENCE,
  );

  it(
    'keeps nothing of held requests that were unsubscribed',
    async () => {
      page = fakePage();
      const gates = [whenOnline()];
      const hold = (): Subscription => of('a').pipe(retryWithStrategy({ gates })).subscribe();
      page.go('offline');
      const held = hold();
      const leave = (count: number): void => {
        for (let n = 0; n < count; n += 1) hold().unsubscribe();
      };
      leave(1_000);
      const before = await heapUsed();
      leave(50_000);

      // 20 bytes each are less than any object that is kept.
      expect((await heapUsed()) - before).toBeLessThan(50_000 * 20);

      held.unsubscribe();
    },
    PATIENCE,
  );

  it(
    'is not collected while a request is held, even if nothing else refers to it',
    async () => {
      page = fakePage();
      let done = 0;
      (() => {
        const here = client();
        page.go('offline');
        here.get('http://a.test/').subscribe(() => {
          done += 1;
        });
        here.get('http://a.test/').subscribe().unsubscribe();
      })();
      await collectGarbage();
      await collectGarbage();
      page.go('online');
      await settled(timer(1));

      expect(done).toBe(1);
    },
    PATIENCE,
  );

  it(
    'is not collected while its changes are watched',
    async () => {
      page = fakePage();
      const changes: boolean[] = [];
      const subscription = whenOnline().changes$.subscribe(({ open }) => changes.push(open));
      await collectGarbage();
      await collectGarbage();
      page.go('offline');
      subscription.unsubscribe();

      expect(await collectUntil(isForgotten)).toBeTrue();
      expect(changes).toEqual([false]);
    },
    PATIENCE,
  );
});
