/** What fetch sends unless the caller says otherwise. */
const DEFAULTS = ['accept', '*/*', 'user-agent', 'undici', 'accept-encoding', 'gzip, deflate, br'];

/**
 * Headers as undici takes them with the least work: names and values in turn.
 *
 * @param type - the content type that the body brings
 * @throws TypeError for what is no pair
 */
export function requestHeaders(headers: RequestInit['headers'], type: string | undefined): string[] {
  if (headers === undefined && type === undefined) return [...DEFAULTS];
  const list = listOf(headers);
  if (type !== undefined) addMissing(list, 'content-type', type);
  addMissing(list, 'accept', '*/*');
  addMissing(list, 'user-agent', 'undici');
  // A part of what is compressed is not what was asked for.
  addMissing(list, 'accept-encoding', has(list, 'range') ? 'identity' : 'gzip, deflate, br');
  return list;
}

function listOf(headers: RequestInit['headers']): string[] {
  if (headers === undefined) return [];
  const list: string[] = [];
  if (Symbol.iterator in headers) {
    for (const pair of headers as Iterable<readonly string[]>) {
      const [name, value] = pair;
      if (name === undefined || value === undefined || pair.length > 2) throw new TypeError('headers must be an object, Headers, or an array of [name, value] pairs');
      list.push(name, value);
    }
  } else {
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value !== undefined) list.push(name, value);
    }
  }
  return list;
}

function addMissing(list: string[], name: string, value: string): void {
  if (!has(list, name)) list.push(name, value);
}

function has(list: readonly string[], name: string): boolean {
  for (let at = 0; at < list.length; at += 2) {
    const one = list[at] as string;
    if (one === name || (one.length === name.length && one.toLowerCase() === name)) return true;
  }
  return false;
}
