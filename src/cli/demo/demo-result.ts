import { isDeepStrictEqual } from 'node:util';

import type { RequestTimeline } from '../screen/waterfall.js';
import type { SceneRequest } from './demo-scenes.js';

/** How a request of the demo ended. */
export interface DemoResult {
  readonly label: string;
  readonly attempts: number;
  readonly outcome: string;
  /** From the first attempt to the end, in ms. */
  readonly total: number;
  /** The body that came, if one did. */
  readonly body: string;
  /** What it should have been, where it was not. */
  readonly expected?: string;
}

/** What a request came to, measured against what its scene expects. */
export function toDemoResult(
  { label, expected }: Pick<SceneRequest, 'label' | 'expected'>,
  timeline: RequestTimeline | undefined,
  body: unknown,
): DemoResult {
  const bars = timeline?.bars ?? [];
  const [first] = bars;
  const attempts = bars.length;
  const outcome = bars.at(-1)?.outcome ?? 'never sent';
  const good = attempts === expected.attempts && outcome === expected.outcome && isDeepStrictEqual(body, expected.body);
  return {
    label,
    attempts,
    outcome,
    total: (timeline?.endedAt ?? 0) - (first?.from ?? 0),
    body: body === undefined ? 'none' : JSON.stringify(body),
    ...(!good && { expected: JSON.stringify(expected) }),
  };
}
