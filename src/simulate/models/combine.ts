import { concatMap, isObservable, map, type Observable, of } from 'rxjs';

import { check } from '../../util/option-rule.js';
import { checkAnswer } from '../server-answer.js';
import type { Server, ServerAnswer, ServerRequest } from '../server.js';

/** Whether an answer decides: the request has failed, so that nothing after it sees it. */
function isFinal(answer: ServerAnswer): boolean {
  return answer === 'silent' || 'failure' in answer || answer.status >= 400;
}

/** Adds a delay to an answer. */
function after(delay: number, answer: ServerAnswer): ServerAnswer {
  checkAnswer(answer);
  return answer === 'silent' ? answer : { ...answer, delay: answer.delay + delay };
}

function delayOf(answer: ServerAnswer): number {
  return answer === 'silent' ? 0 : answer.delay;
}

/**
 * Combines models into one server. A request passes them in turn, until one fails it; their delays add up.
 *
 * @throws TypeError if one of them is no function
 *
 * @example A server that slows down under load, fails one request in a hundred, and is down for 5 s.
 * ```ts
 * import { combine, failing, outage, simulate, slowing } from 'rxjs-retry-client/simulate';
 *
 * const server = combine(
 *   outage({ from: 10_000, to: 15_000 }),
 *   failing(0.01),
 *   slowing({ base: 50, perRequest: 2 }),
 * );
 * const { plain } = simulate({ duration: 30_000, clients: 20, rate: 1, server }, { plain: {} });
 * console.log(plain.success);
 * ```
 */
export function combine(...servers: readonly Server[]): Server {
  check('servers', servers, [[String], 'a model: a function']);
  return (request) =>
    servers.reduce<ServerAnswer | Observable<ServerAnswer>>((before, server) => pass(before, server, request), {
      delay: 0,
      status: 200,
    });
}

/** Has a request pass the next model after what it met before. */
function pass(
  before: ServerAnswer | Observable<ServerAnswer>,
  server: Server,
  request: ServerRequest,
): ServerAnswer | Observable<ServerAnswer> {
  if (isObservable(before)) return before.pipe(concatMap((answer) => toObservable(pass(answer, server, request))));
  if (isFinal(before)) return before;
  const answer = server(request);
  return isObservable(answer)
    ? answer.pipe(map((value) => after(delayOf(before), value)))
    : after(delayOf(before), answer);
}

function toObservable(answer: ServerAnswer | Observable<ServerAnswer>): Observable<ServerAnswer> {
  return isObservable(answer) ? answer : of(answer);
}
