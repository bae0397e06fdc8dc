import { asyncScheduler, type Observer } from 'rxjs';

import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { eventLineFormatter } from '../output/event-line-formatter.js';
import { drawWaterfall } from './draw-waterfall.js';
import { definedSize, startNewLine, type Screen } from './screen.js';
import { applyEvent, isRunning, type Waterfall } from './waterfall.js';

/** The environment variables by which a user configures the terminal output of all programs. */
export interface Environment {
  readonly NO_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/** How attempts are shown. */
export interface ShowAttemptsOptions {
  /**
   * The environment, for `NO_COLOR` and `TERM`.
   *
   * @default process.env
   */
  readonly env?: Environment;
  /**
   * Whether the body goes to the same terminal. The waterfall is then erased at the first value, and drawn below the
   * body at the end.
   *
   * @default false
   */
  readonly yieldToBody?: boolean;
}

/** An observer that shows attempts. `complete` leaves the final waterfall on the screen. */
export interface AttemptDisplay extends Observer<AttemptEvent<unknown, HttpAttempt>> {
  /** Prints a line that stays, above a waterfall that is still being drawn. */
  print(line: string): void;
}

/**
 * Shows attempts as they happen: on a terminal as a waterfall redrawn in place, elsewhere as a line per attempt.
 *
 * @see {@link https://no-color.org}
 */
export function showAttempts(screen: Screen, options: ShowAttemptsOptions = {}): AttemptDisplay {
  const env: Environment = options.env ?? process.env;
  return screen.isTTY === true && env.TERM !== 'dumb'
    ? showWaterfall(screen, env, options.yieldToBody ?? false)
    : showLines(screen);
}

function showLines(screen: Screen): AttemptDisplay {
  const formatEvent = eventLineFormatter();
  return {
    next: (event) => {
      const line = formatEvent(event);
      if (line !== undefined) screen.write(`${line}\n`);
    },
    error: () => undefined,
    complete: () => undefined,
    print: (line) => screen.write(`${line}\n`),
  };
}

// Short enough for smooth bars, long enough to cost little. Events between two redraws are drawn together.
const REDRAW_INTERVAL_MS = 80;

function showWaterfall(screen: Screen, env: Environment, yieldToBody: boolean): AttemptDisplay {
  const hasColour = (env.NO_COLOR ?? '') === '';
  let waterfall: Waterfall = [];
  let linesOnScreen = 0;
  let redrawTimer: NodeJS.Timeout | undefined;
  let hasYielded = false;
  let isFinished = false;

  const cursorToTop = (): string => (linesOnScreen > 0 ? `\x1b[${linesOnScreen}F` : '');
  const redraw = (isFinal: boolean): void => {
    const columns = definedSize(screen.columns) ?? 80;
    const lines = drawWaterfall(waterfall, asyncScheduler.now(), { columns, hasColour, isFinal });
    // The cursor cannot move above the top of the screen. Until the end, only the last lines that fit are drawn.
    const visible = isFinal ? lines : lines.slice(-Math.max(1, (definedSize(screen.rows) ?? 24) - 1));
    // Each line is cleared as it is written. Clearing everything first would make the screen flicker.
    screen.write(`${cursorToTop()}${visible.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    linesOnScreen = visible.length;
  };
  const erase = (): void => {
    if (linesOnScreen > 0) screen.write(`${cursorToTop()}\x1b[J`);
    linesOnScreen = 0;
  };
  const stopRedrawing = (): void => {
    clearInterval(redrawTimer);
    redrawTimer = undefined;
  };
  const finish = (): void => {
    stopRedrawing();
    if (!isFinished && waterfall.length > 0) {
      if (hasYielded) screen.write(startNewLine(screen));
      redraw(true);
    }
    isFinished = true;
  };

  return {
    next: (event) => {
      if (isFinished) return;
      waterfall = applyEvent(waterfall, event);
      if (!isRunning(waterfall)) {
        stopRedrawing();
        if (yieldToBody) finish();
        else redraw(false);
      } else if (yieldToBody && event.type === 'value') {
        // The body follows. Another redraw would move the cursor up into it and overwrite it.
        hasYielded = true;
        stopRedrawing();
        erase();
      } else if (hasYielded) {
        return;
      } else if (redrawTimer === undefined) {
        redraw(false);
        redrawTimer = setInterval(redraw, REDRAW_INTERVAL_MS, false);
        redrawTimer.unref();
      }
    },
    error: finish,
    complete: finish,
    print: (line) => {
      const isDrawn = linesOnScreen > 0 && !isFinished;
      if (isDrawn) erase();
      screen.write(`${line}\n`);
      if (isDrawn) redraw(false);
    },
  };
}
