/**
 * Whether an object is a Blob or a form, told by its tag so that those of another frame count. Bundlers put this in the place of foreign-body,
 * since in browsers no library brings Blobs and forms of its own (`browser` in package.json).
 */
export function isBlobOrForm(body: object): boolean {
  return /Blob|File|FormData/.test(Object.prototype.toString.call(body)) && !('pipe' in body);
}

/** Nothing needs to be made the platform's own. */
export function toPlatformBody(): undefined {
  return undefined;
}
