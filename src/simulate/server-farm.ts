import { defaultIfEmpty, finalize, isObservable, Observable, type Subscriber, Subscription, take } from 'rxjs';

import { HttpNetworkError } from '../errors/http-network-error.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { checkNumber } from '../util/option-rule.js';
import type { ResolvedScenario } from './scenario.js';
import { checkAnswer } from './server-answer.js';
import type { ServerAnswer } from './server.js';
import { simulatedResponse } from './simulated-response.js';
import type { VirtualTimer } from './timer-heap.js';
import type { VirtualTime } from './virtual-time.js';

/** What is known of the server behind one URL. */
interface ServerState {
  readonly memory: Map<unknown, unknown>;
  inFlight: number;
}

/**
 * A request on its way, and the timer of what it does next: a timer and a function for each step would be most of what
 * a simulation allocates.
 */
class Message implements VirtualTimer {
  order = 0;
  index = -1;
  readonly request: AttemptRequest;
  readonly server: ServerState;
  /** Whom it is answered; absent once that has left. */
  subscriber: Subscriber<Response> | undefined;
  /** Absent until the server has decided. */
  answer: Exclude<ServerAnswer, 'silent'> | undefined;
  /** Whether the server has sent the answer. */
  isReturning = false;
  readonly #onStep: (message: Message) => void;

  constructor(
    request: AttemptRequest,
    server: ServerState,
    subscriber: Subscriber<Response>,
    onStep: (message: Message) => void,
  ) {
    this.request = request;
    this.server = server;
    this.subscriber = subscriber;
    this.#onStep = onStep;
  }

  fire(): void {
    this.#onStep(this);
  }
}

/** Hears of a farm. */
export interface ServerFarmListener {
  /** A request has arrived at a server. */
  onArrived(): void;
  /** A function of the scenario's threw, or returned what it must not. */
  onFault(error: unknown): void;
}

/**
 * The servers of a run, and the network between them and the clients. A message takes its time to the server, which
 * works on it until it answers, whether or not the client is still there: that is what makes overload last.
 *
 *     sent ──► arrived ──► answered ──► delivered
 *
 * A run owns one.
 */
export class ServerFarm {
  readonly #scenario: ResolvedScenario;
  readonly #time: VirtualTime;
  readonly #random: () => number;
  readonly #listener: ServerFarmListener;
  readonly #servers = new Map<string, ServerState>();
  /** The answers that are Observables, and have not come. */
  readonly #awaited = new Set<Subscription>();
  #isClosed = false;

  constructor(scenario: ResolvedScenario, time: VirtualTime, random: () => number, listener: ServerFarmListener) {
    this.#scenario = scenario;
    this.#time = time;
    this.#random = random;
    this.#listener = listener;
  }

  /** The number of requests at all servers. */
  get inFlight(): number {
    let sum = 0;
    for (const { inFlight } of this.#servers.values()) sum += inFlight;
    return sum;
  }

  /** Sends a request for each subscription, and emits its response. */
  send(request: AttemptRequest): Observable<Response> {
    return new Observable((subscriber) => {
      if (this.#isClosed) return undefined;
      const message = new Message(request, this.#serverAt(request.url), subscriber, this.#onStep);
      // RxJS would take a fault for an error of the request.
      this.#watched(() => {
        this.#travel(message);
      });
      return () => {
        message.subscriber = undefined;
      };
    });
  }

  #serverAt(url: string): ServerState {
    let server = this.#servers.get(url);
    if (!server) this.#servers.set(url, (server = { memory: new Map(), inFlight: 0 }));
    return server;
  }

  readonly #onStep = (message: Message): void => {
    this.#watched(() => {
      this.#step(message);
    });
  };

  #watched(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#listener.onFault(error);
    }
  }

  /** Takes the next step of a message, after a time in ms. */
  #after(delay: number, message: Message): void {
    if (delay === 0) this.#step(message);
    else this.#time.start(message, delay);
  }

  #travel(message: Message): void {
    this.#after(checkNumber('what scenario.network returns', this.#scenario.network(this.#random), 0), message);
  }

  #step(message: Message): void {
    const { server, answer, isReturning } = message;
    if (!answer) {
      this.#arrive(message);
    } else if (!isReturning) {
      server.inFlight -= 1;
      message.isReturning = true;
      // A client that has left gets nothing.
      if (message.subscriber) this.#travel(message);
    } else {
      deliver(message, answer);
    }
  }

  #arrive(message: Message): void {
    const { request, server } = message;
    const { url, attempt } = request;
    this.#listener.onArrived();
    server.inFlight += 1;
    const answer = this.#scenario.server({
      at: this.#time.now,
      inFlight: server.inFlight,
      client: attempt.context.client as number,
      random: this.#random,
      url,
      attempt,
      memory: server.memory,
    });
    if (!isObservable(answer)) {
      this.#answer(message, answer);
      return;
    }
    const subscription = new Subscription();
    this.#awaited.add(subscription);
    subscription.add(
      answer
        .pipe(
          take(1),
          defaultIfEmpty('silent' as const),
          finalize(() => this.#awaited.delete(subscription)),
        )
        .subscribe({
          next: (value) => {
            this.#watched(() => {
              this.#answer(message, value);
            });
          },
          error: (error: unknown) => {
            this.#listener.onFault(error);
          },
        }),
    );
  }

  /**
   * Takes no more messages: when clients leave, gates let others in. Waits for no more answers: their Observables may
   * outlive the run.
   */
  close(): void {
    this.#isClosed = true;
    for (const subscription of this.#awaited) subscription.unsubscribe();
  }

  #answer(message: Message, answer: ServerAnswer): void {
    checkAnswer(answer);
    if (answer === 'silent') {
      message.server.inFlight -= 1;
      return;
    }
    message.answer = answer;
    this.#after(answer.delay, message);
  }
}

/** The client gets its answer, unless it has left. */
function deliver({ request, subscriber }: Message, answer: Exclude<ServerAnswer, 'silent'>): void {
  if ('status' in answer) {
    subscriber?.next(simulatedResponse(request.url, answer.status, answer.headers));
    subscriber?.complete();
    return;
  }
  const { attempt } = request;
  subscriber?.error(
    answer.failure === 'connect'
      ? new HttpNetworkError({ attempt, summary: 'the server cannot be reached', phase: 'connect', sent: false })
      : new HttpNetworkError({ attempt, summary: 'the connection was cut', phase: 'headers' }),
  );
}
