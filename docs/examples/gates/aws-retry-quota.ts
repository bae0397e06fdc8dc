import { defineGate, type Gate, type Outcome } from 'rxjs-retry-client';

/** The retry quota of the AWS SDKs' standard mode, since November 2026. Make one for each client. */
export function awsRetryQuota({ capacity = 500, isThrottling = is429 } = {}): Gate & { readonly left: () => number } {
  let left = capacity;
  /** What the last retry of each request cost. */
  const lastCosts = new Map<string, number>();
  const costOf = (outcome: Outcome | undefined): number => (outcome && isThrottling(outcome) ? 5 : 14);
  const gate = defineGate({
    name: 'aws-retry-quota',
    allowsRetry: (_, outcome) => left >= costOf(outcome),
    next: (event) => {
      const { requestId } = event.attempt;
      if (event.type === 'retry') {
        left -= costOf(event.outcome);
        lastCosts.set(requestId, costOf(event.outcome));
        // A gate does not hear of a request that is left between two attempts.
        if (lastCosts.size > 1_000) lastCosts.delete([...lastCosts.keys()][0] ?? '');
      } else if (['success', 'failure', 'cancel'].includes(event.type)) {
        if (event.type === 'success') left = Math.min(capacity, left + (lastCosts.get(requestId) ?? 1));
        lastCosts.delete(requestId);
      }
    },
  });
  return { ...gate, left: () => left };
}

function is429({ response }: Outcome): boolean {
  return response?.status === 429;
}
