import type { Row } from '../row.js';
import type { addElement } from './add-element.js';
import type { Texts } from './texts.js';

/** A row that is drawn. */
export interface Item {
  readonly element: HTMLElement;
  row: Row;
}

/**
 * Returns a function that draws rows into `body`, the first of which has the index `first`. Elements of rows that went
 * out of view are used again. `items` are those in view, by the id of the row.
 *
 * A part of the page's script: it uses nothing but its arguments (`VIEW_PARTS`).
 */
export function createRowsInView(
  add: typeof addElement,
  grid: HTMLElement,
  body: Element,
  texts: Texts,
  items: Map<string, Item>,
): (rows: readonly Row[], first: number) => void {
  /** The row that Tab leads to. */
  let tabStop = '';
  const setTabStop = (id: string): void => {
    tabStop = id;
    for (const element of body.children as Iterable<HTMLElement>) element.tabIndex = element.id === id ? 0 : -1;
  };
  const addRow = (): HTMLElement => {
    const element = add(body, '', '', 'row');
    add(element, 'name', '', 'rowheader');
    add(element, 'result', '', 'gridcell');
    add(element, 'track', '', 'gridcell');
    return element;
  };
  const fill = (element: HTMLElement, row: Row): void => {
    const [name, result, track] = element.children as unknown as [Element, Element, Element];
    const { id, begin, bars } = row;
    element.id = id;
    element.className = `row ${texts.state(row)}`;
    element.ariaLabel = texts.row(row);
    name.textContent = texts.name(row);
    result.textContent = texts.result(row);
    while (track.childElementCount > bars.length) track.lastChild?.remove();
    for (const [index, bar] of bars.entries()) {
      const { isHedge, state, from, to, headers } = bar;
      // The same element for the same bar, so that it keeps the focus.
      const button = (track.children[index] ?? add(track, '', '', 'button')) as HTMLElement;
      button.tabIndex = -1;
      button.className = `bar ${isHedge ? 'hedge ' : ''}${state}${headers === undefined ? '' : ' body'}`;
      button.textContent = texts.label(bar);
      button.ariaLabel = texts.bar(bar);
      button.style.cssText = `--from:${from - begin};--to:${to === undefined ? 'var(--now)' : to - begin};--headers:${(headers ?? from) - begin}`;
    }
  };
  body.addEventListener('focusin', ({ target }) => {
    setTabStop((target as Element).closest('.row')?.id ?? '');
  });
  return (rows, first) => {
    const ids = new Set(rows.map(({ id }) => id));
    const free: Item[] = [];
    for (const [id, item] of items) {
      if (ids.has(id)) continue;
      // Or it would have the focus as another row.
      if (item.element.contains((body.getRootNode() as ShadowRoot).activeElement)) grid.focus();
      item.element.remove();
      items.delete(id);
      free.push(item);
    }
    let place = body.firstElementChild;
    for (const [index, row] of rows.entries()) {
      const known = items.get(row.id);
      const element = (known ?? free.pop())?.element ?? addRow();
      // In the order of the document, which is that of reading. What moves loses the focus, so only what must.
      if (element === place) place = place.nextElementSibling;
      else body.insertBefore(element, place);
      element.ariaRowIndex = `${first + index + 2}`;
      if (known?.row !== row) fill(element, row);
      items.set(row.id, { element, row });
    }
    setTabStop(items.has(tabStop) ? tabStop : (rows[0]?.id ?? ''));
  };
}
