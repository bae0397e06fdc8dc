import { readProperty } from '../util/foreign-object.js';
import { safeText } from '../util/safe-text.js';
import type { Bar } from './row.js';

/**
 * Describes an outcome: in a word, why an attempt failed (its status, `timeout` for HttpTimeoutError, the name of
 * another error), and what its error says. Nothing of it is kept: a response would keep its body.
 */
export function labelOutcome(outcome: {
  readonly error?: unknown;
  readonly response?: unknown;
}): Pick<Bar, 'label' | 'detail'> {
  const { error } = outcome;
  const text = (name: string): string => {
    const value = readProperty(error, name);
    return typeof value === 'string' ? value : '';
  };
  const response = outcome.response ?? readProperty(error, 'response');
  const status = readProperty(response, 'status') ?? readProperty(error, 'status');
  return {
    // The status of an error of Angular is 0 without a response.
    label:
      typeof status === 'number' && status > 0
        ? `${status}`
        : text('name').replace(/^(?:Http|Gate)(.+)Error$/, (_, kind: string) => kind.toLowerCase()) || 'not accepted',
    // Its words, and not those about the request, which the row has.
    detail: safeText(
      text('message')
        .replace(/^[A-Z]+ \S+: | \(attempt [^()]*\)$/g, '')
        .slice(0, 300),
    ),
  };
}
