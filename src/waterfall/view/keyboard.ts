/**
 * Moves the focus between rows and bars by arrows, Home and End. Enter and Space are a click.
 *
 * A part of the page's script: it uses nothing but its arguments (`VIEW_PARTS`).
 *
 * @param scroll - draws the first rows, or the last
 */
export function moveByKeyboard(grid: HTMLElement, body: HTMLElement, scroll: (isToEnd: boolean) => void): void {
  grid.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    const row = target.closest('.row') ?? body.lastElementChild;
    const bars = [...(row?.querySelectorAll<HTMLElement>('.bar') ?? [])];
    const at = bars.indexOf(target);
    const { key } = event;
    const isEnd = key === 'End';
    if (isEnd || key === 'Home') scroll(isEnd);
    const next = {
      ArrowDown: row?.nextElementSibling,
      ArrowUp: row?.previousElementSibling,
      Home: body.firstElementChild,
      End: body.lastElementChild,
      ArrowRight: bars[at + 1],
      ArrowLeft: bars[at - 1] ?? row,
    }[key];
    if (key === 'Enter' || key === ' ') target.click();
    else if (next) (next as HTMLElement).focus();
    else return;
    event.preventDefault();
  });
}
