import type { NetworkPhase } from '../../src/index.js';
import { WHOLE } from '../support/hostile/whole.js';
import type { TransportName } from './transports.js';

/** What a scenario comes to, whatever the method and whoever reads. */
export type Expectation = (
  | {
      /** No answer: an HttpNetworkError. */
      readonly kind: 'fails';
      /** The phases that it may be told as; none where the platform does not tell. */
      readonly phases: readonly (NetworkPhase | undefined)[];
      /** Whether it is certain that the request never left. It may be known only at run time. */
      readonly unsent: boolean | 'perhaps';
      readonly permanent?: true;
    }
  /** No answer, nor an error: an HttpTimeoutError. */
  | { readonly kind: 'is silent' }
  /** A good status, and a body that breaks off, or does not end. */
  | { readonly kind: 'breaks off' | 'stalls' }
  /** A whole answer. */
  | { readonly kind: 'answers'; readonly status: number; readonly body: string; readonly slowly: boolean }
  /** An error status, before a body that breaks off or does not end. */
  | { readonly kind: 'says'; readonly status: number; readonly body: 'breaks off' | 'does not end' }
) & {
  /** How many requests the server sees in each attempt; more than one where there are redirects. */
  readonly requests: number;
  /** The transport keeps a connection that it was told to abort, for a while. */
  readonly lingers?: true;
  /** Where a transport does it otherwise, and nothing can be done about it: why must be told beside it. */
  readonly but?: Readonly<Partial<Record<TransportName, Expectation>>>;
};

type Extra = Partial<Pick<Expectation, 'requests' | 'lingers' | 'but'>>;

/** The connection was not made; it is certain that nothing was sent. */
export const unsent: Expectation = { kind: 'fails', phases: ['connect'], unsent: true, requests: 0 };

/** No connection fit for a request was made, or one was lost before any. */
export const fails = (
  phase: NetworkPhase | readonly (NetworkPhase | undefined)[],
  extra: Extra & { unsent?: 'perhaps'; permanent?: true } = {},
): Expectation => ({
  kind: 'fails',
  phases: typeof phase === 'string' ? [phase] : phase,
  unsent: false,
  requests: 1,
  ...extra,
});

export const isSilent = (extra: Extra = {}): Expectation => ({ kind: 'is silent', requests: 1, ...extra });

export const breaksOff: Expectation = { kind: 'breaks off', requests: 1 };

export const stalls: Expectation = { kind: 'stalls', requests: 1 };

export const answers = (extra: Extra & { status?: number; body?: string; slowly?: boolean } = {}): Expectation => ({
  kind: 'answers',
  status: 200,
  body: WHOLE,
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
