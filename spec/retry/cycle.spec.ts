import { concat, concatMap, defer, EMPTY, NEVER, of, take, throwError } from 'rxjs';

import { constant, cycle, retryWithStrategy } from '../../src/index.js';
import { TargetRotation } from '../../src/retry/target-rotation.js';
import { formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

describe('cycle', () => {
  it('emits one item a subscription, the next one each time, and completes', () => {
    const items = cycle(['a', 'b', 'c']);
    expect(
      [1, 2, 3].map(() => watch(items, (item) => item, []).lines.map((line) => line.replace(/^\d+ /, ''))),
    ).toEqual([
      ['a', 'complete'],
      ['b', 'complete'],
      ['c', 'complete'],
    ]);
  });

  marbles('starts over after the last item', ({ expectObservable }) => {
    const items = cycle(['a', 'b']);
    expectObservable(concat(items, items, items, items, items)).toBe('(ababa|)');
  });

  marbles('stays on the last item if told to hold', ({ expectObservable }) => {
    const items = cycle(['a', 'b'], 'hold');
    expectObservable(concat(items, items, items, items)).toBe('(abbb|)');
  });

  marbles('starts over if told so in words', ({ expectObservable }) => {
    const items = cycle(['a', 'b'], 'cycle');
    expectObservable(concat(items, items, items)).toBe('(aba|)');
  });

  marbles('emits a lone item every time, whatever the rotation', ({ expectObservable }) => {
    const [cycling, holding] = [cycle(['a']), cycle(['a'], 'hold')];
    expectObservable(concat(cycling, cycling)).toBe('(aa|)');
    expectObservable(concat(holding, holding)).toBe('(aa|)');
  });

  marbles('takes no turn until it is subscribed to', ({ expectObservable }) => {
    const items = cycle(['a', 'b']);
    void items.pipe(concatMap(() => NEVER));
    expectObservable(items).toBe('(a|)');
  });

  marbles('goes on even where the subscriber leaves with the item', ({ expectObservable }) => {
    const items = cycle(['a', 'b', 'c']);
    const first = items.pipe(take(1));
    expectObservable(concat(first, first, items)).toBe('(abc|)');
  });

  marbles('shares no turn with another cycle over the same items', ({ expectObservable }) => {
    const array = ['a', 'b'];
    const [one, other] = [cycle(array), cycle(array)];
    expectObservable(concat(one, one, other, one, other)).toBe('(abaab|)');
  });

  it('emits any item as it is, an Observable or undefined too', () => {
    const seen: unknown[] = [];
    const items = cycle([undefined, EMPTY, null]);
    concat(items, items, items).subscribe({ next: (item) => seen.push(item), error: fail });
    expect(seen).toEqual([undefined, EMPTY, null]);
    expect(seen[1]).toBe(EMPTY);
  });

  marbles('leaves its array alone', ({ expectObservable }) => {
    const items = cycle(Object.freeze(['a', 'b']));
    expectObservable(concat(items, items, items)).toBe('(aba|)');
  });

  it('refuses an empty list and a rotation that it does not know, at once', () => {
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

  it('is failover once it is sent and retried: each attempt goes to the next item', () => {
    const lines = inVirtualTime(({ flush }) => {
      const send = (url: string) =>
        url === 'asia' ? of(`hello from ${url}`) : throwError(() => new Error(`${url} is down`));
      const request = defer(() =>
        cycle(['eu', 'us', 'asia']).pipe(
          concatMap(send),
          retryWithStrategy({ attempts: 5, backoff: constant(10) }, { observe: 'attempts' }),
        ),
      );
      const diary = watch(request, formatEvent);
      flush();
      return diary.lines;
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

  it('is failover anew for every subscription of a deferred request', () => {
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

describe('The items of cycle, where one is left out for good,', () => {
  /** Takes so many turns, leaves one item out, and takes four more. */
  function turns(rotation: 'cycle' | 'hold', before: number, out: string): string {
    const items = new TargetRotation(['a', 'b', 'c'], rotation);
    const taken: string[] = [];
    const take = (): void => {
      items.nextPerSubscription((item) => of(item)).subscribe((item) => taken.push(item));
    };
    for (let turn = 0; turn < before; turn += 1) take();
    items.remove(out);
    for (let turn = 0; turn < 4; turn += 1) take();
    return `${taken.slice(0, before).join('')} ${taken.slice(before).join('')}`;
  }

  it('go on with whose turn it is, whether that comes after it or before', () => {
    expect(turns('cycle', 1, 'a')).toBe('a bcbc');
    expect(turns('cycle', 1, 'b')).toBe('a caca');
    expect(turns('cycle', 1, 'c')).toBe('a baba');
    expect(turns('cycle', 2, 'a')).toBe('ab cbcb');
    expect(turns('cycle', 2, 'b')).toBe('ab caca');
  });

  it('start over where it was the last and its turn would be next', () => {
    expect(turns('cycle', 2, 'c')).toBe('ab abab');
    expect(turns('cycle', 3, 'c')).toBe('abc abab');
  });

  it('stay on the last that is left, where they are held', () => {
    expect(turns('hold', 2, 'b')).toBe('ab cccc');
    expect(turns('hold', 3, 'c')).toBe('abc bbbb');
    expect(turns('hold', 4, 'a')).toBe('abcc cccc');
    expect(turns('hold', 1, 'c')).toBe('a bbbb');
  });

  it('are all there still, where it is none of them', () => {
    expect(turns('cycle', 1, 'd')).toBe('a bcab');
  });

  it('are counted, to the last', () => {
    const items = new TargetRotation(['a', 'b'], 'hold');
    expect(items.size).toBe(2);
    items.remove('b');
    items.remove('a');
    expect(items.size).toBe(0);
  });

  it('are passed over once by a skip', () => {
    const items = new TargetRotation(['a', 'b'], 'cycle');
    items.skip();
    expect(items.peek()).toBe('b');
    items.skip();
    expect(items.peek()).toBe('a');
  });
});
