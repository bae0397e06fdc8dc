import * as fc from 'fast-check';

import { LatencyCounts, type LatencyReport } from '../../src/simulate/latencies.js';

function reportOf(latencies: readonly number[]): LatencyReport {
  const counts = new LatencyCounts();
  for (const latency of latencies) counts.add(latency);
  return counts.report();
}

describe('The latencies of a simulation', () => {
  it('have percentiles by the nearest rank', () => {
    // https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method
    expect(reportOf([15, 20, 35, 40, 50]).p50).toBe(35);
    expect(reportOf([3, 6, 7, 8, 8, 10, 13, 15, 16, 20])).toEqual({ p50: 8, p90: 16, p99: 20, max: 20 });
    expect(reportOf(Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({
      p50: 50,
      p90: 90,
      p99: 99,
      max: 100,
    });
  });

  it('are NaN if there are none', () => {
    expect(reportOf([])).toEqual({ p50: NaN, p90: NaN, p99: NaN, max: NaN });
  });

  it('keep four digits, and the largest one all', () => {
    expect(reportOf([123.456])).toEqual({ p50: 123.456, p90: 123.456, p99: 123.456, max: 123.456 });
    // Rounded up it would be more than the largest one.
    expect(reportOf([123.456, 200]).p50).toBe(123.5);
    expect(reportOf([0.000123456, 1]).p50).toBe(0.0001235);
    expect(reportOf([1_234_567, 2_000_000]).p50).toBe(1_235_000);
    expect(reportOf([0])).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 });
  });

  it('are those of a sorted list, to four digits, and never above the largest', () => {
    const latency = fc.oneof(fc.nat(50), fc.double({ min: 0, max: 1e7, noNaN: true }));
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (latencies) => {
        const sorted = latencies.toSorted((one, other) => one - other);
        const report = reportOf(latencies);
        for (const percent of [50, 90, 99] as const) {
          const exact = sorted[Math.ceil((percent / 100) * sorted.length - 1e-9) - 1]!;

          expect(report[`p${percent}`]).toBe(Math.min(Number(exact.toPrecision(4)), sorted.at(-1)!));
        }

        expect(report.max).toBe(sorted.at(-1)!);
      }),
    );
  });
});
