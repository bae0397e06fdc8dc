import * as fc from 'fast-check';
import { asyncScheduler, catchError, concat, EMPTY, tap, timer } from 'rxjs';

import { Latencies } from '../../../src/gates/hedging/latencies.js';
import { hedging } from '../../../src/index.js';
import { inVirtualTime } from '../../support/virtual-time.js';
import { after, type Answer, broken, eu, failing, scene, silence, us } from './hedge-scene.js';

const measured = (latencies: readonly number[], percent: number, time = 0): number | undefined => {
  const measuring = new Latencies();
  for (const latency of latencies) measuring.record(time, latency);
  return measuring.percentile(time, percent);
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('The percentile of latencies', () => {
  it('is absent below 20 of them', () => {
    expect(measured(upTo(19), 95)).toBeUndefined();
    expect(measured(upTo(20), 95)).toBe(19);
  });

  it('is the nearest rank', () => {
    // Of 1, 2, 3 … the rank is the value. In binary floating point 0.07 · 100 is more than 7.
    for (const percent of [1, 7, 14, 28, 29, 50, 55, 56, 57, 58, 95, 99]) {
      expect(measured(upTo(100), percent))
        .withContext(String(percent))
        .toBe(percent);
    }
    expect(measured(upTo(1000), 99.9)).toBe(999);
    expect(measured(upTo(1000), 64.4)).toBe(644);
    expect(measured(upTo(21), 95)).toBe(20);
  });

  it('is that of 1,000 at most: one more has the oldest go, though it is the longest', () => {
    expect(measured([5_000, ...upTo(999)], 99.95)).toBe(5_000);
    expect(measured([5_000, ...upTo(1_000)], 99.95)).toBe(1_000);
  });

  it('is that of the last 1,000, however many there were', () => {
    expect(measured(upTo(4_500), 0.1)).toBe(3_501);
    expect(measured(upTo(4_500), 50)).toBe(4_000);
  });

  it('is that of those of the last 30 s, which are at most 1,000', () => {
    const latencies = new Latencies();
    for (const latency of upTo(20)) latencies.record(0, latency);
    expect(latencies.percentile(30_000, 50)).toBe(10);
    expect(latencies.percentile(30_001, 50)).toBeUndefined();
    for (let time = 0; time < 3000; time += 1) latencies.record(31_000 + time / 1000, time);
    expect(latencies.percentile(31_003, 0.1)).toBe(2000);
    expect(latencies.percentile(31_003, 99.9)).toBe(2998);
  });

  it('is the same as of a sorted list, whatever comes when', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ wait: fc.nat(3000), latency: fc.nat(50) }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 999 }),
        (steps, perMille) => {
          const latencies = new Latencies();
          const all: { time: number; latency: number }[] = [];
          let time = 0;
          for (const { wait, latency } of steps) {
            time += wait;
            latencies.record(time, latency);
            all.push({ time, latency });
            const rest = all
              .filter((sample) => time - sample.time <= 30_000)
              .map((sample) => sample.latency)
              .sort((a, b) => a - b);
            const rank = Math.ceil((perMille * rest.length) / 1000);
            expect(latencies.percentile(time, perMille / 10)).toBe(rest.length < 20 ? undefined : rest[rank - 1]);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("hedging({ after: 'pNN' })", () => {
  interface Options {
    readonly url?: string | readonly string[];
    readonly percentile?: `p${number}`;
    readonly timeout?: number | false;
    readonly wait?: number;
  }

  /** Makes requests one after the other, each to one URL, then one that gets no answer; returns what it sends, and when. */
  function sentAfter(
    warmUp: readonly Answer[],
    { url = [eu, us], percentile = 'p95', timeout = false, wait = 0 }: Options = {},
    requests = warmUp.length,
  ): string[] {
    return inVirtualTime(({ flush }) => {
      const played = scene(...warmUp, silence);
      const client = played.client({ strategy: { hedge: hedging({ after: percentile }), attempts: 1 }, timeout });
      let startedAt = 0;
      concat(
        ...upTo(requests).map(() => client.get(eu).pipe(catchError(() => EMPTY))),
        timer(wait).pipe(
          tap(() => {
            startedAt = asyncScheduler.now();
            played.lines.length = 0;
          }),
        ),
        client.get(url, { totalTimeout: 5000, timeout: false }),
      ).subscribe({ error: () => undefined });
      flush();
      return played.lines
        .filter((line) => line.includes('sent'))
        .map((line) => line.replace(/^\d+/, (time) => String(Number(time) - startedAt)));
    });
  }
  const twenty = (answer: (index: number) => Answer): Answer[] => upTo(20).map(answer);

  it('hedges after that percentile, once there are 20 latencies', () => {
    expect(sentAfter(twenty((index) => after(index)))).toEqual(['0 sent eu', '19 sent us']);
    expect(sentAfter(twenty((index) => after(index)).slice(1))).toEqual(['0 sent eu']);
    expect(
      sentAfter(
        twenty((index) => after(index)),
        { percentile: 'p50' },
      ),
    ).toEqual(['0 sent eu', '10 sent us']);
  });

  it('counts each origin apart', () => {
    expect(
      sentAfter(
        twenty((index) => after(index)),
        { url: [us, eu] },
      ),
    ).toEqual(['0 sent us']);
    expect(
      sentAfter(
        twenty((index) => after(index)),
        { url: [`${eu}other?a`, us] },
      ),
    ).toEqual(['0 sent eu', '19 sent us']);
  });

  it('counts the last 30 s', () => {
    const latencies = twenty((index) => after(index));
    // The oldest of them are 30,000 ms old by then.
    expect(sentAfter(latencies, { wait: 30_100 })).toEqual(['0 sent eu']);
  });

  it('counts timeouts, and no other failure', () => {
    expect(
      sentAfter(
        twenty(() => silence),
        { timeout: 40 },
      ),
    ).toEqual(['0 sent eu', '40 sent us']);
    // Each is sent once more, at once.
    const unavailable = twenty((index) => after(index, 503));
    expect(sentAfter([...unavailable, ...unavailable], {}, 20)).toEqual(['0 sent eu']);
    const breaking = twenty((index) => broken(index));
    expect(sentAfter([...breaking, ...breaking], {}, 20)).toEqual(['0 sent eu']);
    expect(sentAfter(twenty((index) => failing(index, new Error('broken'))))).toEqual(['0 sent eu']);
    expect(sentAfter(twenty((index) => after(index, 404)))).toEqual(['0 sent eu', '19 sent us']);
  });

  it('counts those that another sending superseded, at the time when they were cut', () => {
    // The first 20 have the others hedged after 10 ms. Of these, each is superseded after 30 ms.
    const superseded = upTo(20).flatMap(() => [silence, after(20)]);
    expect(sentAfter([...twenty(() => after(10)), ...superseded], { percentile: 'p70' }, 40)).toEqual([
      '0 sent eu',
      '30 sent us',
    ]);
  });

  it('still sends the next at once when one fails', () => {
    inVirtualTime(({ flush }) => {
      const played = scene(after(3, 503), after(1));
      played
        .client({ strategy: { hedge: hedging({ after: 'p95' }) } })
        .get([eu, us])
        .subscribe();
      flush();
      expect(played.lines).toEqual(['0 sent eu', '3 sent us']);
    });
  });
});
