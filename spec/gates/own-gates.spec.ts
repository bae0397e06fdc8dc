import { map, NEVER, takeUntil, timer } from 'rxjs';

import { awsRetryQuota } from '../../docs/examples/gates/aws-retry-quota.js';
import { grpcRetryThrottling } from '../../docs/examples/gates/grpc-retry-throttling.js';
import { type BackoffContext, constant, type Gate, hedging, type Outcome, RetryClient } from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { type Answer, bodiless, network } from '../support/scripted-network.js';
import { marbles } from '../support/virtual-time.js';

/** Sends one request with these answers; returns the number of its attempts, and why it failed. */
function request(
  gate: Gate,
  answers: readonly Answer[],
  { attempts = 3, url = 'http://a.test/', flush }: { attempts?: number; url?: string; flush: () => void },
): { sent: number; reason: string | undefined } {
  const { interceptor, requests } = network(...answers);
  const client = new RetryClient({
    strategy: { attempts, backoff: constant(0), gates: [gate] },
    interceptors: [interceptor],
  });
  let reason: string | undefined;
  client.attempts$.subscribe((event) => {
    if (event.type === 'failure') ({ reason } = event);
  });
  client.get(url).subscribe({ error: () => undefined });
  flush();
  return { sent: requests.length, reason };
}

describe("The example of gRPC's retry throttling", () => {
  // grpc/proposal A6: with 10 tokens at most, retries stop when 5 are left.
  marbles('allows retries while more than half of the tokens are left', ({ flush }) => {
    const gate = grpcRetryThrottling({ maxTokens: 10, tokenRatio: 0.1 });
    const first = request(gate, [503], { attempts: 4, flush });
    const fifth = request(gate, [503], { attempts: 4, flush });

    // 4 failures leave 6 tokens; the fifth leaves 5.
    expect(first).toEqual({ sent: 4, reason: 'attempts' });
    expect(fifth).toEqual({ sent: 1, reason: 'rejected' });
  });

  marbles('allows them again after one success above half', ({ flush }) => {
    const gate = grpcRetryThrottling({ maxTokens: 10, tokenRatio: 0.1 });
    request(gate, [503], { attempts: 5, flush });

    const before = mayHedge(gate, flush);
    request(gate, [200], { flush });

    // 5 tokens, then 5.1.
    expect([before, mayHedge(gate, flush)]).toEqual([false, true]);
    // The failure leaves 4.1, which allows no retry of it.
    expect(request(gate, [503], { flush }).sent).toBe(1);

    for (let success = 0; success < 20; success += 1) request(gate, [200], { flush });

    // 6.1, and the failure leaves 5.1.
    expect(request(gate, [503, 200], { flush }).sent).toBe(2);
  });

  marbles('needs 51 successes for the first token above half, from 0', ({ flush }) => {
    const gate = grpcRetryThrottling({ maxTokens: 10, tokenRatio: 0.1 });
    for (let failure = 0; failure < 15; failure += 1) request(gate, [503], { flush });
    // A hedge may be sent while more than half is left: so it shows the count without changing it.
    const successes: number[] = [];
    for (let success = 1; success <= 51; success += 1) {
      request(gate, [200], { flush });
      if (mayHedge(gate, flush)) successes.push(success);
    }

    expect(successes).toEqual([51]);
  });

  marbles('ignores decimals of the ratio beyond the third', ({ flush }) => {
    const gate = grpcRetryThrottling({ maxTokens: 2, tokenRatio: 0.5466 });
    for (let failure = 0; failure < 3; failure += 1) request(gate, [503], { flush });
    const allowed: boolean[] = [];
    // 0.546 · 2 = 1.092 of 2; then one failure leaves 0.092, and two successes 1.184.
    for (const answer of [200, 200, 503, 200, 200]) {
      request(gate, [answer], { attempts: 1, flush });
      allowed.push(mayHedge(gate, flush));
    }

    expect(allowed).toEqual([false, true, false, false, true]);
    expect(grpcRetryThrottling({ tokenRatio: 1.001 }).name).toBe('grpc-retry-throttling');
  });

  marbles('never has more tokens than at the start', ({ flush }) => {
    const gate = grpcRetryThrottling({ maxTokens: 4, tokenRatio: 1 });
    for (let success = 0; success < 9; success += 1) request(gate, [200], { flush });

    expect(request(gate, [503], { attempts: 9, flush })).toEqual({ sent: 2, reason: 'rejected' });
  });

  marbles('counts an answer that is not retried neither as a failure nor as a success', ({ flush }) => {
    const gate = grpcRetryThrottling({ maxTokens: 4, tokenRatio: 1 });
    request(gate, [503], { attempts: 2, flush });
    for (let answer = 0; answer < 9; answer += 1) {
      request(gate, [404], { flush });
    }

    expect(mayHedge(gate, flush)).toBeFalse();
  });

  marbles('counts for each server', ({ flush }) => {
    const gate = grpcRetryThrottling({ maxTokens: 4, tokenRatio: 1 });
    request(gate, [503], { attempts: 9, flush });

    expect(request(gate, [503], { flush }).sent).toBe(1);
    expect(request(gate, [503], { url: 'http://b.test/', flush }).sent).toBe(2);
  });

  // grpc-java#7222: when the hedge was refused and the first attempt had failed, the call never ended.
  marbles('ends a request whose hedge it refuses, once the first sending has failed', ({ flush }) => {
    const gate = grpcRetryThrottling({ maxTokens: 2, tokenRatio: 0.1 });
    request(gate, [503], { flush });
    const late = timer(50).pipe(map(() => new Response(null, { status: 503 })));
    const { interceptor, requests } = network(late);
    const client = new RetryClient({
      strategy: { backoff: constant(0), hedge: hedging({ after: 10 }), gates: [gate] },
      interceptors: [interceptor],
    });
    const { lines } = watch(client.get('http://a.test/'), ({ status }) => String(status));
    flush();

    expect(requests.length).toBe(1);
    expect(lines).toEqual(['50 503', '50 complete']);
  });

  /** Whether a hedge would be sent now. Both sendings are left then, which changes nothing. */
  function mayHedge(gate: Gate, flush: () => void): boolean {
    const answers = network(NEVER);
    const client = new RetryClient({
      strategy: { hedge: hedging({ after: 1 }), gates: [gate] },
      interceptors: [answers.interceptor],
    });
    client
      .get('http://a.test/')
      .pipe(takeUntil(timer(5)))
      .subscribe();
    flush();
    return answers.requests.length === 2;
  }
});

