import { asyncScheduler, type Observer } from 'rxjs';
import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { eventLines } from '../output/event-line-formatter.js';
import { draw } from './draw-waterfall.js';
import { follow, isRunning, type Waterfall } from './waterfall.js';

/** The part of a Node stream that a waterfall needs: `process.stdout` and `process.stderr` fit. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** How many columns or rows a screen has, where it knows: a terminal whose size was never set says 0. */
export function known(cells: number | undefined): number | undefined {
  return cells === 0 ? undefined : cells;
}

/**
 * Moves the cursor to the beginning of a line: of the next one, unless it is there already. Where somebody else has written, nobody knows
 * where they have left it; blanks across the screen end in the next line just where there was something before them.
 */
export function freshLine(screen: Screen): string {
  const columns = known(screen.columns);
  return columns === undefined ? '\n' : `${' '.repeat(columns)}\r`;
}

/** What a terminal's user asks of all programs. */
export interface Environment {
  readonly NO_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/** Where and how a waterfall is shown. */
export interface TerminalOptions {
  /** For `NO_COLOR` and `TERM`; default `process.env`. */
  readonly env?: Environment;
  /** Whether the body goes to the same terminal: then the drawing yields to it with the first value, and is drawn below it at the end. */
  readonly yieldToBody?: boolean;
}

/** An observer of attempts; `complete` leaves the whole picture on the screen. */
export interface AttemptObserver extends Observer<AttemptEvent<unknown, HttpAttempt>> {
  /** Writes a line of its own, which stays. */
  print(line: string): void;
}

/**
 * Shows attempts as they happen: on a terminal as a waterfall redrawn in place, elsewhere as a plain line per attempt.
 *
 * @see {@link https://no-color.org}
 */
export function showAttempts(screen: Screen, options: TerminalOptions = {}): AttemptObserver {
  const env: Environment = options.env ?? process.env;
  return screen.isTTY === true && env.TERM !== 'dumb'
    ? liveWaterfall(screen, env, options.yieldToBody ?? false)
    : plainLines(screen);
}

function plainLines(screen: Screen): AttemptObserver {
  const lineOf = eventLines();
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
const tickMs = 80;

function liveWaterfall(screen: Screen, env: Environment, yieldToBody: boolean): AttemptObserver {
  const colour = (env.NO_COLOR ?? '') === '';
  let waterfall: Waterfall = [];
  let linesOnScreen = 0;
  let ticking: NodeJS.Timeout | undefined;
  let yielded = false;
  let finished = false;

  const up = (): string => (linesOnScreen > 0 ? `\x1b[${linesOnScreen}F` : '');
  const redraw = (whole: boolean): void => {
    const drawn = draw(waterfall, asyncScheduler.now(), { columns: known(screen.columns) ?? 80, colour, final: whole });
    // The cursor cannot go up beyond the screen's top: while it runs only what fits is drawn, at the end all of it.
    const shown = whole ? drawn : drawn.slice(-Math.max(1, (known(screen.rows) ?? 24) - 1));
    // Each line is cleared as it is written and the rest at the end: clearing all first would flicker.
    screen.write(`${up()}${shown.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    linesOnScreen = shown.length;
  };
  const erase = (): void => {
    if (linesOnScreen > 0) screen.write(`${up()}\x1b[J`);
    linesOnScreen = 0;
  };
  const stop = (): void => {
    clearInterval(ticking);
    ticking = undefined;
  };
  const finish = (): void => {
    stop();
    if (!finished && waterfall.length > 0) {
      if (yielded) screen.write(freshLine(screen));
      redraw(true);
    }
    finished = true;
  };

  return {
    next: (event) => {
      if (finished) return;
      waterfall = follow(waterfall, event);
      if (!isRunning(waterfall)) {
        stop();
        if (yieldToBody) finish();
        else redraw(false);
      } else if (yieldToBody && event.type === 'value') {
        // From here on the screen is the body's: the next drawing would climb into it.
        yielded = true;
        stop();
        erase();
      } else if (yielded) {
        return;
      } else if (ticking === undefined) {
        redraw(false);
        ticking = setInterval(redraw, tickMs, false);
        ticking.unref();
      }
    },
    error: finish,
    complete: finish,
    print: (line) => {
      const drawn = linesOnScreen > 0 && !finished;
      if (drawn) erase();
      screen.write(`${line}\n`);
      if (drawn) redraw(false);
    },
  };
}
