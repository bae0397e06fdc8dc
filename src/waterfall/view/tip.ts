import type { addElement } from './add-element.js';
import type { Item } from './rows-in-view.js';
import type { Texts } from './texts.js';

/**
 * Shows the story of what is pointed at or has the focus. A click moves the focus into it, Escape closes it.
 *
 * A part of the page's script: it uses nothing but its arguments (`VIEW_PARTS`).
 *
 * @returns a function that removes what is not in the shadow tree
 */
export function createTip(
  add: typeof addElement,
  shadow: ShadowRoot,
  body: HTMLElement,
  texts: Texts,
  items: ReadonlyMap<string, Item>,
): () => void {
  const root = shadow.ownerDocument;
  const tip = add(shadow, 'tip', '', 'dialog');
  tip.tabIndex = -1;
  tip.popover = 'manual';
  tip.hidden = true;
  /** What has the focus again when the tip closes. */
  let origin: HTMLElement | undefined;
  const isPinned = (): boolean => shadow.activeElement === tip;
  const hide = (): void => {
    // This shows the tip of what has the focus then.
    if (isPinned()) origin?.focus();
    tip.hidden = true;
  };
  const show = (target: EventTarget | null, x = 0): void => {
    const element = (target as Element).closest<HTMLElement>('.bar, .row');
    const row = items.get(element?.closest('.row')?.id ?? '')?.row;
    if (!element || !row || isPinned()) return;
    origin = element;
    tip.ariaLabel = texts.row(row);
    tip.textContent = texts.story(row, row.bars[[...(element.closest('.track')?.children ?? [])].indexOf(element)]);
    tip.hidden = false;
    // In the top layer nothing clips it.
    tip.togglePopover(true);
    const { left, top, bottom } = element.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = tip;
    const { clientHeight } = root.documentElement;
    // Right of the pointer, so that it does not stand in the way down to the next row.
    tip.style.cssText = `left:min(${x ? x + 14 : left}px,100% - ${offsetWidth}px);top:${
      bottom + offsetHeight > clientHeight ? Math.max(0, top - offsetHeight) : bottom
    }px`;
  };
  body.addEventListener('focusin', ({ target }) => {
    show(target);
  });
  body.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget !== tip) hide();
  });
  body.addEventListener('pointerover', ({ target, clientX }) => {
    show(target, clientX);
  });
  body.addEventListener('click', ({ target }) => {
    hide();
    show(target);
    tip.focus();
  });
  shadow.host.addEventListener('pointerleave', () => {
    if (!isPinned()) hide();
  });
  tip.addEventListener('focusout', hide);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || tip.hidden) return;
    // Not also the dialog that the picture may be in.
    event.preventDefault();
    event.stopPropagation();
    hide();
  };
  root.addEventListener('keydown', onKey, true);
  return () => {
    root.removeEventListener('keydown', onKey, true);
  };
}
