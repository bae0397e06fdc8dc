/**
 * Requests as HAR files.
 *
 * @module
 */
export { HarRecorder, type HarRecorderOptions } from './har-recorder.js';
export type { Har, HarEntry, HarField, HarHold, HarLog, HarPage, HarRequest, HarResponse } from './har.js';
