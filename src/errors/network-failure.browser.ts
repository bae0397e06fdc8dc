import { marksOf, type NetworkFailure, toldBy, wordsOf } from './marks.js';

/**
 * Reads what a transport's error tells, in a browser: that is no more than words, unless the transport is somebody's own. Bundlers put this
 * in the place of network-failure, half of which are the codes of Node (`browser` in package.json).
 */
export function readNetworkFailure(error: unknown): NetworkFailure {
  const all = marksOf(error);
  const { sent, permanent } = toldBy(all);
  return { summary: wordsOf(all).at(-1), sent: sent === false ? sent : undefined, permanent: permanent || undefined };
}
