import { slowDelay, type Schedule } from './reference-backoff.js';
import { slowHttpDate, slowRetryAfter } from './reference-http-date.js';
import { line, slowWait } from './reference-run.js';

/** What the network comes to in one attempt, so long after it began. */
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
  /** How the selector gets on with it, if there is one. */
  readonly reading: {
    readonly values: readonly number[];
    readonly after: number;
    readonly end: 'complete' | 'broken' | 'bug' | 'silence';
  };
}

/** A request as a spec writes it down; times that must not fall together with others have fractions of their own. */
export interface Wish {
  readonly method: 'GET' | 'POST';
  readonly idempotencyKey: boolean;
  readonly urls: readonly string[];
  readonly attempts: number | undefined;
  readonly schedule: Schedule;
  readonly rotation: 'cycle' | 'hold' | undefined;
  readonly maxRetryAfter: number | undefined;
  readonly says: readonly (boolean | undefined)[];
  readonly throwHttpErrors: boolean | undefined;
  readonly selects: boolean;
  readonly timeout: number | false;
  readonly totalTimeout: number | false;
  readonly chance: number;
}

/** Who ends it before its time, and when. */
export interface Ending {
  readonly by: 'leaving' | 'aborting' | 'closing';
  readonly at: number;
}

/** What all listeners are told. */
export interface RequestTold {
  readonly events: readonly string[];
  readonly output: readonly string[];
}

type Outcome =
  | { readonly is: 'response'; readonly label: string }
  | { readonly is: 'value'; readonly label: string }
  | { readonly is: 'error'; readonly label: string };

/**
 * What the client's documents say a request comes to, reckoned without a clock: a second implementation, for specs alone. Replies are those
 * to the attempts in turn, the last one repeating.
 */
