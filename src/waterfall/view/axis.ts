import type { addElement } from './add-element.js';
import type { Item } from './rows-in-view.js';
import type { Texts } from './texts.js';

/**
 * Returns a function that draws the time axis, and puts rows on it. Bars have their times in ms after the begin of
 * their row; the style makes places and widths of them, by `--at` and `--now` of the row and `--span` of the grid.
 *
 * A part of the page's script: it uses nothing but its arguments (`VIEW_PARTS`).
 */
export function createAxis(
  add: typeof addElement,
  grid: HTMLElement,
  axis: HTMLElement,
  texts: Texts,
): (items: Iterable<Item>, now: number, width: number, growsInSteps: boolean) => void {
  let drawn = '';
  /** Rounds up to a number that a reader can add up. */
  const roundUp = (ms: number): number => {
    const power = 10 ** Math.floor(Math.log10(ms));
    return ([1, 1.5, 2, 3, 5, 7.5].find((step) => step * power >= ms) ?? 10) * power;
  };
  return (items, now, width, growsInSteps) => {
    const shown = [...items];
    const from = Math.min(...shown.map(({ row }) => row.begin));
    // A recording of requests under way ends with what is known last.
    const until = Math.max(
      ...shown.map(({ row: { bars, end } }) => end ?? Math.max(now, ...bars.map((bar) => bar.to ?? bar.from + 100))),
    );
    // While a request is under way the axis grows in steps, or every frame would move all bars.
    const span = Math.max(1, growsInSteps ? roundUp(until - from) : (until - from) * 1.01);
    for (const { row, element } of shown) {
      element.style.cssText = `--at:${row.begin - from};--now:${(row.end ?? (now || until)) - row.begin}`;
    }
    if (drawn === (drawn = `${from} ${span} ${width}`) || !shown[0]) return;
    const step = roundUp(span / Math.max(2, width / 90));
    grid.style.cssText = `--span:${span};--tick:${step}`;
    axis.textContent = '';
    for (let time = 0; time < span * 0.97; time += step) {
      // The first says when, and the others how long after that.
      add(axis, '', time ? `+${texts.time(time)}` : texts.clock(from)).style.cssText = `--at:${time}`;
    }
  };
}
