import type { Server, ServerAnswer, ServerRequest } from '../../src/simulate/index.js';
import { seededRandom } from '../../src/util/seeded-random.js';

/** Returns a function that sends requests to a model, which has a memory of its own, without a simulation around it. */
export function askModel(model: Server, seed = 1): (request?: Partial<ServerRequest>) => ServerAnswer {
  const fixed = { random: seededRandom(seed), memory: new Map<unknown, unknown>() };
  return (request) => {
    const attempt = {} as ServerRequest['attempt'];
    const asked = { at: 0, inFlight: 1, client: 0, url: 'http://server.test/', attempt, ...fixed, ...request };
    return model(asked) as ServerAnswer;
  };
}

/** The delay of an answer, in ms; NaN if nothing comes. */
export function delayOf(answer: ServerAnswer): number {
  return answer === 'silent' ? NaN : answer.delay;
}

/** The status of an answer; NaN if none comes. */
export function statusOf(answer: ServerAnswer): number {
  return answer === 'silent' || 'failure' in answer ? NaN : answer.status;
}
