import type { StandardSchema } from '../util/standard-schema.js';
import type { Selector, SelectorFunction } from './selector.js';

/** How a selector makes its one value of the text of a body. */
export type TextFormat = 'text' | { readonly schema: StandardSchema<unknown> | undefined };

/** A selector whose value is made of nothing but the text of the whole body: a copy of that text makes the same. */
interface WholeTextSelector<T> extends SelectorFunction<T> {
  readonly textFormat: TextFormat;
}

/** Marks a selector whose value is made of the text of the whole body. */
export function markTextFormat<T>(selector: SelectorFunction<T>, textFormat: TextFormat): SelectorFunction<T> {
  return Object.assign(selector, { textFormat });
}

/** Returns how a selector makes its value of the text of a body; `undefined` for one that may read anything else. */
export function textFormatOf(selector: Selector<unknown> | undefined): TextFormat | undefined {
  return (selector as Partial<WholeTextSelector<unknown>> | undefined)?.textFormat;
}
