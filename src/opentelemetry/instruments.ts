import { createNoopMeter, type Counter, type Histogram, type Meter } from '@opentelemetry/api';

import { ActiveRequests } from './active-requests.js';

/** What requests are measured with. */
export interface Instruments {
  readonly duration: Histogram;
  readonly activeRequests: ActiveRequests;
  readonly retries: Histogram;
  readonly retryDelay: Histogram;
  readonly holdTime: Histogram;
  readonly rejections: Counter;
}

/** Advised by the semantic conventions, in seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** In seconds. Waits are longer than requests: up to the default `maxRetryAfter`. */
const WAIT_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** As gRPC's, see {@link https://github.com/grpc/proposal/blob/master/A96-retry-otel-stats.md | gRPC A96}. */
const RETRIES_BUCKETS = [1, 2, 3, 4, 5];

const seconds = (description: string, explicitBucketBoundaries: number[]) => ({
  description,
  unit: 's',
  advice: { explicitBucketBoundaries },
});

/** Creates the instruments; `undefined` if nothing is measured with them, because there is no SDK. */
export function createInstruments(meter: Meter): Instruments | undefined {
  const duration = meter.createHistogram(
    'http.client.request.duration',
    seconds('Duration of HTTP client requests.', DURATION_BUCKETS),
  );
  if (duration === createNoopMeter().createHistogram('')) return undefined;
  return {
    duration,
    activeRequests: new ActiveRequests(
      meter.createObservableUpDownCounter('http.client.active_requests', {
        description: 'Number of active HTTP requests.',
        unit: '{request}',
      }),
    ),
    retries: meter.createHistogram('rxjs_retry_client.retries', {
      description: 'Retries of a request that was retried.',
      unit: '{retry}',
      advice: { explicitBucketBoundaries: RETRIES_BUCKETS },
    }),
    retryDelay: meter.createHistogram('rxjs_retry_client.retry_delay', seconds('Delay before a retry.', WAIT_BUCKETS)),
    holdTime: meter.createHistogram(
      'rxjs_retry_client.hold_time',
      seconds('Time for which a gate held an attempt.', WAIT_BUCKETS),
    ),
    rejections: meter.createCounter('rxjs_retry_client.rejections', {
      description: 'Requests that a gate ended by letting no further attempt in.',
      unit: '{request}',
    }),
  };
}
