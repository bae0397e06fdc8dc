/**
 * Whether an object is a Blob or a form, by its tag, so that those of another frame count. Bundlers for browsers
 * replace foreign-body with this file (`browser` in package.json), since libraries for browsers use the platform's
 * Blobs and forms.
 */
export function isBlobOrForm(body: object): boolean {
  return /Blob|File|FormData/.test(Object.prototype.toString.call(body)) && !('pipe' in body);
}

/** Returns `undefined`: no body needs a conversion. */
export function toPlatformBody(): undefined {
  return undefined;
}
