import { fstatSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

import { catchError, endWith, firstValueFrom, ignoreElements, map, of, takeUntil, tap } from 'rxjs';

import { HttpStatusError, RetryClient, type AttemptEvent, type HttpAttempt } from '../index.js';
import { safeText } from '../util/safe-text.js';
import { exitCodeOf } from './failures/exit-code.js';
import { UsageError } from './failures/usage-error.js';
import type { RequestCommand } from './options/read-arguments.js';
import type { Values } from './options/option-values.js';
import { fileChanged, requestData } from './options/read-data.js';
import { strategyOf } from './options/to-strategy.js';
import { transportOf } from './options/load-transport.js';
import { errorLine, eventJson, warningLine } from './output/event-json.js';
import { OutputFile } from './output/output-file.js';
import type { ResumeNote } from './output/resume-record.js';
import { saveBody } from './output/save-body.js';
import { readerLeft, writeBody, writeErrorIn, type BodyOptions } from './output/write-body.js';
import type { Progress } from './output/progress.js';
import { freshLine, showAttempts, type AttemptObserver, type Screen } from './screen/show-attempts.js';
import { termination$ } from './failures/termination.js';

/** The streams of a process. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable & Screen;
  readonly stderr: Writable & Screen;
}

/** In ms. */
const deadlineLead = 10;

/** Sends the request that a command line asks for, and writes what comes of it. Resolves with the code to exit with. */
export async function runRequest(
  { method, urls, values }: RequestCommand,
  { stdin, stdout, stderr }: Io,
): Promise<number> {
  const body = values.data && (await requestData(values.data, stdin));
  const fetch = await transportOf(values.transport);
  const timeout = values.timeout ?? 30_000;
  const totalTimeout = values['total-timeout'] ?? false;
  const bodyOnScreen = values.output === undefined && stderr.isTTY === true && reachesTerminal(stdout);
  const attempts = attemptObserver(values, stderr, bodyOnScreen);
  const say = (error: unknown): void => {
    if (bodyOnScreen && !readerLeft(error)) stderr.write(freshLine(stderr));
    report(error, stderr, values.json ?? false);
  };

  const file = values.output === undefined ? undefined : new OutputFile(values.output, attempts.warn);
  let part: ResumeNote | undefined;
  try {
    part = values.continue ? await file?.part() : undefined;
  } catch (error) {
    say(error);
    return exitCodeOf(error);
  }
  const writing: BodyOptions = { output: stdout, include: values.include ?? method === 'HEAD' };

  const client = refusing(() => new RetryClient({ fetch, baseUrl: values['base-url'] }));
  let terminated: number | undefined;
  client.attempts$.pipe(map((event) => asCancelled(event, terminated !== undefined))).subscribe(attempts);

  const progress$ = refusing(() =>
    client.request(method, urls, {
      body,
      // The request's own and not the client's: an Idempotency-Key counts only here.
      headers: headersOf(values),
      // Another attempt would send something else than the first.
      strategy: {
        ...strategyOf(values),
        shouldRetry: (outcome) => (outcome.kind === 'error' && fileChanged(outcome.error) ? false : undefined),
      },
      timeout,
      totalTimeout,
      // Without a file an error's body is written, too, and whole.
      throwHttpErrors: file !== undefined,
      selector: file
        ? saveBody(file, part)
        : (response, attempt) =>
            response.status < 400
              ? writeBody(response, writing)
              : writeErrorBody(response, attempt, { ...writing, deadline }),
    }),
  );
  // A little earlier than the client's own: what there is of an error's body is worth less than its status.
  const deadline = totalTimeout === false ? Infinity : performance.now() + totalTimeout - deadlineLead;
  const failure$ = progress$.pipe(
    ignoreElements(),
    endWith(undefined),
    catchError((error: unknown) => of(error)),
    takeUntil(termination$.pipe(tap((code) => (terminated = code)))),
  );
  const failure = await firstValueFrom(failure$, { defaultValue: undefined });
  client.close();
  await (failure === undefined && terminated === undefined ? file?.finish() : file?.close());
  if (terminated !== undefined) return terminated;
  if (failure === undefined) return 0;
  if (!values.json) say(failure);
  return exitCodeOf(failure);
}

/**
 * What ends from outside is shown as cancelled: a termination, or the reader of the output, who has seen enough.
 *
 * To the client a consumer that leaves after a value has had what it wanted; here it is a body of which the rest is missing.
 */
function asCancelled(
  event: AttemptEvent<unknown, HttpAttempt>,
  terminated: boolean,
): AttemptEvent<unknown, HttpAttempt> {
  const { attempt } = event;
  const left = event.type === 'failure' && event.outcome.kind === 'error' && readerLeft(event.outcome.error);
  return left || (terminated && event.type === 'success') ? { type: 'cancel', attempt, elapsed: event.elapsed } : event;
}

function headersOf({ header = [], user: credentials }: Partial<Values>): [name: string, value: string][] {
  const headers = header.map(([name, value]): [string, string] => [name, value]);
  if (!credentials) return headers;
  const { user, password } = credentials;
  return [...headers, ['authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`]];
}

/**
 * Writes the body of an error whole, as curl does with `--fail-with-body`. Nothing of it is emitted: it is no progress.
 *
 * @throws HttpStatusError in the end. Its status is the news: only an output that cannot be written matters more.
 */
async function* writeErrorBody(
  response: Response,
  attempt: HttpAttempt,
  options: BodyOptions,
): AsyncGenerator<Progress> {
  try {
    for await (const _ of writeBody(response, options));
  } catch (failure) {
    const unwritten = writeErrorIn(failure);
    if (unwritten) throw unwritten;
  }
  throw new HttpStatusError({ attempt, response });
}

/** Whether what is written there may be seen on the terminal: that it is one, or a pipe, whose reader may write there. */
function reachesTerminal(stdout: Writable & Screen & { readonly fd?: number }): boolean {
  if (stdout.isTTY === true || stdout.fd === undefined) return stdout.isTTY === true;
  const file = fstatSync(stdout.fd);
  return file.isFIFO() || file.isSocket();
}

/** What shows the attempts, and what is told beside them. */
interface Shown extends Partial<AttemptObserver> {
  readonly warn: (message: string) => void;
}

function attemptObserver({ quiet, json }: Partial<Values>, stderr: Screen, yieldToBody: boolean): Shown {
  if (quiet) return { warn: () => undefined };
  if (json) {
    return {
      next: (event) => stderr.write(`${eventJson(event)}\n`),
      warn: (message) => stderr.write(`${warningLine(message)}\n`),
    };
  }
  const shown = showAttempts(stderr, { yieldToBody });
  return {
    ...shown,
    warn: (message) => {
      shown.print(`rxjs-retry-client: ${safeText(message)}`);
    },
  };
}

/** What the library refuses in the options is a wrong command line. */
function refusing<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(safeText(error.message));
    throw error;
  }
}

function report(error: unknown, stderr: Screen, json: boolean): void {
  if (readerLeft(error)) return;
  const told = writeErrorIn(error) ?? error;
  stderr.write(
    json
      ? `${errorLine(told)}\n`
      : `rxjs-retry-client: ${safeText(told instanceof Error ? told.message : String(told))}\n`,
  );
}
