import { referenceDelay, type Schedule } from './reference-backoff.js';
import { referenceHttpDate, referenceRetryAfter } from './reference-http-date.js';
import { formatLine, referenceWait } from './reference-run.js';

/** The answer of the network to one attempt, and its time in ms after the start of the attempt. */
export interface Reply {
  readonly after: number;
  readonly answer:
    | {
        readonly is: 'response';
        readonly status: number;
        readonly retryAfter: string | undefined;
        readonly date: string | undefined;
      }
    | { readonly is: 'broken'; readonly sent: false | undefined; readonly permanent: true | undefined }
    | { readonly is: 'bug' }
    | { readonly is: 'silence' };
  /** The emissions and the end of the selector, if there is one. The times are in ms, each after the one before. */
  readonly reading: {
    readonly values: readonly number[];
    readonly after: number;
    readonly end: 'complete' | 'broken' | 'bug' | 'silence';
  };
}

/** The description of a request. Times have different fractions of a ms, so that no two events coincide. */
export interface RequestSpec {
  readonly method: 'GET' | 'POST';
  readonly idempotencyKey: boolean;
  readonly urls: readonly string[];
  readonly attempts: number | undefined;
  readonly schedule: Schedule;
  readonly rotation: 'cycle' | 'hold' | undefined;
  readonly maxRetryAfter: number | undefined;
  /** The results of shouldRetry in turn. The last one repeats. */
  readonly decisions: readonly (boolean | undefined)[];
  readonly throwHttpErrors: boolean | undefined;
  readonly hasSelector: boolean;
  readonly timeout: number | false;
  readonly totalTimeout: number | false;
  readonly chance: number;
}

/** An end from outside, and its time in ms. */
export interface Ending {
  readonly by: 'unsubscribing' | 'aborting' | 'closing';
  readonly at: number;
}

/** The events and the output of a request, as lines. */
export interface RequestRecord {
  readonly events: readonly string[];
  readonly output: readonly string[];
}

type Outcome =
  | { readonly is: 'response'; readonly label: string }
  | { readonly is: 'value'; readonly label: string }
  | { readonly is: 'error'; readonly label: string };

/**
 * A reference implementation of the client, for specs alone. It computes a request from the documentation, without a
 * clock. The replies are to the attempts in turn; the last one repeats.
 */
