import type { Outcome } from '../retry/outcome.js';
import { readProperty } from '../util/foreign-object.js';
import { safeText } from '../util/safe-text.js';
import type { Bar } from './row.js';

/** Says in a word why an attempt failed: `timeout` for HttpTimeoutError; the name of an error of others. */
export function labelError(name: string): string {
  return name.replace(/^(?:Http|Gate)(.+)Error$/, (_, kind: string) => kind.toLowerCase());
}

/** Describes an outcome. Nothing of it is kept: a response would keep its body. */
export function labelOutcome(outcome: Outcome): Pick<Bar, 'label' | 'detail'> {
  const error: unknown = 'error' in outcome ? outcome.error : undefined;
  const text = (name: string): string => {
    const value = readProperty(error, name);
    return typeof value === 'string' ? value : '';
  };
  const response = outcome.response ?? readProperty(error, 'response');
  const status = readProperty(response, 'status') ?? readProperty(error, 'status');
  return {
    // The status of an error of Angular is 0 without a response.
    label: typeof status === 'number' && status > 0 ? `${status}` : labelError(text('name')) || 'not accepted',
    // Its words, and not those about the request, which the row has.
    detail: safeText(
      text('message')
        .replace(/^[A-Z]+ \S+: | \(attempt [^()]*\)$/g, '')
        .slice(0, 300),
    ),
  };
}
