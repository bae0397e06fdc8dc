import type { NetworkPhase } from '../../src/index.js';
import { FULL_BODY } from '../support/hostile/full-body.js';
import type { TransportName } from './transports.js';

/** The expected result of a scenario, for any method and way of reading. */
export type Expectation = (
  | {
      /** No answer: an HttpNetworkError. */
      readonly kind: 'fails';
      /** The phases that the error may report; `undefined` if the platform does not report one. */
      readonly phases: readonly (NetworkPhase | undefined)[];
      /** Whether the request was certainly not sent. `perhaps` if that depends on the run. */
      readonly unsent: boolean | 'perhaps';
      readonly permanent?: true;
    }
  /** Neither an answer nor an error: an HttpTimeoutError. */
  | { readonly kind: 'is silent' }
  /** A good status, and a body that breaks off or does not end. */
  | { readonly kind: 'breaks off' | 'stalls' }
  /** A complete answer. */
  | { readonly kind: 'answers'; readonly status: number; readonly body: string; readonly slowly: boolean }
  /** An error status, before a body that breaks off or does not end. */
  | { readonly kind: 'says'; readonly status: number; readonly body: 'breaks off' | 'does not end' }
) & {
  /** The number of requests that the server receives in each attempt; more than one with redirects. */
  readonly requests: number;
  /** The transport keeps an aborted connection open for a while. */
  readonly lingers?: true;
  /** Transports that differ and cannot be corrected. A comment beside the scenario must say why. */
  readonly but?: Readonly<Partial<Record<TransportName, Expectation>>>;
};

type ExpectationOptions = Partial<Pick<Expectation, 'requests' | 'lingers' | 'but'>>;

/** No connection was made, so nothing was sent. */
export const unsent: Expectation = { kind: 'fails', phases: ['connect'], unsent: true, requests: 0 };

/** The connection could not be used for a request, or was lost before an answer. */
export const fails = (
  phase: NetworkPhase | readonly (NetworkPhase | undefined)[],
  extra: ExpectationOptions & { unsent?: 'perhaps'; permanent?: true } = {},
): Expectation => ({
  kind: 'fails',
  phases: typeof phase === 'string' ? [phase] : phase,
  unsent: false,
  requests: 1,
  ...extra,
});

export const isSilent = (extra: ExpectationOptions = {}): Expectation => ({ kind: 'is silent', requests: 1, ...extra });

export const breaksOff: Expectation = { kind: 'breaks off', requests: 1 };

export const stalls: Expectation = { kind: 'stalls', requests: 1 };

export const answers = (
  extra: ExpectationOptions & { status?: number; body?: string; slowly?: boolean } = {},
): Expectation => ({
  kind: 'answers',
  status: 200,
  body: FULL_BODY,
  slowly: false,
  requests: 1,
  ...extra,
});

export const says = (status: number, body: 'breaks off' | 'does not end'): Expectation => ({
  kind: 'says',
  status,
  body,
  requests: 1,
});
