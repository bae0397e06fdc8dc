export { httpContextOf, retryContext } from './retry-context.js';
export { injectAttempts } from './attempts.js';
export { injectAttemptsSignal } from './running-requests.js';
export { injectRetryClient, provideRetryClient } from './retry-client.js';
export { retryInterceptor } from './retry-interceptor.js';
export { provideRetryStrategy } from './settings.js';

export type { RetryContextOptions } from './retry-context.js';
export type { RunningRequest } from './running-requests.js';
export type { HttpRetryStrategy } from './settings.js';
