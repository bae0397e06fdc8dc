import { isOfNetwork, marksOf, type NetworkFailure, summaryOf, toldBy } from './marks.js';

/**
 * Reads what a transport's error tells, in a browser: that is no more than words, unless the transport is somebody's own. Bundlers put this
 * in the place of network-failure, most of which are the codes and words of Node (`browser` in package.json).
 */
export function readNetworkFailure(error: unknown): NetworkFailure & { readonly isNetwork: boolean } {
  const all = marksOf(error);
  const told = toldBy(all);
  return {
    isNetwork: isOfNetwork(all, told),
    summary: summaryOf(all),
    sent: told.sent === false ? false : undefined,
    permanent: told.permanent || undefined,
    cause: error,
  };
}
