import { oneOf, type OptionRule } from '../util/option-rule.js';

/** What follows the last item: `cycle` starts over, `hold` stays on it. */
export type Rotation = 'cycle' | 'hold';

/** The rule for a rotation. */
export const ROTATION: OptionRule = oneOf('cycle', 'hold');