export function referenceRequest(spec: RequestSpec, replies: readonly Reply[], ending: Ending): RequestRecord {
  const of = spec.attempts ?? scheduleAttempts(spec.schedule) ?? Math.max(3, spec.urls.length);
  const deadline = spec.totalTimeout === false ? Infinity : spec.totalTimeout;
  const isRepeatable = spec.method === 'GET' || spec.idempotencyKey;
  const throwsErrors = spec.throwHttpErrors ?? spec.hasSelector;
  const cooldowns = new Map<string, readonly [number, number]>();
  const events: string[] = [];
  const output: string[] = [];
  let urls = [...spec.urls];
  let position = 0;
  let [clock, number, retries, previous, outcomes] = [0, 0, 0, 0, 0];

  const advance = (): void => {
    position = position + 1 < urls.length ? position + 1 : spec.rotation === 'hold' ? urls.length - 1 : 0;
  };

  for (;;) {
    number += 1;
    const start = clock;
    const url = urls[position]!;
    const origin = new URL(url).origin;
    const attempt = `${number}/${of} ${url}`;
    const reply = replies[Math.min(number, replies.length) - 1]!;
    const { answer, reading } = reply;
    events.push(formatLine(start, 'start', attempt));
    advance();

    let hasEmitted = false;
    let lost: { readonly response: string; readonly reason: string } | undefined;
    /** The earlier of the deadline and the ending. Nothing happens after it. */
    const stop = Math.min(deadline, ending.at);
    const stopped = (): RequestRecord => {
      const elapsed = stop - start;
      if (stop === Infinity) return { events, output };
      if (deadline < ending.at) {
        events.push(formatLine(stop, 'failure', attempt, 'error total', elapsed, 'deadline'));
        output.push(formatLine(stop, 'error total'));
      } else if (ending.by === 'unsubscribing') {
        if (lost !== undefined && hasEmitted) {
          events.push(formatLine(stop, 'failure', attempt, lost.response, elapsed, lost.reason));
        } else events.push(formatLine(stop, hasEmitted ? 'success' : 'cancel', attempt, elapsed));
      } else {
        events.push(
          formatLine(
            stop,
            'failure',
            attempt,
            `error ${ending.by}`,
            elapsed,
            ending.by === 'aborting' ? 'aborted' : 'closed',
          ),
        );
        output.push(formatLine(stop, `error ${ending.by}`));
      }
      return { events, output };
    };
    const emit = (label: string): void => {
      hasEmitted = true;
      events.push(formatLine(clock, 'value', attempt, label, clock - start));
      output.push(formatLine(clock, label));
    };
    const fail = (reason: string, outcome: Outcome): RequestRecord => {
      events.push(formatLine(clock, 'failure', attempt, `${outcome.is} ${outcome.label}`, clock - start, reason));
      if (outcome.is === 'error') output.push(formatLine(clock, `error ${outcome.label}`));
      else output.push(formatLine(clock, outcome.label), formatLine(clock, 'complete'));
      return { events, output };
    };

    const timesOutAt = spec.timeout === false ? Infinity : start + spec.timeout;
    const answersAt = answer.is === 'silence' ? Infinity : start + reply.after;
    clock = Math.min(timesOutAt, answersAt);
    if (clock >= stop) return stopped();

    /** Decides on an outcome: a failure reason, a delay in ms, or `undefined` if it is accepted. */
    const decide = (
      outcome: Outcome,
      retryAfter: string | undefined,
      date: string | undefined,
    ): string | number | undefined => {
      const forced =
        spec.decisions.length > 0 ? spec.decisions[Math.min(outcomes++, spec.decisions.length - 1)] : undefined;
      const broken = outcome.label === 'broken' && answer.is === 'broken' ? answer : undefined;
      if (forced === undefined && broken?.permanent) {
        const gone = urls.indexOf(url);
        const ahead = urls[position]!;
        urls = urls.filter((other) => other !== url);
        if (urls.length === 0) return 'permanent';
        if (gone < position) position -= 1;
        if (position >= urls.length) position = spec.rotation === 'hold' ? urls.length - 1 : 0;
        if (ahead !== url && urls[position] !== ahead) throw new Error('the reference rotation lost its position');
        if (!isRepeatable && broken.sent !== false) return 'method';
      } else {
        const status = outcome.is === 'response' && answer.is === 'response' ? answer.status : 0;
        const isRetryable =
          outcome.is === 'error'
            ? outcome.label !== 'bug' && broken?.permanent !== true
            : [408, 425, 429].includes(status) || status >= 500;
        if (!(forced ?? isRetryable)) return outcome.is === 'error' ? 'permanent' : undefined;
        if (forced !== true && !isRepeatable && broken?.sent !== false) return 'method';
      }
      if (number >= of) return 'attempts';
      if (hasEmitted) return 'partial';

      retries += 1;
      const wait =
        spec.maxRetryAfter === 0 || retryAfter === undefined
          ? undefined
          : referenceRetryAfter(retryAfter, (date === undefined ? undefined : referenceHttpDate(date, clock)) ?? clock);
      if (wait !== undefined) cooldowns.set(origin, [clock, wait]);
      const cooldownOf = (target: string): number => {
        const [since, cooldown] = cooldowns.get(new URL(target).origin) ?? [clock, 0];
        return Math.max(0, cooldown - (clock - since));
      };
      const isTooLong = (target: string): boolean => cooldownOf(target) > (spec.maxRetryAfter ?? 60_000);
      const isTooLate = (target: string): boolean => clock + cooldownOf(target) >= deadline;
      // With 'hold', the rotation does not return to earlier URLs.
      const ahead = spec.rotation === 'hold' ? urls.slice(position) : urls;
      if (ahead.every(isTooLong)) return 'retry-after';
      if (ahead.every((target) => isTooLong(target) || isTooLate(target))) return 'deadline';
      while (isTooLong(urls[position]!) || isTooLate(urls[position]!)) advance();
      const next = urls[position]!;
      previous = referenceDelay(spec.schedule, retries, previous, spec.chance);
      const delay = referenceWait(previous, cooldownOf(next), spec.chance);
      return clock + delay >= deadline ? 'deadline' : delay;
    };

    const settleAttempt = (outcome: Outcome, decision: string | number): RequestRecord | number => {
      if (typeof decision === 'string') return fail(decision, outcome);
      events.push(formatLine(clock, 'retry', attempt, `${outcome.is} ${outcome.label}`, clock - start, decision));
      return decision;
    };

    let end: RequestRecord | number | undefined;
    if (timesOutAt < answersAt) {
      const silence: Outcome = { is: 'error', label: 'silence' };
      end = settleAttempt(silence, decide(silence, undefined, undefined)!);
    } else if (answer.is !== 'response') {
      const error: Outcome = { is: 'error', label: answer.is };
      end = settleAttempt(error, decide(error, undefined, undefined)!);
    } else {
      const response: Outcome = { is: 'response', label: String(answer.status) };
      const decision = decide(response, answer.retryAfter, answer.date);
      events.push(formatLine(clock, 'response', attempt, response.label, clock - start));
      if (typeof decision === 'number') {
        end = settleAttempt(response, decision);
      } else if (throwsErrors && answer.status >= 400) {
        return fail(decision ?? 'permanent', { is: 'error', label: `status ${answer.status}` });
      } else if (!spec.hasSelector) {
        if (decision !== undefined) return fail(decision, response);
        emit(response.label);
        events.push(formatLine(clock, 'success', attempt, clock - start));
        output.push(formatLine(clock, 'complete'));
        return { events, output };
      } else {
        if (decision !== undefined) lost = { response: `response ${answer.status}`, reason: decision };
        for (const after of reading.values) {
          clock += after;
          if (clock >= stop) return stopped();
          const value: Outcome = { is: 'value', label: 'read' };
          // The selector reads a rejected response to its end, without further decisions.
          const valueDecision = decision === undefined ? decide(value, answer.retryAfter, answer.date) : undefined;
          if (valueDecision !== undefined) {
            end = settleAttempt(value, valueDecision);
            break;
          }
          emit('read');
        }
        if (typeof end === 'object') return end;
        if (end === undefined) {
          clock += reading.after;
          if (reading.end === 'silence' || clock >= stop) return stopped();
          if (reading.end === 'complete') {
            events.push(
              lost
                ? formatLine(clock, 'failure', attempt, lost.response, clock - start, lost.reason)
                : formatLine(clock, 'success', attempt, clock - start),
            );
            output.push(formatLine(clock, 'complete'));
            return { events, output };
          }
          const error: Outcome = { is: 'error', label: reading.end };
          end = settleAttempt(error, lost?.reason ?? decide(error, answer.retryAfter, answer.date)!);
        }
      }
    }
    if (typeof end !== 'number') return end;

    if (clock + end >= ending.at) {
      // It ends during the wait for the retry.
      if (ending.by === 'unsubscribing') events.push(formatLine(ending.at, 'cancel', attempt, ending.at - start));
      else {
        events.push(
          formatLine(
            ending.at,
            'failure',
            attempt,
            `error ${ending.by}`,
            ending.at - start,
            ending.by === 'aborting' ? 'aborted' : 'closed',
          ),
        );
        output.push(formatLine(ending.at, `error ${ending.by}`));
      }
      return { events, output };
    }
    clock += end;
  }
}

function scheduleAttempts(schedule: Schedule): number | undefined {
  if (schedule.kind === 'list') return schedule.delays.length + 1;
  return 'of' in schedule ? scheduleAttempts(schedule.of) : undefined;
}
