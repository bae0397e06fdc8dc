import type { Attempt, AttemptEvent, HttpAttempt } from '../../src/retry/attempt.js';
import { ObservedEvents } from '../../src/retry/request-observer.js';

type Event = AttemptEvent<unknown, HttpAttempt>;

const attempt = { number: 1, of: 1, requestId: 'a', startedAt: 0 } as Attempt as HttpAttempt;
const request = { requestId: 'a', method: 'GET', url: 'http://a.test/', context: {} };
const event = (type: string): Event => ({ type, attempt }) as Event;

describe('The events of an observed request', () => {
  it('are told in the order in which they happened, whatever listeners and the consumer cause meanwhile', () => {
    const log: string[] = [];
    /** What is caused when an event is told, or has been delivered. */
    const caused = new Map<string, () => void>();
    const events = new ObservedEvents({
      hasListeners: true,
      next: ({ type }) => {
        log.push(`${type} delivered`);
        caused.get(`${type} delivered`)?.();
      },
    });
    const listener = {
      next: ({ type }: Event) => {
        log.push(`${type} told`);
        caused.get(`${type} told`)?.();
      },
    };
    events.open([() => listener], request);
    const happen = (type: string) => () => {
      events.next(event(type));
    };
    caused.set('a told', () => {
      happen('b')();
      happen('c')();
    });
    caused.set('a delivered', () => {
      events.after(() => log.push('the end'));
    });
    caused.set('c delivered', happen('d'));
    happen('a')();

    expect(log).toEqual([
      'a told',
      'a delivered',
      'b told',
      'b delivered',
      'c told',
      'c delivered',
      'the end',
      'd told',
      'd delivered',
    ]);
  });
});
