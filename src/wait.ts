import { Subscription, timer } from 'rxjs';

/** The longest delay of setTimeout; what is longer would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** Calls back once after a delay in ms, however long, unless unsubscribed before. */
export function after(ms: number, work: () => void): Subscription {
  // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
  if (ms <= LONGEST) return timer(ms).subscribe(work);
  const pending = new Subscription();
  pending.add(
    after(LONGEST, () => {
      pending.add(after(ms - LONGEST, work));
    }),
  );
  return pending;
}
