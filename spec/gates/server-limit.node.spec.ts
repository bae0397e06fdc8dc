import { asyncScheduler, of } from 'rxjs';

import { readRateLimitFields } from '../../src/gates/rate-limit-fields.js';
import { parseReset } from '../../src/gates/reset-time.js';
import { retryWithStrategy, serverLimit } from '../../src/index.js';
import { inVirtualTime } from '../support/virtual-time.js';

const NAMES = [
  'age',
  'date',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-reset-after',
  'x-ratelimit-retry-after',
  'x-rate-limit-remaining',
  'x-rate-limit-reset',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
  'x-ratelimit-remaining-minute',
  'anthropic-ratelimit-requests-remaining',
  'anthropic-ratelimit-requests-reset',
];

const PIECES = [
  ...Array.from('"";;,,== \t:?@%*().-+0123456789rtqwpkuTZ'),
  '"a"',
  ';r=0',
  ';r=1',
  ';t=5',
  ';t=',
  ';q=10',
  ';w=60',
  ';pk=:YQ==:',
  ';qu="requests"',
  'limit=10',
  'remaining=0',
  'reset=5',
  '1372699626',
  '1700000000',
  '1700000000000',
  '2013-07-01',
  'T17:27:16Z',
  'Mon, 01 Jul 2013 17:27:36 GMT',
  '6m0s',
  'ms',
  'NaN',
  'Infinity',
  'ü',
  '\\',
  '99999999999999999999',
];
/** Values that are right: most soup is not. */
const VALUES = [
  '0',
  '1',
  '30',
  '"a";r=0;t=5',
  '"a";r=1;t=5, "b";r=0',
  'limit=5, remaining=0, reset=5',
  '1372699636',
  '12ms',
];

/** A generator of numbers from 0 to 1, with a seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const MAX_DELAY = 31 * 24 * 60 * 60 * 1000;

describe('A million values of header fields', () => {
  const seed = Date.now() % 1_000_000;
  const random = mulberry32(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const value = (): string => {
    if (random() < 0.3) return pick(VALUES);
    let text = '';
    for (let pieces = Math.floor(random() * 8); pieces > 0; pieces -= 1) text += pick(PIECES);
    return text;
  };
  /** A response with five fields. */
  const response = (): { readonly status: number; readonly headers: { get(name: string): string | null } } => {
    const fields = new Map(Array.from({ length: 5 }, () => [pick(NAMES), value()]));
    return { status: pick([200, 429, 503]), headers: { get: (name) => fields.get(name) ?? null } };
  };

  it('never throw, and never say a delay that is negative, or longer than a month', () => {
    let read = 0;
    for (let count = 0; count < 180_000; count += 1) {
      const { retryAfter, policies } = readRateLimitFields(response(), 1_372_699_626_000);
      const delays = [retryAfter, ...[...policies.values()].map(({ resetAfter }) => resetAfter)];
      for (const delay of delays) {
        if (delay === undefined) continue;
        read += 1;
        if (!(delay >= 0 && delay <= MAX_DELAY)) fail(`${String(delay)} ms, with seed ${String(seed)}`);
      }
    }
    expect(read).toBeGreaterThan(10_000);
  });

  it('never hold an attempt for longer than maxWait, and let them in in their order', () => {
    const maxWait = 10_000;
    let held = 0;
    for (let batch = 0; batch < 40; batch += 1) {
      inVirtualTime(({ flush }) => {
        const limit = serverLimit({ maxWait });
        const strategy = { attempts: 1, gates: [limit] };
        const waiting = new Set<number>();
        for (let count = 0; count < 500; count += 1) {
          asyncScheduler.schedule(() => {
            const since = asyncScheduler.now();
            waiting.add(count);
            const { status, headers } = response();
            of({ status, headers, body: null })
              .pipe(retryWithStrategy(strategy))
              .subscribe({
                next: () => {
                  const wait = asyncScheduler.now() - since;
                  if (wait > 0) held += 1;
                  const [first] = waiting;
                  if (first !== count && since !== asyncScheduler.now()) {
                    fail(`out of order, with seed ${String(seed)}`);
                  }
                  waiting.delete(count);
                  if (wait > maxWait) fail(`held for ${String(wait)} ms, with seed ${String(seed)}`);
                },
                error: () => {
                  waiting.delete(count);
                  if (asyncScheduler.now() - since > maxWait) fail(`rejected late, with seed ${String(seed)}`);
                },
              });
          }, random() * 1e6);
        }
        flush();
        expect(limit.snapshot('all').queued).toBe(0);
      });
    }
    expect(held).toBeGreaterThan(100);
  });

  it('never take a date for a delay', () => {
    const now = Date.UTC(2026, 0, 1);
    for (let count = 0; count < 20_000; count += 1) {
      const moment = Math.floor(now + (random() - 0.5) * 1e12);
      const expected = Math.max(0, moment - now);
      const seconds = (moment / 1000).toFixed(3);
      const forms = [seconds, String(moment), `${String(moment)}000`, new Date(moment).toISOString()];
      for (const form of forms) {
        const delay = parseReset(form, now);
        const isRight = expected > MAX_DELAY + 1 ? delay === undefined : Math.abs((delay ?? -1e9) - expected) <= 1;
        if (!isRight) fail(`${form} is ${String(delay)} ms, not ${String(expected)}, with seed ${String(seed)}`);
      }
    }
    expect().nothing();
  });
});
