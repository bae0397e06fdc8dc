import { pino } from 'pino';
import { logAttempts, RetryClient } from 'rxjs-retry-client';

const logger = pino({ level: 'info' });

export const client = new RetryClient({ name: 'billing' });
client.attempts$.subscribe(logAttempts(logger, { structured: true }));
