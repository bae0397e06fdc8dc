/**
 * The headers of a message by name, as Node's libraries give them: a header that was sent several times has an array of
 * its values.
 */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Makes Headers of raw ones. */
export function toHeaders(raw: RawHeaders): Headers {
  const headers = new Headers();
  for (const name of Object.keys(raw)) {
    const values = raw[name];
    if (typeof values === 'string') headers.append(name, values);
    else for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}
