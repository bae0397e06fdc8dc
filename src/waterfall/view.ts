import type { Bar, Row } from './row.js';

/** The picture in an element. */
export interface View {
  /** Draws in the next frame. */
  changed(): void;
  /** Removes everything that was added. */
  remove(): void;
}

/**
 * Draws rows into an element, in a shadow tree of its own.
 *
 * Its source text is also the script of a page. So it can use nothing from outside itself but what a browser has, and
 * no syntax that a build for older browsers replaces by a call of a helper: no class, and no spread of objects.
 *
 * @param source - returns the rows of now
 * @param isLive - whether there will be more, so that it can follow and pause
 */
export function createView(
  parent: Element,
  css: string,
  source: () => readonly Row[],
  isLive: boolean,
  isFollowing: boolean,
): View {
  const root = parent.ownerDocument;
  const win = root.defaultView ?? window;
  /** Never by HTML: texts come from servers. */
  const make = (to: Node, className: string, text = '', role = '', tag = 'div'): HTMLElement => {
    const element = root.createElement(tag);
    element.className = className;
    element.textContent = text;
    if (role) element.setAttribute('role', role);
    return to.appendChild(element);
  };
  const setText = (element: Element, text: string): void => {
    if (element.textContent !== text) element.textContent = text;
  };
  const label = (element: Element, text: string): void => {
    element.setAttribute('aria-label', text);
  };

  const formatTime = (ms: number): string => {
    const seconds = Math.round(ms / 1_000);
    return ms < 999.5
      ? `${Math.round(ms)} ms`
      : seconds < 60
        ? `${(ms / 1_000).toFixed(1)} s`
        : seconds < 3_600
          ? `${Math.floor(seconds / 60)} m ${seconds % 60} s`
          : `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} m`;
  };
  const formatClock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);
  const isSending = ({ state }: Bar): boolean => state !== 'waiting' && state !== 'held';
  const answerOf = ({ label: answer, state }: Bar): string =>
    state === 'running' ? 'under way' : /cancel|super/.test(state) ? state : (answer ?? state);
  const describeBar = (bar: Bar): string => {
    const { state, from, to, attempt, headers, detail } = bar;
    const time = to === undefined || to === from ? '' : ` after ${formatTime(to - from)}`;
    if (!isSending(bar)) return `${state}${bar.label ? ` by ${bar.label}` : ''}${time.replace('after', 'for')}`;
    return `${bar.isHedge ? 'hedge of ' : ''}attempt ${attempt}: ${answerOf(bar)}${time}${
      headers === undefined || headers === to ? '' : `, headers after ${formatTime(headers - from)}`
    }${detail ? ` (${detail})` : ''}`;
  };
  /** The bars that say how it stands. */
  const attemptsOf = ({ bars }: Row): Bar[] => bars.filter((bar) => isSending(bar) && bar.state !== 'superseded');
  const stateOf = ({ state, bars }: Row): string => state ?? bars.at(-1)?.state ?? '';
  const pathOf = ({ method, url }: Row): string => `${method} ${url.replace(/^[a-z]+:\/\/[^/?#]+(?=.)/i, '')}`;
  /** For those who do not see the row. */
  const describeRow = (row: Row): string => {
    const attempts = attemptsOf(row);
    const count = attempts.at(-1)?.attempt ?? 0;
    return `${pathOf(row)}, ${count} attempt${count === 1 ? '' : 's'}, ${stateOf(row)}${
      row.end === undefined ? '' : ` after ${formatTime(row.end - row.begin)}`
    }: ${attempts.map(answerOf).join(', ')}`;
  };

  const host = make(parent, 'rxjs-retry-client-waterfall');
  const shadow = host.attachShadow({ mode: 'open' });
  try {
    // A content security policy may forbid style elements.
    const sheet = new (win as typeof globalThis).CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    make(shadow, '', css, '', 'style');
  }
  const tools = make(shadow, 'tools');
  const count = make(tools, '', '', '', 'b');
  const addButton = (text: string, isPressed: boolean, press: (isPressed: boolean) => void): HTMLElement => {
    const button = make(tools, '', text, '', 'button');
    button.ariaPressed = String(isPressed);
    button.hidden = !isLive;
    button.addEventListener('click', () => {
      press(button.ariaPressed === 'false');
      schedule();
    });
    return button;
  };
  const follow = (to: boolean): void => {
    isFollowing = to && isLive;
    followButton.ariaPressed = String(isFollowing);
  };
  const followButton = addButton('Follow', isFollowing, follow);
  const pauseButton = addButton('Pause', false, (to) => {
    pauseButton.ariaPressed = String((isPaused = to));
  });
  const scroller = make(shadow, 'scroller');
  const grid = make(scroller, 'grid', '', 'grid');
  grid.tabIndex = -1;
  label(grid, 'Requests');
  const head = make(make(grid, 'top', '', 'rowgroup'), 'row', '', 'row');
  make(head, 'name', 'Request', 'columnheader');
  make(head, 'result', 'Result', 'columnheader');
  const axis = make(head, 'track', '', 'columnheader');
  const body = make(grid, '', '', 'rowgroup');
  const legend = make(shadow, 'legend');
  for (const state of ['running', 'succeeded', 'retried', 'failed', 'cancelled', 'hedge', 'waiting', 'held']) {
    make(make(legend, '', state, '', 'span'), `bar ${state}`, '', '', 'i');
  }
  const tip = make(shadow, 'tip', '', 'dialog');
  tip.tabIndex = -1;
  tip.popover = 'manual';
  tip.hidden = true;

  interface Item {
    readonly element: HTMLElement;
    readonly name: HTMLElement;
    readonly result: HTMLElement;
    readonly track: HTMLElement;
    row?: Row;
    /** The axis that its bars are placed on. */
    scale?: string;
  }
  /** Those of the rows in view. */
  let items = new Map<string, Item>();
  let rows: readonly Row[] = [];
  let now = 0;
  let isPaused = false;
  let scale = '';
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
  /** The row that Tab leads to. */
  let tabStop = '';

  const schedule = (): void => {
    frame ||= win.requestAnimationFrame(paint);
  };
  /** At most ten times a second, and for a thirtieth of the time: the rest is for the app. */
  const scheduleNext = (): void => {
    timer ||= win.setTimeout(schedule, painted + Math.max(100, 30 * cost) - Date.now());
  };

  const addItem = (): Item => {
    const element = make(body, '', '', 'row');
    return {
      element,
      name: make(element, 'name', '', 'rowheader'),
      result: make(element, 'result', '', 'gridcell'),
      track: make(element, 'track', '', 'gridcell'),
    };
  };

  /** Writes what is said of a row. */
  const fill = (item: Item, row: Row): void => {
    const { element, name, result, track } = item;
    const state = stateOf(row);
    const last = attemptsOf(row).at(-1);
    item.row = row;
    item.scale = '';
    element.id = row.id;
    element.className = `row ${state}${row.bars.some(({ isHedge }) => isHedge) ? ' two' : ''}`;
    label(element, describeRow(row));
    name.textContent = pathOf(row);
    while (track.childElementCount > row.bars.length) track.lastChild?.remove();
    for (const [index, bar] of row.bars.entries()) {
      const button = (track.children[index] ?? make(track, '', '', 'button')) as HTMLElement;
      button.tabIndex = -1;
      button.className = `bar ${bar.isHedge ? 'hedge ' : ''}${bar.state}${bar.headers === undefined ? '' : ' body'}`;
      setText(button, isSending(bar) && bar.label ? bar.label : '');
      label(button, describeBar(bar));
    }
    result.textContent = [
      row.state && last ? (row.state === last.state ? answerOf(last) : row.state) : state,
      last && last.attempt > 1 && `${last.attempt}×`,
      row.end && formatTime(row.end - row.begin),
    ]
      .filter(Boolean)
      .join(' · ');
  };

  /** Rounds up to a number that a reader can add up. */
  const roundUp = (ms: number): number => {
    const power = 10 ** Math.floor(Math.log10(ms));
    return ([1, 1.5, 2, 3, 5, 7.5].find((step) => step * power >= ms) ?? 10) * power;
  };

  const paint = (): void => {
    win.clearTimeout(timer);
    frame = timer = 0;
    painted = Date.now();
    if (!isPaused) {
      rows = source();
      // A recording of requests under way ends with what is known last.
      now = isLive ? painted : 0;
    }
    // Before anything is changed, so that the browser need not lay out twice.
    const rowHeight = (body.firstElementChild as HTMLElement | null)?.offsetHeight ?? 32;
    const inView = Math.ceil(scroller.clientHeight / rowHeight) + 1;
    const width = axis.clientWidth;
    // Where rows above have gone, those in view stay where they are.
    const moved = rows.findIndex(({ id }) => id === anchor);
    if (moved >= 0) top += (moved - anchorAt) * rowHeight;
    const first = Math.max(0, isFollowing ? rows.length - inView : Math.floor(top / rowHeight) - 1);
    const shown = rows.slice(first, first + inView + 1);
    const running = rows.filter(({ end }) => end === undefined).length;
    const failed = rows.filter(({ state }) => state === 'failed').length;
    setText(count, `${rows.length} requests, ${running} under way, ${failed} failed`);

    const from = Math.min(...shown.map(({ begin }) => begin));
    const until = Math.max(
      ...shown.map(({ bars, end }) => end ?? Math.max(now, ...bars.map((bar) => bar.to ?? bar.from + 100))),
    );
    // While a request is under way the axis grows in steps, or every frame would move all bars.
    const span = Math.max(1, isLive && running ? roundUp(until - from) : (until - from) * 1.01);
    const percent = (ms: number): string => `${((100 * ms) / span).toFixed(2)}%`;
    if (scale !== (scale = `${from} ${span} ${width}`) && shown[0]) {
      const step = roundUp(span / Math.max(2, width / 90));
      grid.style.setProperty('--tick', percent(step));
      axis.textContent = '';
      for (let time = 0; time < span * 0.97; time += step) {
        // The first says when, and the others how long after that.
        make(axis, '', time ? `+${formatTime(time)}` : formatClock(from), '', 'i').style.left = percent(time);
      }
    }
    body.style.height = `${rows.length * rowHeight}px`;
    body.style.paddingTop = `${first * rowHeight}px`;
    grid.ariaRowCount = `${rows.length + 1}`;
    const kept = new Map<string, Item | undefined>(shown.map(({ id }) => [id, items.get(id)]));
    const free = [...items.values()].filter((item) => !kept.has(item.row?.id ?? ''));
    items = new Map();
    for (const { element } of free) {
      // Or it would have the focus as another row.
      if (element.contains(shadow.activeElement)) grid.focus();
      element.remove();
    }
    let place = body.firstElementChild;
    for (const [index, row] of shown.entries()) {
      const item = kept.get(row.id) ?? free.pop() ?? addItem();
      items.set(row.id, item);
      const { element } = item;
      // In the order of the document, which is that of reading. What moves loses the focus, so only what must.
      if (element === place) place = place.nextElementSibling;
      else body.insertBefore(element, place);
      element.ariaRowIndex = `${first + index + 2}`;
      if (item.row !== row) fill(item, row);
      if (item.scale === scale && row.end) continue;
      item.scale = scale;
      for (const [at, bar] of row.bars.entries()) {
        const { style } = item.track.children[at] as HTMLElement;
        const length = (bar.to ?? (now || until)) - bar.from;
        style.left = percent(bar.from - from);
        style.width = percent(length);
        if (bar.headers) style.setProperty('--headers', `${(100 * (bar.headers - bar.from)) / length}%`);
      }
    }
    if (!items.has(tabStop)) tabStop = shown[0]?.id ?? '';
    for (const [id, { element }] of items) element.tabIndex = id === tabStop ? 0 : -1;
    scroller.scrollTop = isFollowing ? scroller.scrollHeight : top;
    anchorAt = Math.min(first + 1, rows.length - 1);
    anchor = rows[anchorAt]?.id ?? '';
    // It also makes the browser lay out what was changed, which is a part of the cost.
    top = scroller.scrollTop;
    cost = Date.now() - painted;
    if (isLive && running && !isPaused) scheduleNext();
  };

  /** What has the focus again when the tip closes. */
  let origin: HTMLElement | undefined;
  const isPinned = (): boolean => shadow.activeElement === tip;
  const hideTip = (): void => {
    // This shows the tip of what has the focus then.
    if (isPinned()) origin?.focus();
    tip.hidden = true;
  };
  const showTip = (target: EventTarget | null, x = 0): void => {
    const element = (target as Element).closest<HTMLElement>('.bar, .row');
    const row = items.get(element?.closest('.row')?.id ?? '')?.row;
    if (!element || !row || isPinned()) return;
    const { method, url, client, begin, end, reason, gate, bars } = row;
    const current = [...(element.parentElement?.children ?? [])].indexOf(element);
    origin = element;
    label(tip, describeRow(row));
    tip.textContent = [
      `${method} ${url}`,
      `${client ? `${client}, ` : ''}${formatClock(begin)}`,
      ...bars.map(
        (bar, index) =>
          `${element.matches('.bar') && index === current ? '▸' : ''}+${formatTime(bar.from - begin)}\t${describeBar(bar)}${
            bar.url === url || !isSending(bar) ? '' : `, to ${bar.url ?? ''}`
          }`,
      ),
      `${stateOf(row)}${end === undefined ? '' : ` after ${formatTime(end - begin)}`}${reason ? `: ${reason}` : ''}${gate ? ` by ${gate}` : ''}`,
    ].join('\n');
    tip.hidden = false;
    // In the top layer nothing clips it.
    (tip as Partial<HTMLElement>).togglePopover?.(true);
    const { left, top: above, bottom } = element.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = tip;
    // Right of the pointer, so that it does not stand in the way down to the next row.
    tip.style.left = `${Math.max(0, Math.min(x ? x + 14 : left, win.innerWidth - offsetWidth))}px`;
    tip.style.top = `${bottom + offsetHeight > win.innerHeight ? Math.max(0, above - offsetHeight) : bottom}px`;
  };
  const pin = (target: EventTarget | null): void => {
    hideTip();
    showTip(target);
    tip.focus();
  };

  grid.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    const row = target.closest('.row') ?? body.lastElementChild;
    const bars = [...(row?.querySelectorAll<HTMLElement>('.bar') ?? [])];
    const at = bars.indexOf(target);
    const { key } = event;
    const isEnd = key === 'End';
    if (isEnd || key === 'Home') {
      scroller.scrollTop = isEnd ? 1e9 : 0;
      top = scroller.scrollTop;
      follow(false);
      paint();
    }
    const next = {
      ArrowDown: row?.nextElementSibling,
      ArrowUp: row?.previousElementSibling,
      Home: body.firstElementChild,
      End: body.lastElementChild,
      ArrowRight: bars[at + 1],
      ArrowLeft: bars[at - 1] ?? row,
    }[key];
    if (key === 'Enter' || key === ' ') pin(target);
    else if (next) (next as HTMLElement).focus();
    else return;
    event.preventDefault();
  });
  grid.addEventListener('focusin', ({ target }) => {
    const row = (target as Element).closest<HTMLElement>('.row');
    if (!row) return;
    const before = items.get(tabStop);
    if (before) before.element.tabIndex = -1;
    tabStop = row.id;
    row.tabIndex = 0;
    // Whoever reads a row does not want it to move away.
    follow(false);
    showTip(target);
  });
  grid.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget !== tip) hideTip();
  });
  body.addEventListener('pointerover', ({ target, clientX }) => {
    showTip(target, clientX);
  });
  body.addEventListener('click', ({ target }) => {
    pin(target);
  });
  host.addEventListener('pointerleave', () => {
    if (!isPinned()) hideTip();
  });
  tip.addEventListener('focusout', hideTip);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || tip.hidden) return;
    // Not also the dialog that the picture may be in.
    event.preventDefault();
    event.stopPropagation();
    hideTip();
  };
  root.addEventListener('keydown', onKey, true);
  scroller.addEventListener('scroll', () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const isAtEnd = scrollTop + clientHeight > scrollHeight - 4;
    // By the direction: while rows come, the end that we scrolled to may be none any more when the event arrives.
    if (isAtEnd ? scrollTop > top : scrollTop < top) follow(isAtEnd);
    top = scrollTop;
    schedule();
  });
  const observer = new (win as typeof globalThis).ResizeObserver(schedule);
  observer.observe(scroller);
  schedule();
  return {
    changed: scheduleNext,
    remove: () => {
      win.cancelAnimationFrame(frame);
      win.clearTimeout(timer);
      // Whatever is scheduled from now on draws nothing.
      frame = timer = -1;
      observer.disconnect();
      root.removeEventListener('keydown', onKey, true);
      host.remove();
    },
  };
}
