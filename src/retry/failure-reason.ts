import type { FailureReason } from './attempt.js';

const DESCRIPTIONS: Readonly<Record<FailureReason, string>> = {
  attempts: 'no attempt is left',
  permanent: 'the strategy does not retry it',
  method: 'the server may have received it, and its method is not idempotent',
  body: 'its body can be sent only once',
  partial: 'a part of the response was emitted already',
  'retry-after': 'the server asks for a longer wait than maxRetryAfter',
  deadline: 'totalTimeout leaves no time for another attempt',
  aborted: 'its signal was aborted',
  closed: 'the client was closed',
  rejected: 'a gate rejected it',
};

/** Describes a reason as a clause. */
export function describeReason(reason: FailureReason): string {
  return DESCRIPTIONS[reason];
}