export function slowRequest(wish: Wish, replies: readonly Reply[], ending: Ending): RequestTold {
  const of = wish.attempts ?? scheduleAttempts(wish.schedule) ?? Math.max(3, wish.urls.length);
  const deadline = wish.totalTimeout === false ? Infinity : wish.totalTimeout;
  const repeatable = wish.method === 'GET' || wish.idempotencyKey;
  const throws = wish.throwHttpErrors ?? wish.selects;
  const holds = new Map<string, readonly [number, number]>();
  const events: string[] = [];
  const output: string[] = [];
  let urls = [...wish.urls];
  let turn = 0;
  let [clock, number, retries, previous, asked] = [0, 0, 0, 0, 0];

  const pass = (): void => {
    turn = turn + 1 < urls.length ? turn + 1 : wish.rotation === 'hold' ? urls.length - 1 : 0;
  };

  for (;;) {
    number += 1;
    const start = clock;
    const url = urls[turn]!;
    const origin = new URL(url).origin;
    const named = `${number}/${of} ${url}`;
    const reply = replies[Math.min(number, replies.length) - 1]!;
    const { answer, reading } = reply;
    events.push(line(start, 'start', named));
    pass();

    let emitted = false;
    let lost: { readonly response: string; readonly reason: string } | undefined;
    /** Whoever comes first of the deadline and the ending; nothing after it happens. */
    const stop = Math.min(deadline, ending.at);
    const stopped = (): RequestTold => {
      const elapsed = stop - start;
      if (stop === Infinity) return { events, output };
      if (deadline < ending.at) {
        events.push(line(stop, 'failure', named, 'error total', elapsed, 'deadline'));
        output.push(line(stop, 'error total'));
      } else if (ending.by === 'leaving') {
        if (lost !== undefined && emitted) {
          events.push(line(stop, 'failure', named, lost.response, elapsed, lost.reason));
        } else events.push(line(stop, emitted ? 'success' : 'cancel', named, elapsed));
      } else {
        events.push(
          line(stop, 'failure', named, `error ${ending.by}`, elapsed, ending.by === 'aborting' ? 'aborted' : 'closed'),
        );
        output.push(line(stop, `error ${ending.by}`));
      }
      return { events, output };
    };
    const emits = (label: string): void => {
      emitted = true;
      events.push(line(clock, 'value', named, label, clock - start));
      output.push(line(clock, label));
    };
    const fails = (reason: string, outcome: Outcome): RequestTold => {
      events.push(line(clock, 'failure', named, `${outcome.is} ${outcome.label}`, clock - start, reason));
      if (outcome.is === 'error') output.push(line(clock, `error ${outcome.label}`));
      else output.push(line(clock, outcome.label), line(clock, 'complete'));
      return { events, output };
    };

    const silentAt = wish.timeout === false ? Infinity : start + wish.timeout;
    const answersAt = answer.is === 'silence' ? Infinity : start + reply.after;
    clock = Math.min(silentAt, answersAt);
    if (clock >= stop) return stopped();

    /** What to do about an outcome: the reason to give up for, a wait, or nothing where it is accepted. */
    const decide = (
      outcome: Outcome,
      told: string | undefined,
      own: string | undefined,
    ): string | number | undefined => {
      const said = wish.says.length > 0 ? wish.says[Math.min(asked++, wish.says.length - 1)] : undefined;
      const broken = outcome.label === 'broken' && answer.is === 'broken' ? answer : undefined;
      if (said === undefined && broken?.permanent) {
        const gone = urls.indexOf(url);
        const ahead = urls[turn]!;
        urls = urls.filter((one) => one !== url);
        if (urls.length === 0) return 'permanent';
        if (gone < turn) turn -= 1;
        if (turn >= urls.length) turn = wish.rotation === 'hold' ? urls.length - 1 : 0;
        if (ahead !== url && urls[turn] !== ahead) throw new Error('The slow reading has lost its place.');
        if (!repeatable && broken.sent !== false) return 'method';
      } else {
        const status = outcome.is === 'response' && answer.is === 'response' ? answer.status : 0;
        const bad =
          outcome.is === 'error'
            ? outcome.label !== 'bug' && broken?.permanent !== true
            : [408, 425, 429].includes(status) || status >= 500;
        if (!(said ?? bad)) return outcome.is === 'error' ? 'permanent' : undefined;
        if (said !== true && !repeatable && broken?.sent !== false) return 'method';
      }
      if (number >= of) return 'attempts';
      if (emitted) return 'partial';

      retries += 1;
      const wait =
        wish.maxRetryAfter === 0 || told === undefined
          ? undefined
          : slowRetryAfter(told, (own === undefined ? undefined : slowHttpDate(own, clock)) ?? clock);
      if (wait !== undefined) holds.set(origin, [clock, wait]);
      const rest = (one: string): number => {
        const [since, asked] = holds.get(new URL(one).origin) ?? [clock, 0];
        return Math.max(0, asked - (clock - since));
      };
      const tooLong = (one: string): boolean => rest(one) > (wish.maxRetryAfter ?? 60_000);
      const tooLate = (one: string): boolean => clock + rest(one) >= deadline;
      // Only those that are ahead: with 'hold' what was passed does not come back.
      const ahead = wish.rotation === 'hold' ? urls.slice(turn) : urls;
      if (ahead.every(tooLong)) return 'retry-after';
      if (ahead.every((one) => tooLong(one) || tooLate(one))) return 'deadline';
      while (tooLong(urls[turn]!) || tooLate(urls[turn]!)) pass();
      const next = urls[turn]!;
      previous = slowDelay(wish.schedule, retries, previous, wish.chance);
      const delay = slowWait(previous, rest(next), wish.chance);
      return clock + delay >= deadline ? 'deadline' : delay;
    };

    const ends = (outcome: Outcome, what: string | number): RequestTold | number => {
      if (typeof what === 'string') return fails(what, outcome);
      events.push(line(clock, 'retry', named, `${outcome.is} ${outcome.label}`, clock - start, what));
      return what;
    };

    let end: RequestTold | number | undefined;
    if (silentAt < answersAt) {
      const silence: Outcome = { is: 'error', label: 'silence' };
      end = ends(silence, decide(silence, undefined, undefined)!);
    } else if (answer.is !== 'response') {
      const error: Outcome = { is: 'error', label: answer.is };
      end = ends(error, decide(error, undefined, undefined)!);
    } else {
      const response: Outcome = { is: 'response', label: String(answer.status) };
      const what = decide(response, answer.retryAfter, answer.date);
      if (typeof what === 'number') {
        end = ends(response, what);
      } else if (throws && answer.status >= 400) {
        return fails(what ?? 'permanent', { is: 'error', label: `status ${answer.status}` });
      } else if (!wish.selects) {
        if (what !== undefined) return fails(what, response);
        emits(response.label);
        events.push(line(clock, 'success', named, clock - start));
        output.push(line(clock, 'complete'));
        return { events, output };
      } else {
        if (what !== undefined) lost = { response: `response ${answer.status}`, reason: what };
        for (const after of reading.values) {
          clock += after;
          if (clock >= stop) return stopped();
          const value: Outcome = { is: 'value', label: 'read' };
          // A response that was given up is read to its end, and nothing is asked any more.
          const said = what === undefined ? decide(value, answer.retryAfter, answer.date) : undefined;
          if (said !== undefined) {
            end = ends(value, said);
            break;
          }
          emits('read');
        }
        if (typeof end === 'object') return end;
        if (end === undefined) {
          clock += reading.after;
          if (reading.end === 'silence' || clock >= stop) return stopped();
          if (reading.end === 'complete') {
            events.push(
              lost
                ? line(clock, 'failure', named, lost.response, clock - start, lost.reason)
                : line(clock, 'success', named, clock - start),
            );
            output.push(line(clock, 'complete'));
            return { events, output };
          }
          const error: Outcome = { is: 'error', label: reading.end };
          end = ends(error, lost?.reason ?? decide(error, answer.retryAfter, answer.date)!);
        }
      }
    }
    if (typeof end !== 'number') return end;

    if (clock + end >= ending.at) {
      // It ends while it waits.
      if (ending.by === 'leaving') events.push(line(ending.at, 'cancel', named, ending.at - start));
      else {
        events.push(
          line(
            ending.at,
            'failure',
            named,
            `error ${ending.by}`,
            ending.at - start,
            ending.by === 'aborting' ? 'aborted' : 'closed',
          ),
        );
        output.push(line(ending.at, `error ${ending.by}`));
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
