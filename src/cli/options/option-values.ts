/** The parsed values of the options that were given. Durations are in ms. */
export interface OptionValues {
  request: string;
  header: readonly (readonly [name: string, value: string])[];
  user: Credentials;
  data: readonly string[];
  'base-url': readonly string[];
  'idempotency-key': string | true;
  transport: 'fetch' | 'node-fetch' | 'undici';
  attempts: number;
  methods: readonly string[];
  statuses: readonly number[];
  'no-retry-server-errors': true;
  errors: readonly ('network' | 'timeout')[];
  'max-retry-after': number;
  hedge: number;
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
  compare: readonly string[];
  html: string;
  har: string;
  output: string;
  continue: true;
  include: true;
  quiet: true;
  json: true;
  help: true;
  version: true;
}

/** A user and password for basic authentication. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The backoffs that `--backoff` can name. */
export type BackoffName = 'constant' | 'exponential' | 'fibonacci' | 'random' | 'list' | 'jitter' | 'decorrelated';
