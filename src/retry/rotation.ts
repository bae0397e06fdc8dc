import { oneOf, type OptionRule } from '../util/option-rule.js';

/** What comes after the last item: `cycle` starts over, `hold` stays on it. */
export type Rotation = 'cycle' | 'hold';

/** What a rotation must be. */
export const ROTATION: OptionRule = oneOf('cycle', 'hold');
