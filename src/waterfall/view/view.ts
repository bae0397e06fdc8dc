import type { Row } from '../row.js';
import { addElement } from './add-element.js';
import { createAxis } from './axis.js';
import { moveByKeyboard } from './keyboard.js';
import { createRowsInView, type Item } from './rows-in-view.js';
import { createTexts } from './texts.js';
import { createTip } from './tip.js';

/** The picture in an element. */
export interface View {
  /** Draws in the next frame. */
  changed(): void;
  /** Removes everything that was added. */
  remove(): void;
}

/**
 * The parts of a view. The source text of each, and of `createView`, is also the script of a page. So it can use
 * nothing from outside itself but its arguments and what a browser has, not even another part: bundlers rename them.
 * And no syntax that a build for older browsers replaces by a call of a helper: no class, and no spread of objects.
 */
export const VIEW_PARTS: readonly [
  typeof addElement,
  typeof createTexts,
  typeof createAxis,
  typeof createRowsInView,
  typeof createTip,
  typeof moveByKeyboard,
] = [addElement, createTexts, createAxis, createRowsInView, createTip, moveByKeyboard];

/**
 * Draws rows into an element, in a shadow tree of its own.
 *
 * @param parts - `VIEW_PARTS`
 * @param source - returns the rows of now
 * @param isLive - whether there will be more, so that it can follow and pause
 */
export function createView(
  [add, texts, axis, rowsInView, tip, keyboard]: typeof VIEW_PARTS,
  parent: Element,
  css: string,
  source: () => readonly Row[],
  isLive: boolean,
  isFollowing: boolean,
): View {
  // The element may be of another window.
  const win = parent.ownerDocument.defaultView ?? window;
  const host = add(parent, 'rxjs-retry-client-waterfall');
  const shadow = host.attachShadow({ mode: 'open' });
  // A content security policy may forbid style elements.
  const sheet = new win.CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  const tools = add(shadow, 'tools');
  const count = add(tools, '', '', '', 'b');
  const addToggle = (text: string, isOn: boolean, change: (isOn: boolean) => void): ((isOn: boolean) => void) => {
    const button = add(tools, '', text, '', 'button');
    const set = (to: boolean): void => {
      button.ariaPressed = `${to}`;
      change(to);
    };
    button.hidden = !isLive;
    button.addEventListener('click', () => {
      set(button.ariaPressed === 'false');
      schedule();
    });
    set(isOn);
    return set;
  };
  const follow = addToggle('Follow', isFollowing, (to) => {
    isFollowing = to;
  });
  let isPaused: boolean;
  addToggle('Pause', false, (to) => {
    isPaused = to;
  });
  const scroller = add(shadow, 'scroller');
  const grid = add(scroller, 'grid', '', 'grid');
  grid.tabIndex = -1;
  grid.ariaLabel = 'Requests';
  const head = add(add(grid, 'top', '', 'rowgroup'), 'row', '', 'row');
  add(head, 'name', 'Request', 'columnheader');
  add(head, 'result', 'Result', 'columnheader');
  const track = add(head, 'track', '', 'columnheader');
  const body = add(grid, '', '', 'rowgroup');
  const legend = add(shadow, 'legend');
  for (const state of ['running', 'succeeded', 'retried', 'failed', 'cancelled', 'hedge', 'waiting', 'held']) {
    add(add(legend, '', state, '', 'span'), `bar ${state}`, '', '', 'i');
  }

  /** Those in view. */
  const items = new Map<string, Item>();
  const words = texts();
  const drawAxis = axis(add, grid, track, words);
  const drawRows = rowsInView(add, grid, body, words, items);
  const removeTip = tip(add, shadow, body, words, items);
  let rows: readonly Row[] = [];
  let now = 0;
  /** Where we, or the reader, scrolled to. */
  let top = 0;
  /** A row in view, and its place. */
  let anchor = '';
  let anchorAt = 0;
  /** When it was drawn last, and what that cost, in ms. */
  let painted = 0;
  let cost = 0;
  let frame = 0;
  let timer = 0;

  const schedule = (): void => {
    frame ||= win.requestAnimationFrame(paint);
  };
  /** At most ten times a second, and for a thirtieth of the time: the rest is for the app. */
  const scheduleNext = (): void => {
    timer ||= win.setTimeout(schedule, painted + Math.max(100, 30 * cost) - Date.now());
  };

  const paint = (): void => {
    win.clearTimeout(timer);
    frame = timer = 0;
    painted = Date.now();
    if (!isPaused) {
      rows = source();
      now = isLive ? painted : 0;
    }
    // Before anything is changed, so that the browser need not lay out twice.
    const rowHeight = (body.firstElementChild as HTMLElement | null)?.offsetHeight ?? 32;
    const inView = Math.ceil(scroller.clientHeight / rowHeight) + 1;
    const width = track.clientWidth;
    // Where rows above have gone, those in view stay where they are.
    const moved = rows.findIndex(({ id }) => id === anchor);
    if (moved >= 0) top += (moved - anchorAt) * rowHeight;
    const first = Math.max(0, isFollowing ? rows.length - inView : Math.floor(top / rowHeight) - 1);
    const running = rows.filter(({ end }) => end === undefined).length;
    const failed = rows.filter(({ state }) => state === 'failed').length;
    count.textContent = `${rows.length} requests, ${running} under way, ${failed} failed`;
    body.style.cssText = `height:${rows.length * rowHeight}px;padding-top:${first * rowHeight}px`;
    grid.ariaRowCount = `${rows.length + 1}`;
    drawRows(rows.slice(first, first + inView + 1), first);
    drawAxis(items.values(), now, width, isLive && running > 0);
    scroller.scrollTop = isFollowing ? scroller.scrollHeight : top;
    anchorAt = Math.min(first + 1, rows.length - 1);
    anchor = rows[anchorAt]?.id ?? '';
    // It also makes the browser lay out what was changed, which is a part of the cost.
    top = scroller.scrollTop;
    cost = Date.now() - painted;
    if (isLive && running && !isPaused) scheduleNext();
  };

  keyboard(grid, body, (isToEnd) => {
    scroller.scrollTop = isToEnd ? 1e9 : 0;
    top = scroller.scrollTop;
    follow(false);
    paint();
  });
  body.addEventListener('focusin', () => {
    // Whoever reads a row does not want it to move away.
    follow(false);
  });
  scroller.addEventListener('scroll', () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const isAtEnd = scrollTop + clientHeight > scrollHeight - 4;
    // By the direction: while rows come, the end that we scrolled to may be none any more when the event arrives.
    if (isAtEnd ? scrollTop > top : scrollTop < top) follow(isAtEnd);
    top = scrollTop;
    schedule();
  });
  // It ends with its element.
  new win.ResizeObserver(schedule).observe(scroller);
  schedule();
  return {
    changed: scheduleNext,
    remove: () => {
      win.cancelAnimationFrame(frame);
      win.clearTimeout(timer);
      // Whatever is scheduled from now on draws nothing.
      frame = timer = -1;
      removeTip();
      host.remove();
    },
  };
}
