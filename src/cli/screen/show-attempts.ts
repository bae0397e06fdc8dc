import { asyncScheduler, type Observer } from 'rxjs';
import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { eventLineFormatter } from '../output/event-line-formatter.js';
import { drawWaterfall } from './draw-waterfall.js';
import { applyEvent, isRunning, type Waterfall } from './waterfall.js';

/** The part of a Node stream that a waterfall needs: `process.stdout` and `process.stderr` fit. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** How many columns or rows a screen has, where it knows: a terminal whose size was never set says 0. */
export function definedSize(cells: number | undefined): number | undefined {
  return cells === 0 ? undefined : cells;
}

/**
 * Moves the cursor to the beginning of a line: of the next one, unless it is there already. Where somebody else has written, nobody knows
 * where they have left it; blanks across the screen end in the next line just where there was something before them.
 */
export function startNewLine(screen: Screen): string {
  const columns = definedSize(screen.columns);
  return columns === undefined ? '\n' : `${' '.repeat(columns)}\r`;
}

/** What a terminal's user asks of all programs. */
export interface Environment {
  readonly NO_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/** Where and how a waterfall is shown. */
export interface ShowAttemptsOptions {
  /** For `NO_COLOR` and `TERM`; default `process.env`. */
  readonly env?: Environment;
  /** Whether the body goes to the same terminal: then the drawing yields to it with the first value, and is drawn below it at the end. */
  readonly yieldToBody?: boolean;
}

/** An observer of attempts; `complete` leaves the whole picture on the screen. */
export interface AttemptDisplay extends Observer<AttemptEvent<unknown, HttpAttempt>> {
  /** Writes a line of its own, which stays. */
  print(line: string): void;
}

/**
 * Shows attempts as they happen: on a terminal as a waterfall redrawn in place, elsewhere as a plain line per attempt.
 *
 * @see {@link https://no-color.org}
 */
export function showAttempts(screen: Screen, options: ShowAttemptsOptions = {}): AttemptDisplay {
  const env: Environment = options.env ?? process.env;
  return screen.isTTY === true && env.TERM !== 'dumb'
    ? liveWaterfall(screen, env, options.yieldToBody ?? false)
    : plainLines(screen);
}

function plainLines(screen: Screen): AttemptDisplay {
  const lineOf = eventLineFormatter();
  return {
    next: (event) => {
      const line = lineOf(event);
      if (line !== undefined) screen.write(`${line}\n`);
    },
    error: () => undefined,
    complete: () => undefined,
    print: (line) => screen.write(`${line}\n`),
  };
}

// Often enough to look alive, seldom enough to cost nothing; a burst of events between two ticks is drawn once.
const REDRAW_INTERVAL_MS = 80;

function liveWaterfall(screen: Screen, env: Environment, yieldToBody: boolean): AttemptDisplay {
  const colour = (env.NO_COLOR ?? '') === '';
  let waterfall: Waterfall = [];
  let linesOnScreen = 0;
  let redrawTimer: NodeJS.Timeout | undefined;
  let hasYielded = false;
  let isFinished = false;

  const cursorToTop = (): string => (linesOnScreen > 0 ? `\x1b[${linesOnScreen}F` : '');
  const redraw = (isFinal: boolean): void => {
    const drawn = drawWaterfall(waterfall, asyncScheduler.now(), { columns: definedSize(screen.columns) ?? 80, colour, final: isFinal });
    // The cursor cannot go up beyond the screen's top: while it runs only what fits is drawn, at the end all of it.
    const shown = isFinal ? drawn : drawn.slice(-Math.max(1, (definedSize(screen.rows) ?? 24) - 1));
    // Each line is cleared as it is written and the rest at the end: clearing all first would flicker.
    screen.write(`${cursorToTop()}${shown.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    linesOnScreen = shown.length;
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
        // From here on the screen is the body's: the next drawing would climb into it.
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
      const drawn = linesOnScreen > 0 && !isFinished;
      if (drawn) erase();
      screen.write(`${line}\n`);
      if (drawn) redraw(false);
    },
  };
}
