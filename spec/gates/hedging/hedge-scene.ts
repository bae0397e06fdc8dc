import { asyncScheduler, defer, finalize, map, NEVER, Observable, tap, timer } from 'rxjs';

import {
  type AttemptEvent,
  type AttemptRequest,
  type ClientOptions,
  defineGate,
  type Gate,
  type GateAttempt,
  type GateDefinition,
  HttpNetworkError,
  type HttpAttempt,
  type Interceptor,
  RetryClient,
} from '../../../src/index.js';

export const eu = 'http://eu.test/';
export const us = 'http://us.test/';
export const asia = 'http://asia.test/';

/** Answers after so many frames. */
export const after = (
  ms: number,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
  body: BodyInit | null = null,
): Observable<Response> => timer(ms).pipe(map(() => new Response(body, { status, headers: { ...headers } })));

/** Never answers. */
export const silence: Observable<Response> = NEVER;

/** The connection breaks after so many frames. */
export const broken =
  (ms: number, permanent = false): ((request: AttemptRequest) => Observable<Response>) =>
  (request) =>
    timer(ms).pipe(
      map(() => {
        throw new HttpNetworkError({ attempt: request.attempt, phase: 'headers', ...(permanent && { permanent }) });
      }),
    );

export type Answer = Observable<Response> | ((request: AttemptRequest) => Observable<Response>);

/** A network whose n-th request gets the n-th answer, and that logs each sending, and how it ended. */
export interface Scene {
  readonly lines: string[];
  readonly interceptor: Interceptor;
  readonly requests: AttemptRequest[];
  /** Creates a client over the network; its events are in `events`. */
  client(options?: ClientOptions): RetryClient;
  readonly events: AttemptEvent<unknown, HttpAttempt>[];
  note(text: string): void;
  /** Returns the number of sendings that are subscribed to. */
  open(): number;
}

export const hostOf = (url: string): string => new URL(url).host.replace('.test', '');

export function scene(...answers: readonly Answer[]): Scene {
  const lines: string[] = [];
  const requests: AttemptRequest[] = [];
  const events: AttemptEvent<unknown, HttpAttempt>[] = [];
  let open = 0;
  const note = (text: string): void => {
    lines.push(`${String(asyncScheduler.now())} ${text}`);
  };
  const interceptor: Interceptor = (request) =>
    defer(() => {
      requests.push(request);
      const answer = answers[Math.min(requests.length, answers.length) - 1] ?? silence;
      const host = hostOf(request.url);
      let isOpen = true;
      open += 1;
      note(`sent ${host}`);
      return (typeof answer === 'function' ? answer(request) : answer).pipe(
        tap({
          next: () => (isOpen = false),
          error: () => (isOpen = false),
          complete: () => (isOpen = false),
        }),
        finalize(() => {
          open -= 1;
          if (isOpen) note(`cut ${host}`);
        }),
      );
    });
  return {
    lines,
    interceptor,
    requests,
    events,
    note,
    open: () => open,
    client: (options) => {
      const client = new RetryClient({ timeout: false, ...options, interceptors: [interceptor] });
      client.attempts$.subscribe((event) => events.push(event));
      return client;
    },
  };
}

/** Fails a sending with an error that is not retried. */
export const failing = (ms: number, error: unknown): Observable<Response> =>
  timer(ms).pipe(
    map(() => {
      throw error;
    }),
  );

/** A gate that logs what it is asked and told, and holds a lease for each attempt. */
export function spyGate(
  note: (text: string) => void,
  definition: Partial<GateDefinition> = {},
): {
  readonly gate: Gate;
  readonly held: Set<GateAttempt>;
  readonly heard: string[];
  readonly events: AttemptEvent<unknown, GateAttempt>[];
} {
  const held = new Set<GateAttempt>();
  const heard: string[] = [];
  const events: AttemptEvent<unknown, GateAttempt>[] = [];
  const gate = defineGate({
    name: 'spy',
    admit: (attempt) =>
      new Observable((output) => {
        held.add(attempt);
        output.next(attempt);
        return () => held.delete(attempt);
      }),
    ...definition,
    next: (event, memo) => {
      const { attempt, type } = event;
      events.push(event);
      const text = `${type} ${hostOf(attempt.url!)}${attempt.hedge ? ' hedge' : ''}`;
      heard.push(text);
      note(`gate: ${text}`);
      definition.next?.(event, memo);
    },
  });
  return { gate, held, heard, events };
}
