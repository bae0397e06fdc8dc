/** How a header tells a deadline. */
export type DeadlineFormat = 'deadline' | 'timeout' | 'grpc-timeout';

/** The units of `grpc-timeout`, in ms. */
const GRPC_UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Unix times below this are in seconds, others in ms: in ms it is in 1973, in seconds in the year 5138. */
const FIRST_TIME_IN_MS = 100_000_000_000;

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

const READERS: Readonly<Record<DeadlineFormat, (value: string, now: number) => number>> = {
  deadline: (value, now) => readTime(value) - now,
  timeout: (value) => (/^\d{1,15}$/.test(value) ? Number(value) : NaN),
  'grpc-timeout': (value) => {
    const [, amount, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? [];
    return Number(amount) * (GRPC_UNITS[unit] ?? NaN);
  },
};

/** Returns a time in ms since the epoch, or NaN. */
function readTime(value: string): number {
  if (!/^\d{1,15}(?:\.\d{1,9})?$/.test(value)) return RFC_3339.test(value) ? Date.parse(value) : NaN;
  const time = Number(value);
  return time < FIRST_TIME_IN_MS ? time * 1_000 : time;
}

/**
 * Reads how much time a caller gives, in ms; 0 if it is over.
 *
 * @param now - in ms since the epoch
 * @returns `undefined` for what is no header of that format
 */
export function readDeadline(value: unknown, format: DeadlineFormat, now: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = READERS[format](value.trim(), now);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
