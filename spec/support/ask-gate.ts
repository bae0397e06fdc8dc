import { Observable } from 'rxjs';

import type { Gate, GateAttempt } from '../../src/index.js';
import { GATE } from '../../src/retry/gate.js';

/** Asks a gate to let an attempt in. Whatever the gate returns comes as an Observable. */
export function askGate(gate: Gate, attempt: GateAttempt): Observable<unknown> {
  const admitted = gate[GATE].definition.admit?.(attempt);
  if (typeof admitted === 'object') return admitted;
  return new Observable((subscriber) => {
    subscriber.add(admitted);
    subscriber.next(undefined);
  });
}
