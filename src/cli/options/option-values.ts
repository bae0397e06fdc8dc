/** The options that were given, read. Durations are in ms. */
export interface Values {
  request: string;
  header: readonly (readonly [name: string, value: string])[];
  user: Credentials;
  data: readonly string[];
  'base-url': readonly string[];
  transport: 'fetch' | 'node-fetch' | 'undici';
  attempts: number;
  methods: readonly string[];
  statuses: readonly number[];
  'no-retry-server-errors': true;
  errors: readonly ('network' | 'timeout')[];
  'max-retry-after': number;
  rotation: 'cycle' | 'hold';
  backoff: BackoffName;
  initial: number;
  factor: number;
  max: number;
  min: number;
  interval: number;
  delays: readonly number[];
  jitter: 'full' | 'equal' | 'none';
  seed: number;
  timeout: number | false;
  'total-timeout': number | false;
  output: string;
  continue: true;
  include: true;
  quiet: true;
  json: true;
  help: true;
  version: true;
}

/** For basic authentication. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The schedules by name. */
export type BackoffName = 'constant' | 'exponential' | 'fibonacci' | 'random' | 'list' | 'jitter' | 'decorrelated';
