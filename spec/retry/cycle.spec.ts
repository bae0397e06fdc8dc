import { concat, concatMap, defer, EMPTY, NEVER, of, take, throwError } from 'rxjs';

import { constant, cycle, retryWithStrategy } from '../../src/index.js';
import { TargetRotation } from '../../src/retry/target-rotation.js';
import { formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

describe('cycle()', () => {
  it('emits one item per subscription, the next one each time, and completes', () => {
    const items = cycle(['a', 'b', 'c']);
    expect(
      [1, 2, 3].map(() => watch(items, (item) => item, []).lines.map((line) => line.replace(/^\d+ /, ''))),
    ).toEqual([
      ['a', 'complete'],
      ['b', 'complete'],
      ['c', 'complete'],
    ]);
  });

  marbles('starts again after the last item', ({ expectObservable }) => {
    const items = cycle(['a', 'b']);
    expectObservable(concat(items, items, items, items, items)).toBe('(ababa|)');
  });

  marbles('stays on the last item with rotation hold', ({ expectObservable }) => {
    const items = cycle(['a', 'b'], 'hold');
    expectObservable(concat(items, items, items, items)).toBe('(abbb|)');
  });

  marbles('starts again with rotation cycle', ({ expectObservable }) => {
    const items = cycle(['a', 'b'], 'cycle');
    expectObservable(concat(items, items, items)).toBe('(aba|)');
  });

  marbles('emits a single item every time, with either rotation', ({ expectObservable }) => {
    const [cycling, holding] = [cycle(['a']), cycle(['a'], 'hold')];
    expectObservable(concat(cycling, cycling)).toBe('(aa|)');
    expectObservable(concat(holding, holding)).toBe('(aa|)');
  });

  marbles('does not advance before it is subscribed', ({ expectObservable }) => {
    const items = cycle(['a', 'b']);
    void items.pipe(concatMap(() => NEVER));
    expectObservable(items).toBe('(a|)');
  });

  marbles('advances also when the subscriber unsubscribes at the item', ({ expectObservable }) => {
    const items = cycle(['a', 'b', 'c']);
    const first = items.pipe(take(1));
    expectObservable(concat(first, first, items)).toBe('(abc|)');
  });

  marbles('does not advance with another cycle over the same array', ({ expectObservable }) => {
    const array = ['a', 'b'];
    const [first, second] = [cycle(array), cycle(array)];
    expectObservable(concat(first, first, second, first, second)).toBe('(abaab|)');
  });

  it('emits any item unchanged, also an Observable or undefined', () => {
    const seen: unknown[] = [];
    const items = cycle([undefined, EMPTY, null]);
    concat(items, items, items).subscribe({ next: (item) => seen.push(item), error: fail });
    expect(seen).toEqual([undefined, EMPTY, null]);
    expect(seen[1]).toBe(EMPTY);
  });

  marbles('does not change its array', ({ expectObservable }) => {
    const items = cycle(Object.freeze(['a', 'b']));
    expectObservable(concat(items, items, items)).toBe('(aba|)');
  });

  it('refuses an empty list and an unknown rotation when it is called', () => {
    expectRefusal(() => cycle([]), [TypeError, RangeError]);
    expectRefusal(() => cycle('abc' as unknown as string[]), [TypeError, RangeError]);
    expectRefusal(
      () => cycle(['a'], 'shuffle' as unknown as 'hold'),
      [TypeError, RangeError],
      'rotation',
      'shuffle',
      'cycle',
      'hold',
    );
  });

  it('with retryWithStrategy is failover: each attempt sends to the next item', () => {
    const lines = inVirtualTime(({ flush }) => {
      const send = (url: string) =>
        url === 'asia' ? of(`hello from ${url}`) : throwError(() => new Error(`${url} is down`));
      const request = defer(() =>
        cycle(['eu', 'us', 'asia']).pipe(
          concatMap(send),
          retryWithStrategy({ attempts: 5, backoff: constant(10) }, { observe: 'attempts' }),
        ),
      );
      const eventLog = watch(request, formatEvent);
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual([
      '0 start 1/5',
      '0 retry 1 (error: eu is down) +0 in 10',
      '10 start 2/5',
      '10 retry 2 (error: us is down) +0 in 10',
      '20 start 3/5',
      '20 value 3 hello from asia +0',
      '20 success 3 +0',
      '20 complete',
    ]);
  });

  it('with defer() starts from the first item for each subscription', () => {
    const sent: string[] = [];
    inVirtualTime(({ flush }) => {
      const request = defer(() =>
        cycle(['eu', 'us']).pipe(
          concatMap((url) => {
            sent.push(url);
            return throwError(() => new Error('down'));
          }),
          retryWithStrategy({ attempts: 3, backoff: constant(1) }),
        ),
      );
      watch(request);
      flush();
      watch(request);
      flush();
    });
    expect(sent).toEqual(['eu', 'us', 'eu', 'eu', 'us', 'eu']);
  });
});

describe('TargetRotation, after remove(),', () => {
  /** The items of `before` subscriptions, and of four more after `removed` was removed. */
  function itemsAround(rotation: 'cycle' | 'hold', before: number, removed: string): string {
    const items = new TargetRotation(['a', 'b', 'c'], rotation);
    const taken: string[] = [];
    const take = (): void => {
      items.nextPerSubscription((item) => of(item)).subscribe((item) => taken.push(item));
    };
    for (let turn = 0; turn < before; turn += 1) take();
    items.remove(removed);
    for (let turn = 0; turn < 4; turn += 1) take();
    return `${taken.slice(0, before).join('')} ${taken.slice(before).join('')}`;
  }

  it('continues with the item whose turn it is, before or after the removed one', () => {
    expect(itemsAround('cycle', 1, 'a')).toBe('a bcbc');
    expect(itemsAround('cycle', 1, 'b')).toBe('a caca');
    expect(itemsAround('cycle', 1, 'c')).toBe('a baba');
    expect(itemsAround('cycle', 2, 'a')).toBe('ab cbcb');
    expect(itemsAround('cycle', 2, 'b')).toBe('ab caca');
  });

  it('starts again when the removed item was the last, and next', () => {
    expect(itemsAround('cycle', 2, 'c')).toBe('ab abab');
    expect(itemsAround('cycle', 3, 'c')).toBe('abc abab');
  });

  it('stays on the last remaining item with rotation hold', () => {
    expect(itemsAround('hold', 2, 'b')).toBe('ab cccc');
    expect(itemsAround('hold', 3, 'c')).toBe('abc bbbb');
    expect(itemsAround('hold', 4, 'a')).toBe('abcc cccc');
    expect(itemsAround('hold', 1, 'c')).toBe('a bbbb');
  });

  it('keeps all items when the removed one is none of them', () => {
    expect(itemsAround('cycle', 1, 'd')).toBe('a bcab');
  });

  it('counts the remaining items, down to 0', () => {
    const items = new TargetRotation(['a', 'b'], 'hold');
    expect(items.size).toBe(2);
    items.remove('b');
    items.remove('a');
    expect(items.size).toBe(0);
  });

  it('passes over one item at a skip()', () => {
    const items = new TargetRotation(['a', 'b'], 'cycle');
    items.skip();
    expect(items.peek()).toBe('b');
    items.skip();
    expect(items.peek()).toBe('a');
  });
});
