import type { Readable, Writable } from 'node:stream';

import {
  catchError,
  EMPTY,
  endWith,
  firstValueFrom,
  from,
  fromEvent,
  ignoreElements,
  map,
  of,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';

import { isHttpError, RetryClient } from '../index.js';
import type { RequestCommand } from './arguments.js';
import { errorLine, eventJson } from './event-json.js';
import { exitCodeOf } from './exit-code.js';
import type { Values } from './option-values.js';
import { OutputFile } from './output-file.js';
import { requestData } from './request-data.js';
import { saveBody } from './save-body.js';
import { strategyOf } from './strategy-options.js';
import { showAttempts, type AttemptObserver, type Screen } from './terminal.js';
import { transportOf } from './transport-option.js';
import { UsageError } from './usage-error.js';
import { safeWords } from './words.js';
import { writeBody, writeErrorIn, type BodyOptions } from './write-body.js';

/** The streams of a process. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable & Screen;
  readonly stderr: Writable & Screen;
}

/** Sends the request that a command line asks for, and writes what comes of it. Resolves with the code to exit with. */
export async function runRequest({ method, urls, values }: RequestCommand, io: Io): Promise<number> {
  const body = values.data === undefined ? undefined : await requestData(values.data, io.stdin);
  const fetch = await transportOf(values.transport);
  const timeout = values.timeout ?? 30_000;
  const totalTimeout = values['total-timeout'] ?? false;
  const file = values.output === undefined ? undefined : new OutputFile(values.output);
  const part = values.continue ? await file?.part() : undefined;
  const writing = { output: io.stdout, include: values.include ?? method === 'HEAD' };

  const client = refusing(() => new RetryClient({ fetch, baseUrl: values['base-url'] }));
  // To the client a consumer that leaves after a value has had what it wanted; here it is a body of which the rest is missing.
  let interrupted = false;
  client.attempts$
    .pipe(map((event) => (interrupted && event.type === 'success' ? { ...event, type: 'cancel' as const } : event)))
    .subscribe(attemptObserver(values, io));

  const progress$ = refusing(() =>
    client.request(method, urls, {
      body,
      // The request's own and not the client's: an Idempotency-Key counts only here.
      headers: values.header?.map(([name, value]): [string, string] => [name, value]),
      strategy: strategyOf(values),
      timeout,
      totalTimeout,
      selector: file ? saveBody(file, part) : (response) => writeBody(response, writing),
    }),
  );
  const deadline = totalTimeout === false ? Infinity : performance.now() + totalTimeout;
  let untold: unknown;
  const failure$ = progress$.pipe(
    ignoreElements(),
    endWith(undefined),
    catchError((error: unknown) => (file ? EMPTY : errorBody(error, { ...writing, silence: timeout, deadline })).pipe(endWith(error))),
    // The events ended with the request, before its error's body was written.
    catchError((error: unknown) => of((untold = error))),
    takeUntil(fromEvent(process, 'SIGINT').pipe(tap(() => (interrupted = true)))),
  );
  const nothing = Symbol();
  const failure = await firstValueFrom(failure$, { defaultValue: nothing });
  client.close();
  await (failure === undefined ? file?.finish() : file?.close());
  if (failure === undefined) return 0;
  if (failure === nothing) return 130;
  if (!values.json || failure === untold) report(failure, io.stderr, values.json ?? false);
  return exitCodeOf(failure);
}

/**
 * Writes what can be had of the body of an error's response, as curl does with `--fail-with-body`.
 *
 * No client watches over that body any more. And the status is the news: only an output that cannot be written matters more.
 */
function errorBody(error: unknown, options: BodyOptions): Observable<never> {
  if (!isHttpError(error) || error.name !== 'HttpStatusError') return EMPTY;
  return from(writeBody(error.response, options)).pipe(
    ignoreElements(),
    catchError((failure: unknown) => {
      const unwritten = writeErrorIn(failure);
      return unwritten ? throwError(() => unwritten) : EMPTY;
    }),
  );
}

function attemptObserver(values: Partial<Values>, { stdout, stderr }: Io): Partial<AttemptObserver> {
  if (values.quiet) return {};
  if (values.json) return { next: (event) => stderr.write(`${eventJson(event)}\n`) };
  const bodyToo = values.output === undefined && (stdout.isTTY ?? false) && (stderr.isTTY ?? false);
  return showAttempts(stderr, { yieldToBody: bodyToo });
}

/** What the library refuses in the options is a wrong command line. */
function refusing<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(safeWords(error.message));
    throw error;
  }
}

function report(error: unknown, stderr: Screen, json: boolean): void {
  const written = writeErrorIn(error);
  // Whoever closes a pipe has seen enough: `| head` is no failure to be told of.
  if (written?.cause instanceof Error && 'code' in written.cause && written.cause.code === 'EPIPE') return;
  const told = written ?? error;
  stderr.write(json ? `${errorLine(told)}\n` : `rxjs-retry-client: ${safeWords(told instanceof Error ? told.message : String(told))}\n`);
}
