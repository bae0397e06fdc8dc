import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { reduceRow } from './reduce-row.js';
import type { Row } from './row.js';

/**
 * Applies an event to the rows of the last requests, by their ids, in the order in which they began. Of more than
 * `limit` it drops the first that has ended or, if all are under way, the first.
 */
export function keepRow(rows: Map<string, Row>, event: AttemptEvent<unknown, HttpAttempt>, limit: number): void {
  const { requestId } = event.attempt;
  rows.set(requestId, reduceRow(rows.get(requestId), event));
  if (rows.size <= limit) return;
  const all = [...rows.values()];
  rows.delete((all.find(({ end }) => end !== undefined) ?? all[0])?.id ?? '');
}
