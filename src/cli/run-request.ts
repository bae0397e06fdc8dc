import { fstatSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

import { catchError, endWith, firstValueFrom, ignoreElements, map, of, takeUntil, tap } from 'rxjs';

import { HttpStatusError, RetryClient, type AttemptEvent, type HttpAttempt } from '../index.js';
import { safeText } from '../util/safe-text.js';
import { exitCodeOf } from './failures/exit-code.js';
import { isFileChangedError } from './failures/file-changed.js';
import { termination$ } from './failures/termination.js';
import { UsageError } from './failures/usage-error.js';
import { findWriteError, isBrokenPipe } from './failures/write-error.js';
import { loadTransport } from './options/load-transport.js';
import type { OptionValues } from './options/option-values.js';
import type { RequestCommand } from './options/read-arguments.js';
import { readData } from './options/read-data.js';
import { toStrategy } from './options/to-strategy.js';
import { errorToJson, eventToJson, warningToJson } from './output/event-json.js';
import { OutputFile } from './output/output-file.js';
import type { Progress } from './output/progress.js';
import { RequestReport } from './output/request-report.js';
import type { ResumeRecord } from './output/resume-record.js';
import { saveBody } from './output/save-body.js';
import { writeBody, type WriteBodyOptions } from './output/write-body.js';
import { startNewLine, type Screen } from './screen/screen.js';
import { showAttempts, type AttemptDisplay } from './screen/show-attempts.js';

/** The standard streams of a process. */
export interface StandardStreams {
  readonly stdin: Readable;
  readonly stdout: Writable & Screen;
  readonly stderr: Writable & Screen;
}

// Reading an error's body stops this long before the total timeout, so that the command still ends with the status.
const DEADLINE_LEAD_MS = 10;

/** Sends the request of a command line, and writes its body and attempts. Resolves with the exit code. */
export async function runRequest(
  { method, urls, values }: RequestCommand,
  { stdin, stdout, stderr }: StandardStreams,
): Promise<number> {
  const body = values.data && (await readData(values.data, stdin));
  const fetch = await loadTransport(values.transport);
  const timeout = values.timeout ?? 30_000;
  const totalTimeout = values['total-timeout'] ?? false;
  const bodyOnScreen = values.output === undefined && stderr.isTTY === true && mayReachTerminal(stdout);
  const attempts = createDisplay(values, stderr, bodyOnScreen);
  const reportFailure = (error: unknown): void => {
    if (bodyOnScreen && !isBrokenPipe(error)) stderr.write(startNewLine(stderr));
    writeFailure(error, stderr, values.json ?? false);
  };

  const report = new RequestReport(values);
  const file = values.output === undefined ? undefined : new OutputFile(values.output, attempts.warn);
  let part: ResumeRecord | undefined;
  try {
    await report.check();
    part = values.continue ? await file?.loadPart() : undefined;
  } catch (error) {
    reportFailure(error);
    return exitCodeOf(error);
  }
  const writeOptions: WriteBodyOptions = { output: stdout, include: values.include ?? method === 'HEAD' };

  let terminated: number | undefined;
  const toReported = (event: AttemptEvent<unknown, HttpAttempt>): AttemptEvent<unknown, HttpAttempt> =>
    toCancelEvent(event, terminated !== undefined);
  const client = toUsageErrors(
    () => new RetryClient({ fetch, baseUrl: values['base-url'], ...report.options(toReported) }),
  );
  client.attempts$.pipe(map(toReported)).subscribe(attempts);

  const progress$ = toUsageErrors(() =>
    client.request(method, urls, {
      body,
      // Not in the client's options: an Idempotency-Key there would not make a POST repeatable.
      headers: requestHeaders(values),
      // If the file to send was changed, another attempt would send other data than the first.
      strategy: {
        ...toStrategy(values),
        shouldRetry: (outcome) => (outcome.kind === 'error' && isFileChangedError(outcome.error) ? false : undefined),
      },
      idempotencyKey: values['idempotency-key'],
      timeout,
      totalTimeout,
      // Without --output, the body of an error is written, too.
      throwHttpErrors: file !== undefined,
      selector: file
        ? saveBody(file, part)
        : (response, attempt) =>
            response.status < 400
              ? writeBody(response, writeOptions)
              : writeErrorBody(response, attempt, { ...writeOptions, deadline }),
    }),
  );
  const deadline = totalTimeout === false ? Infinity : performance.now() + totalTimeout - DEADLINE_LEAD_MS;
  const failure$ = progress$.pipe(
    ignoreElements(),
    endWith(undefined),
    catchError((error: unknown) => of(error)),
    takeUntil(termination$.pipe(tap((code) => (terminated = code)))),
  );
  const failure = await firstValueFrom(failure$, { defaultValue: undefined });
  client.close();
  await (failure === undefined && terminated === undefined ? file?.complete() : file?.close());
  const reportFailed = await report.write().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (reportFailed !== undefined) reportFailure(reportFailed);
  if (terminated !== undefined) return terminated;
  if (failure === undefined) return reportFailed === undefined ? 0 : exitCodeOf(reportFailed);
  if (!values.json) reportFailure(failure);
  return exitCodeOf(failure);
}

/**
 * Converts the last event of a request that a signal or the output's reader ended into a `cancel`.
 *
 * The client reports a success when its consumer unsubscribes after a value. For the command line, the rest of the body
 * is missing.
 */
function toCancelEvent(
  event: AttemptEvent<unknown, HttpAttempt>,
  terminated: boolean,
): AttemptEvent<unknown, HttpAttempt> {
  const { attempt } = event;
  const isClosedByReader =
    event.type === 'failure' && event.outcome.kind === 'error' && isBrokenPipe(event.outcome.error);
  return isClosedByReader || (terminated && event.type === 'success')
    ? { type: 'cancel', attempt, elapsed: event.elapsed, total: event.total }
    : event;
}

function requestHeaders({ header = [], user: credentials }: Partial<OptionValues>): [name: string, value: string][] {
  const headers = header.map(([name, value]): [string, string] => [name, value]);
  if (!credentials) return headers;
  const { user, password } = credentials;
  return [...headers, ['authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`]];
}

/**
 * Writes the whole body of an error, as curl does with `--fail-with-body`. It yields nothing, since it is no progress.
 *
 * @throws WriteError if the output cannot be written
 * @throws HttpStatusError otherwise, even if the body breaks off: the status matters more than the rest of the body
 */
async function* writeErrorBody(
  response: Response,
  attempt: HttpAttempt,
  options: WriteBodyOptions,
): AsyncGenerator<Progress> {
  try {
    for await (const _ of writeBody(response, options));
  } catch (failure) {
    const writeError = findWriteError(failure);
    if (writeError) throw writeError;
  }
  throw new HttpStatusError({ attempt, response });
}

/** Checks whether the output can appear on the terminal: it is the terminal, or a pipe whose reader may write to it. */
function mayReachTerminal(stdout: Writable & Screen & { readonly fd?: number }): boolean {
  if (stdout.isTTY === true || stdout.fd === undefined) return stdout.isTTY === true;
  const file = fstatSync(stdout.fd);
  return file.isFIFO() || file.isSocket();
}

/** The display of a request's attempts, with a way to print a warning beside them. */
interface RequestDisplay extends Partial<AttemptDisplay> {
  readonly warn: (message: string) => void;
}

function createDisplay({ quiet, json }: Partial<OptionValues>, stderr: Screen, yieldToBody: boolean): RequestDisplay {
  if (quiet) return { warn: () => undefined };
  if (json) {
    return {
      next: (event) => stderr.write(`${eventToJson(event)}\n`),
      warn: (message) => stderr.write(`${warningToJson(message)}\n`),
    };
  }
  const display = showAttempts(stderr, { yieldToBody });
  return {
    ...display,
    warn: (message) => {
      display.print(`rxjs-retry-client: ${safeText(message)}`);
    },
  };
}

/** Calls the library and converts its errors about options into errors about the command line. */
function toUsageErrors<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(safeText(error.message));
    throw error;
  }
}

function writeFailure(error: unknown, stderr: Screen, json: boolean): void {
  if (isBrokenPipe(error)) return;
  const reported = findWriteError(error) ?? error;
  stderr.write(
    json
      ? `${errorToJson(reported)}\n`
      : `rxjs-retry-client: ${safeText(reported instanceof Error ? reported.message : String(reported))}\n`,
  );
}
