import { isDeepStrictEqual } from 'node:util';

import type { RequestTimeline } from '../screen/waterfall.js';
import type { SceneRequest } from './demo-scenes.js';

/** The result of a request of the demo. */
export interface DemoResult {
  readonly label: string;
  readonly attempts: number;
  readonly outcome: string;
  /** The time from the first attempt to the end, in ms. */
  readonly total: number;
  /** The body as JSON, or `none`. */
  readonly body: string;
  /** The expected result, if it differs. */
  readonly expected?: string;
}

/** Compares the timeline and body of a request with the expectation of its scene. */
export function toDemoResult(
  { label, expected }: Pick<SceneRequest, 'label' | 'expected'>,
  timeline: RequestTimeline | undefined,
  body: unknown,
): DemoResult {
  const bars = timeline?.bars ?? [];
  const [first] = bars;
  const attempts = bars.length;
  const outcome = bars.at(-1)?.outcome ?? 'never sent';
  const isAsExpected =
    attempts === expected.attempts && outcome === expected.outcome && isDeepStrictEqual(body, expected.body);
  return {
    label,
    attempts,
    outcome,
    total: (timeline?.endedAt ?? 0) - (first?.from ?? 0),
    body: body === undefined ? 'none' : JSON.stringify(body),
    ...(!isAsExpected && { expected: JSON.stringify(expected) }),
  };
}
