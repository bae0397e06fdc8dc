import { fromEvent, map, merge, take, type Observable } from 'rxjs';

/**
 * The signals that end a command, from a user, a service or a closing terminal. A code is 128 plus the signal's number.
 */
const EXIT_CODE_BY_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Emits the exit code of the first signal that arrives, then completes.
 *
 * It listens only while it is subscribed to. A second Ctrl-C therefore ends a command that is stuck.
 */
export const termination$: Observable<number> = merge(
  ...Object.entries(EXIT_CODE_BY_SIGNAL).map(([signal, code]) => fromEvent(process, signal).pipe(map(() => code))),
).pipe(take(1));
