import { readProperty } from '../util/foreign-object.js';
import {
  errorsBeneath,
  isWorkerdFailure,
  isWorkerdRedirectLoop,
  MAX_ERRORS,
  type NetworkFailure,
} from './error-chain.js';

/**
 * Reads a transport's error in a browser or in workerd, where it has no more than a message, unless the transport is a
 * custom one.
 * Bundlers replace network-failure with this file (`browser` in package.json), because most of network-failure is about
 * the codes and messages of Node.
 */
export function readNetworkFailure(error: unknown): NetworkFailure & { readonly isNetwork: boolean } {
  const seen = new Set<object>();
  /** The messages of the innermost errors, which say more than the errors around them. */
  const innermostMessages = (current: unknown): readonly unknown[] => {
    if (typeof current !== 'object' || !current || seen.has(current) || seen.size >= MAX_ERRORS) return [];
    seen.add(current);
    const beneath = errorsBeneath(current).flatMap(innermostMessages);
    const message = readProperty(current, 'message');
    return beneath.length === 0 && message && typeof message === 'string' ? [message] : beneath;
  };
  const summary = [...new Set(innermostMessages(error))].join('; ') || undefined;
  const flagsOf = (name: string): readonly unknown[] =>
    [...seen].map((current) => readProperty(current, name)).filter((value) => typeof value === 'boolean');
  const [sent] = flagsOf('sent');
  const permanent = flagsOf('permanent').includes(true) || isWorkerdRedirectLoop(summary) || undefined;
  const name = readProperty(error, 'name');
  const isNetwork = permanent ?? (sent !== undefined || name === 'TypeError' || isWorkerdFailure(name, summary));
  return { isNetwork, summary, sent: sent === false ? sent : undefined, permanent, cause: error };
}
