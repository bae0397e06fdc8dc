import { fromEvent, map, merge, take, type Observable } from 'rxjs';

/** The signals by which a user, a service or a terminal that closes ends a command; each exits with 128 and its number. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Emits the code to exit with when the process is to end. Only while this is subscribed to: a second Ctrl-C ends a command that is stuck.
 */
export const termination$: Observable<number> = merge(
  ...Object.entries(codes).map(([signal, code]) => fromEvent(process, signal).pipe(map(() => code))),
).pipe(take(1));
