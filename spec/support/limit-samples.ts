import type { AdaptiveLimit, LimitSample } from '../../src/index.js';

/** A sample: the round trip in ms, the number in flight, and whether it was dropped. */
export type Sample = readonly [rtt: number, inflight: number, dropped?: boolean];

/** Returns the limit at the start, and after each of these samples; fractions are cut off. */
export function limitsAfter<State>(algorithm: AdaptiveLimit<State>, ...samples: readonly Sample[]): number[] {
  return statesAfter(algorithm, ...samples).map((state) => Math.trunc(algorithm.limit(state)));
}

/** Returns the state at the start, and after each of these samples. */
export function statesAfter<State>(algorithm: AdaptiveLimit<State>, ...samples: readonly Sample[]): State[] {
  const states = [algorithm.initial];
  for (const [rtt, inflight, dropped = false] of samples) {
    const sample: LimitSample = { rtt, inflight, dropped };
    states.push(algorithm.update(states.at(-1) as State, sample));
  }
  return states;
}

/** Returns the limit after the same sample so many times. */
export function limitAfterMany<State>(algorithm: AdaptiveLimit<State>, count: number, sample: Sample): number {
  return limitsAfter(algorithm, ...Array.from({ length: count }, () => sample)).at(-1) as number;
}
