import { Subscription } from 'rxjs';

import { RetryClient } from '../client/retry-client.js';
import { isHttpError } from '../errors/is-http-error.js';
import type { RetryStrategy } from '../retry/strategy.js';
import { invalidOptionMessage, isOptions } from '../util/option-rule.js';
import type { Recorder } from './recorder.js';
import type { ResolvedScenario } from './scenario.js';
import type { ServerFarm } from './server-farm.js';
import { type SimulatedStrategy, withPath } from './simulated-strategy.js';
import { withSynchronousAnswers } from './synchronous-answers.js';
import type { VirtualTime } from './virtual-time.js';

/** What the clients of a run work with. */
export interface FleetConfig {
  readonly scenario: ResolvedScenario;
  /** The strategy's name in errors: `strategies["careful"]`. */
  readonly name: string;
  readonly strategy: SimulatedStrategy;
  readonly time: VirtualTime;
  readonly servers: ServerFarm;
  readonly recorder: Recorder;
  /** Is called if the strategy cannot be simulated. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The clients of a run, and their requests. The clients are those that this package ships. Those that share a strategy
 * share a client, too. A run owns one.
 */
export class Fleet {
  readonly #config: FleetConfig;
  /** By the client's number; those that share a strategy have one. */
  readonly #clients = new Map<number, RetryClient>();
  readonly #pending = new Set<Subscription>();

  constructor(config: FleetConfig) {
    this.#config = config;
  }

  /** Begins a request of a client. */
  begin(client: number): void {
    const { scenario, time, recorder, onFault } = this.#config;
    const began = time.now;
    let isAnswered = false;
    recorder.onOffered();
    const onEnd = (): void => {
      this.#pending.delete(subscription);
      recorder.onEnded(time.now, began, isAnswered);
    };
    // The server is told which client it is.
    const request$ = this.#clientOf(client).get(scenario.urls, { context: { client } });
    const subscription = new Subscription();
    // It may end before subscribe() returns.
    this.#pending.add(subscription);
    subscription.add(
      request$.subscribe({
        next: ({ status }) => {
          isAnswered = status < 400;
        },
        error: (error: unknown) => {
          // All else is no outcome: a function of the strategy's threw it.
          if (!isHttpError(error)) onFault(error);
          onEnd();
        },
        complete: onEnd,
      }),
    );
  }

  #clientOf(number: number): RetryClient {
    const { strategy } = this.#config;
    const key = typeof strategy === 'function' ? number : 0;
    let client = this.#clients.get(key);
    if (!client) {
      client = this.#createClient(typeof strategy === 'function' ? strategy(number) : strategy);
      this.#clients.set(key, client);
    }
    return client;
  }

  #createClient(strategy: RetryStrategy): RetryClient {
    const { name, scenario, servers, recorder, onFault } = this.#config;
    if (!isOptions(strategy)) {
      throw new TypeError(invalidOptionMessage(`what ${name} returns`, strategy, 'a strategy'));
    }
    const { timeout, totalTimeout } = scenario;
    const client = withPath(
      name,
      () =>
        new RetryClient({
          strategy: withSynchronousAnswers(`${name}.shouldRetry`, strategy, onFault),
          ...(timeout !== undefined && { timeout }),
          ...(totalTimeout !== undefined && { totalTimeout }),
          interceptors: [(request) => servers.send(request)],
        }),
    );
    // eslint-disable-next-line rxjs-x/no-ignored-error -- it never errors
    client.attempts$.subscribe(recorder);
    return client;
  }

  /** Leaves all requests that are under way. */
  leave(): void {
    for (const subscription of this.#pending) subscription.unsubscribe();
  }
}
