import { OPTIONS_INDEX } from '../client/options-index.js';
import { resolveUrls } from './page-url.js';

/** Returns the options among the arguments of a client's method. They are not checked yet. */
export function optionsOf(name: string, args: readonly unknown[]): unknown {
  return args[OPTIONS_INDEX[name] as number];
}

/** Resolves the relative URLs among the arguments of a client's method. */
export function withAbsoluteUrls(name: string, args: readonly unknown[], page: URL): readonly unknown[] {
  if (name === 'request') return [args[0], resolveUrls(args[1], page), ...args.slice(2)];
  if (name !== 'requests' || !Array.isArray(args[0])) return [resolveUrls(args[0], page), ...args.slice(1)];
  const list = args[0].map((entry: { readonly url?: unknown } | null) =>
    entry?.url === undefined ? entry : { ...entry, url: resolveUrls(entry.url, page) },
  );
  return [list, ...args.slice(1)];
}
