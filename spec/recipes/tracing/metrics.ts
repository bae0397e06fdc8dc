import { Counter, Histogram } from 'prom-client';
import type { AttemptEvent, HttpAttempt } from 'rxjs-retry-client';

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const requests = new Histogram({
  name: 'http_client_request_seconds',
  help: 'Requests, with all attempts and waits',
  labelNames: ['client', 'outcome'],
  buckets,
});
const responses = new Histogram({
  name: 'http_client_response_seconds',
  help: 'Attempts, until their headers came',
  labelNames: ['client', 'status'],
  buckets,
});
const retries = new Counter({ name: 'http_client_retries_total', help: 'Retries', labelNames: ['client', 'because'] });
const waits = new Counter({
  name: 'http_client_wait_seconds_total',
  help: 'Time between attempts',
  labelNames: ['client'],
});

export function measureAttempts(event: AttemptEvent<unknown, HttpAttempt>): void {
  const { client = '' } = event.attempt;
  if (event.type === 'response') responses.observe({ client, status: event.response.status }, event.elapsed / 1_000);
  if (event.type === 'retry') {
    const { outcome } = event;
    const because = outcome.kind === 'error' && outcome.error instanceof Error ? outcome.error.name : 'status';
    retries.inc({ client, because });
    waits.inc({ client }, event.delay / 1_000);
  }
  if ('total' in event)
    requests.observe({ client, outcome: event.type === 'failure' ? event.reason : event.type }, event.total / 1_000);
}