describe("The example of AWS's retry quota", () => {
  // smithy-lang/smithy-typescript, retries.integ.spec.ts: the numbers of 2026.
  marbles('follows the vector of a retry that succeeds', ({ flush }) => {
    const quota = awsRetryQuota();
    const lefts: number[] = [];
    const { interceptor } = network(500, 500, () => {
      lefts.push(quota.left());
      return new Response();
    });
    new RetryClient({ strategy: { backoff: constant(0), gates: [quota] }, interceptors: [interceptor] })
      .get('http://a.test/')
      .subscribe();
    flush();

    expect([...lefts, quota.left()]).toEqual([472, 486]);
  });

  marbles('follows the vector of attempts that are spent', ({ flush }) => {
    const quota = awsRetryQuota();

    expect(request(quota, [502], { flush })).toEqual({ sent: 3, reason: 'attempts' });
    expect(quota.left()).toBe(472);
  });

  marbles('follows the vectors of a quota that is spent', ({ flush }) => {
    const one = awsRetryQuota({ capacity: 14 });
    const none = awsRetryQuota({ capacity: 0 });

    expect(request(one, [500], { flush })).toEqual({ sent: 2, reason: 'rejected' });
    expect(request(none, [500], { flush })).toEqual({ sent: 1, reason: 'rejected' });
    expect([one.left(), none.left()]).toEqual([0, 0]);
  });

  // The vector's throttling is a code in the body of a 400; the example's is the status 429 unless it is told otherwise.
  marbles('follows the vector of throttling', ({ flush }) => {
    const isThrottling = ({ response }: Outcome): boolean => response?.headers.get('x-amzn-errortype') === 'Throttling';
    const lefts: number[] = [];
    for (const [quota, throttled] of [
      [awsRetryQuota({ isThrottling }), bodiless(400, { 'x-amzn-errortype': 'Throttling' })],
      [awsRetryQuota(), 429],
    ] as const) {
      const { interceptor } = network(throttled, () => {
        lefts.push(quota.left());
        return new Response();
      });
      new RetryClient({
        strategy: { statuses: [400, 429], backoff: constant(0), gates: [quota] },
        interceptors: [interceptor],
      })
        .get('http://a.test/')
        .subscribe();
      flush();
      lefts.push(quota.left());
    }

    expect(lefts).toEqual([495, 500, 495, 500]);
  });

  marbles('follows the vector of mixed failures, with the cost and the delay of each', ({ flush }) => {
    const quota = awsRetryQuota();
    const isThrottled = ({ response }: Outcome): boolean => response?.status === 429;
    const backoff = ({ retry, outcome }: BackoffContext): number =>
      Math.min((isThrottled(outcome) ? 1_000 : 50) * 2 ** (retry - 1), 20_000);
    const { interceptor } = network(429, 429, 500, 500, 500, 500, 429, 200);
    const client = new RetryClient({
      strategy: { attempts: 8, backoff, gates: [quota] },
      interceptors: [interceptor],
    });
    const rows: [number, number][] = [];
    client.attempts$.subscribe((event) => {
      if (event.type === 'retry') rows.push([quota.left(), event.delay]);
    });
    client.get('http://a.test/').subscribe();
    flush();

    expect(rows).toEqual([
      [495, 1_000],
      [490, 2_000],
      [476, 200],
      [462, 400],
      [448, 800],
      [434, 1_600],
      [429, 20_000],
    ]);
    expect(quota.left()).toBe(434);
  });

  marbles('gains one for a request that needed no retry, up to its capacity', ({ flush }) => {
    const quota = awsRetryQuota({ capacity: 30 });
    request(quota, [500], { attempts: 2, flush });
    request(quota, [200], { flush });
    const after = quota.left();
    for (let success = 0; success < 20; success += 1) request(quota, [200], { flush });

    expect([after, quota.left()]).toEqual([17, 30]);
  });

  // aws/aws-sdk-js-v3#4754: what one request had spent kept another from being refunded.
  marbles("refunds the cost of a request's own last retry", ({ flush }) => {
    const quota = awsRetryQuota();
    const { interceptor } = network(500, 429, 200);
    const client = new RetryClient({
      strategy: { backoff: constant(0), gates: [quota] },
      interceptors: [interceptor],
    });
    client.get('http://a.test/').subscribe();
    client.get('http://a.test/').subscribe();
    const before = quota.left();
    flush();

    expect([before, quota.left()]).toEqual([481, 500]);
  });

  marbles('forgets requests that were left while they waited, at last', ({ flush }) => {
    const quota = awsRetryQuota({ capacity: 1e6 });
    for (let left = 0; left < 1_001; left += 1) {
      const { interceptor } = network(500);
      new RetryClient({ strategy: { gates: [quota] }, interceptors: [interceptor] })
        .get('http://a.test/')
        .subscribe()
        .unsubscribe();
    }
    flush();

    expect(quota.left()).toBe(1e6 - 1_001 * 14);
  });
});
