import { Subject } from 'rxjs';

import { waterfall } from '../../src/waterfall/index.js';
import { type Event, eventOf, outcomeOf, responseOf, URL_OF_REQUEST } from './event-builder.js';

const EVENTS_PER_REQUEST = 7;
const PERIOD = 10;
const SECOND = 1_000;

/** Emits the events of one request: all that can happen to it. */
function emitRequest(events$: Subject<Event>, id: string, response: Response): void {
  const startedAt = Date.now();
  const attempt = { requestId: id };
  const answer = { response, url: URL_OF_REQUEST, elapsed: 10 };
  events$.next(eventOf('start', 1, startedAt, {}, attempt));
  events$.next(eventOf('response', 1, startedAt, answer, attempt));
  events$.next(
    eventOf('retry', 1, startedAt, { outcome: outcomeOf({ name: 'E', message: '' }), elapsed: 12, delay: 5 }, attempt),
  );
  events$.next(eventOf('start', 2, startedAt + 17, {}, attempt));
  events$.next(eventOf('response', 2, startedAt + 17, answer, attempt));
  events$.next(eventOf('value', 2, startedAt + 17, { value: 1, elapsed: 11 }, attempt));
  events$.next(eventOf('success', 2, startedAt + 17, { elapsed: 12, total: 29 }, attempt));
}

/** Does `work` every 10 ms for a while, and returns the share of the time that callbacks of frames took. */
async function shareOfDrawing(duration: number, work: () => void): Promise<number> {
  const requestFrame = window.requestAnimationFrame.bind(window);
  let drawing = 0;
  window.requestAnimationFrame = (paint) =>
    requestFrame((time) => {
      const began = performance.now();
      paint(time);
      drawing += performance.now() - began;
    });
  const timer = setInterval(work, PERIOD);
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, duration));
  clearInterval(timer);
  window.requestAnimationFrame = requestFrame;
  return drawing / (performance.now() - began);
}

describe('Drawing the waterfall', () => {
  it('of 10,000 events a second leaves the app 95 % of each second', async () => {
    const element = document.createElement('div');
    element.style.width = '1200px';
    document.body.append(element);
    const events$ = new Subject<Event>();
    const subscription = waterfall(element, events$);
    const response = responseOf(200);
    let emitted = 0;
    let began = 0;
    const emit = (): void => {
      // A timer that comes late makes up for it, so that there are as many events on a slow machine.
      const due = (performance.now() - began) * (10_000 / SECOND);
      while (emitted < due) {
        emitRequest(events$, `${began} ${emitted}`, response);
        emitted += EVENTS_PER_REQUEST;
      }
    };
    const shares: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      began = performance.now();
      emitted = 0;
      shares.push(await shareOfDrawing(2 * SECOND, emit));
      expect(emitted).toBeGreaterThan(19_000);
    }
    const rows = element.firstElementChild!.shadowRoot!.querySelectorAll('.row[id]').length;
    subscription.unsubscribe();
    element.remove();

    // Another process can take the processor while a frame is drawn, and never makes drawing quicker.
    expect(Math.min(...shares)).toBeGreaterThan(0);
    expect(Math.min(...shares)).toBeLessThan(0.05);
    expect(rows).toBeGreaterThan(5);
    // 200 are kept, and those in view are drawn.
    expect(rows).toBeLessThan(30);
  }, 60_000);
});
