import { Observable } from 'rxjs';

import type { AttemptEvent, Gate, GateAttempt } from '../../src/index.js';
import { GATE } from '../../src/retry/gate.js';
import { now } from '../../src/util/clock.js';

/**
 * Asks a gate to let an attempt in. Whatever the gate returns comes as an Observable.
 *
 * @param memo - for the gate's notes, if it is told events of the attempt afterwards
 */
export function askGate(gate: Gate, attempt: GateAttempt, memo: object = {}): Observable<unknown> {
  const admitted = gate[GATE].definition.admit?.(attempt, memo);
  if (typeof admitted === 'object') return admitted;
  return new Observable((subscriber) => {
    subscriber.add(admitted);
    subscriber.next(undefined);
  });
}

/** Tells a gate what happens to an attempt that it let in, as a run does: the clock has just been read for the event. */
export function tellGate(gate: Gate, event: AttemptEvent<unknown, GateAttempt>, memo: object): void {
  now();
  gate[GATE].definition.next?.(event, memo);
}
