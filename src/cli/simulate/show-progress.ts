import type { SimulationProgress } from '../../simulate/simulate.js';
import { safeText } from '../../util/safe-text.js';
import { definedSize, type Screen } from '../screen/screen.js';
import type { Environment } from '../screen/show-attempts.js';

/** A line that shows how far a simulation has got. */
export interface ProgressLine {
  show(progress: SimulationProgress): void;
  /** Leaves the screen as it was. */
  clear(): void;
}

const BAR_CELLS = 20;

/** Formats progress: the strategy, a bar over all strategies, and the virtual time of this one. */
export function formatProgress({ strategy, at, part }: SimulationProgress): string {
  const full = Math.round(Math.min(1, part) * BAR_CELLS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
  const percent = `${Math.floor(Math.min(1, part) * 100)} %`;
  return `${bar} ${percent.padStart(5)}  ${Math.floor(at / 1_000)} s of ${safeText(strategy)}`;
}

/** Shows progress in one line of a terminal. Elsewhere nothing is shown: a log would be filled with it. */
export function showProgress(screen: Screen, env: Environment): ProgressLine {
  if (screen.isTTY !== true || env.TERM === 'dumb') return { show: () => undefined, clear: () => undefined };
  let isShown = false;
  return {
    show: (progress) => {
      isShown = true;
      // A longer line would wrap, and the next one could not replace it.
      const width = (definedSize(screen.columns) ?? 80) - 1;
      screen.write(`\r${formatProgress(progress).slice(0, width)}\x1b[K`);
    },
    clear: () => {
      if (isShown) screen.write('\r\x1b[K');
      isShown = false;
    },
  };
}
