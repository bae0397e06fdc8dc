export { telemetry } from './telemetry.js';

export type { TelemetryClientOptions } from './telemetry.js';
export type { TelemetryOptions } from './options.js';
