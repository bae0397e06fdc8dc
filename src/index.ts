export { constant } from './retry/backoff/constant.js';
export { decorrelatedJitter } from './retry/backoff/decorrelated-jitter.js';
export { equalJitter } from './retry/backoff/equal-jitter.js';
export { exponential } from './retry/backoff/exponential.js';
export { fibonacci } from './retry/backoff/fibonacci.js';
export { fullJitter } from './retry/backoff/full-jitter.js';
export { jitter } from './retry/backoff/jitter.js';
export { list } from './retry/backoff/list.js';
export { random } from './retry/backoff/random.js';
export { RetryClient } from './client/retry-client.js';
export { cycle } from './retry/cycle.js';
export { defineGate } from './gates/define-gate.js';
export { GateRejectedError } from './retry/gate-rejected-error.js';
export { hedging } from './gates/hedging/hedging.js';
export { HttpError } from './errors/http-error.js';
export { HttpNetworkError } from './errors/http-network-error.js';
export { HttpParseError } from './errors/http-parse-error.js';
export { HttpStatusError } from './errors/http-status-error.js';
export { HttpTimeoutError } from './errors/http-timeout-error.js';
export { HttpValidationError } from './errors/http-validation-error.js';
export { isHttpError } from './errors/is-http-error.js';
export { logAttempts } from './retry/log-attempts.js';
export { openWhen } from './gates/open-when.js';
export { retryWithStrategy } from './retry/retry-with-strategy.js';
export { whenOnline } from './gates/when-online.js';
export { bytes } from './selectors/bytes.js';
export { chunks } from './selectors/chunks.js';
export { download } from './selectors/download.js';
export { each } from './selectors/each.js';
export { json } from './selectors/json.js';
export { lines } from './selectors/lines.js';
export { ndjson } from './selectors/ndjson.js';
export { serverSentEvents } from './selectors/server-sent-events.js';
export { text } from './selectors/text.js';
export { withResponse } from './selectors/with-response.js';
export { withProgress } from './http/upload-progress.js';

export type { Attempt, AttemptEvent, Context, FailureReason, HttpAttempt } from './retry/attempt.js';
export type { Gate, GateAttempt, GateDefinition } from './retry/gate.js';
export type { ObservableState } from './gates/keyed-state.js';
export type { OpenOptions } from './gates/open-options.js';
export type { OpenSnapshot } from './gates/open-state.js';
export type { OpenWhenOptions } from './gates/open-when.js';
export type { WhenOnlineOptions } from './gates/when-online.js';
export type { GateRejectedErrorDetails } from './retry/gate-rejected-error.js';
export type { HedgingOptions } from './gates/hedging/hedging.js';
export type { GateKey, ObservableState } from './gates/keyed-state.js';
export type { Hedging } from './retry/hedge.js';
export type { Outcome } from './retry/outcome.js';
export type { Backoff, BackoffContext } from './retry/backoff/backoff.js';
export type { DecorrelatedJitterOptions } from './retry/backoff/decorrelated-jitter.js';
export type { ExponentialOptions } from './retry/backoff/exponential.js';
export type { FibonacciOptions } from './retry/backoff/fibonacci.js';
export type { JitterOptions } from './retry/backoff/jitter.js';
export type { RandomOptions } from './retry/backoff/random.js';
export type { BodyContent, FetchBody, JsonObject, NoJson, RequestBody } from './http/body.js';
export type { JsonOptions, SelectingOptions, ObserveAttemptsOptions } from './client/method-types.js';
export type { Rotation } from './retry/rotation.js';
export type { HttpErrorDetails } from './errors/http-error.js';
export type { HttpNetworkErrorDetails, NetworkPhase } from './errors/http-network-error.js';
export type { HttpParseErrorDetails } from './errors/http-parse-error.js';
export type { HttpStatusErrorDetails } from './errors/http-status-error.js';
export type { HttpTimeoutErrorDetails } from './errors/http-timeout-error.js';
export type { HttpValidationErrorDetails } from './errors/http-validation-error.js';
export type { HeadersInput } from './http/headers.js';
export type { AttemptRequest, Interceptor } from './transports/interceptor.js';
export type { AttemptLogger, AttemptObserver } from './retry/log-attempts.js';
export type { ClientOptions, CommonOptions, FetchOptions, RequestOptions } from './client/options.js';
export type { NamedFields } from './http/named-fields.js';
export type { Params, ParamValue } from './http/params.js';
export type { Observe } from './retry/retry-with-strategy.js';
export type { EachFunction } from './selectors/each.js';
export type { DownloadOptions, DownloadToOptions } from './selectors/download.js';
export type { DownloadDone, DownloadedBytes, DownloadPart, DownloadProgress } from './selectors/download-events.js';
export type { LinesOptions } from './selectors/lines.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './util/standard-schema.js';
export type {
  PulledReading,
  OnDemandSelector,
  ResumableOnDemandSelector,
  ResumableReading,
  ResumableSelector,
  Selector,
  SelectorFunction,
} from './selectors/selector.js';
export type { WholeBodyOptions } from './selectors/bounded-body.js';
export type { SelectedResponse, WithResponse } from './selectors/with-response.js';
export type { ServerSentEvent } from './selectors/sse-parser.js';
export type { ServerSentEventsOptions } from './selectors/server-sent-events.js';
export type { IncrementalHash } from './selectors/sha256.js';
export type { ByteStream, DownloadTarget, RandomAccessFile } from './selectors/download-sink.js';
export type { ErrorClass, RetryStrategy } from './retry/strategy.js';
export type { WholeBody } from './http/whole-body.js';
export type { RequestParams } from './client/targets.js';
export type { Transport } from './transports/transport.js';
export type { StreamBody } from './http/stream-body.js';
export type { UrlInput } from './http/url.js';
export type { CountableBody, UploadProgress, UploadProgressListener } from './http/upload-progress.js';
