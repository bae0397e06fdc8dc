// The names of attributes. They are written down here, so that only the API of OpenTelemetry is a dependency; a spec
// compares them with the published ones.

/** By the semantic conventions 1.44, HTTP. */
export const HTTP_REQUEST_METHOD = 'http.request.method';
export const HTTP_REQUEST_METHOD_ORIGINAL = 'http.request.method_original';
export const HTTP_REQUEST_RESEND_COUNT = 'http.request.resend_count';
export const HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const SERVER_ADDRESS = 'server.address';
export const SERVER_PORT = 'server.port';
export const URL_FULL = 'url.full';
export const URL_TEMPLATE = 'url.template';
export const ERROR_TYPE = 'error.type';

export const requestHeader = (name: string): string => `http.request.header.${name.toLowerCase()}`;
export const responseHeader = (name: string): string => `http.response.header.${name.toLowerCase()}`;

/** The number of the attempt that a sending belongs to. */
export const ATTEMPT = 'rxjs_retry_client.attempt';
/** Whether the sending is a hedge. */
export const HEDGE = 'rxjs_retry_client.hedge';
/** Whether another sending of the attempt won, and this one was cut. */
export const LOST = 'rxjs_retry_client.lost';
/** Whether the caller, or its client, ended the sending or the request. */
export const CANCELLED = 'rxjs_retry_client.cancelled';
/** The `name` of the client. */
export const CLIENT = 'rxjs_retry_client.client';
export const REQUEST_ID = 'rxjs_retry_client.request_id';
/** The number of attempts that were sent. */
export const ATTEMPTS = 'rxjs_retry_client.attempts';
/** The number of times that a message was sent: attempts, their hedges, and what interceptors sent again. */
export const SENDS = 'rxjs_retry_client.sends';
/** Why nothing more was tried. */
export const FAILURE_REASON = 'rxjs_retry_client.failure_reason';
/** The name of a gate. */
export const GATE = 'rxjs_retry_client.gate';
/** In seconds. */
export const DELAY = 'rxjs_retry_client.delay';
