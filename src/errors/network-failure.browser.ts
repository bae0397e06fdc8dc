import { readProperty } from '../util/foreign-object.js';
import { errorsBeneath, MAX_ERRORS, type NetworkFailure } from './error-chain.js';

/**
 * Reads what a transport's error tells, in a browser: that is no more than words, unless the transport is somebody's own. Bundlers put this
 * in the place of network-failure, most of which are the codes and words of Node (`browser` in package.json).
 */
export function readNetworkFailure(error: unknown): NetworkFailure & { readonly isNetwork: boolean } {
  const seen = new Set<object>();
  /** The words of the innermost errors: what gathers others says less than they do. */
  const wordsOf = (one: unknown): readonly unknown[] => {
    if (typeof one !== 'object' || !one || seen.has(one) || seen.size >= MAX_ERRORS) return [];
    seen.add(one);
    const beneath = errorsBeneath(one).flatMap(wordsOf);
    const message = readProperty(one, 'message');
    return beneath.length === 0 && message && typeof message === 'string' ? [message] : beneath;
  };
  const summary = [...new Set(wordsOf(error))].join('; ') || undefined;
  const told = (mark: string): readonly unknown[] =>
    [...seen].map((one) => readProperty(one, mark)).filter((value) => typeof value === 'boolean');
  const [sent] = told('sent');
  const permanent = told('permanent').includes(true) || undefined;
  const isNetwork = permanent ?? (sent !== undefined || readProperty(error, 'name') === 'TypeError');
  return { isNetwork, summary, sent: sent === false ? sent : undefined, permanent, cause: error };
}
