import { createHash, randomBytes } from 'node:crypto';

import { toResourceUrl } from '../../selectors/resource-url.js';

/** The source of a download: its version and URLs. */
export interface Origin {
  /** The validator of the response: a strong `ETag` or a `Last-Modified` date (RFC 9110, section 8.8). */
  readonly validator: string;
  /** The URL of the request. */
  readonly requested: string;
  /** The URL of the response, after redirects. */
  readonly answered: string;
}

/** An origin with digests instead of URLs, since the query of a URL can contain secrets. */
export interface OriginDigest extends Origin {
  readonly salt: string;
}

/** The process that writes a file. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
}

/** The record of a partial download, which a later command needs to resume it. */
export interface ResumeRecord extends OriginDigest {
  /** The number of bytes that were written. */
  readonly loaded: number;
  /** The digest of these bytes. */
  readonly sha256: string;
  /** The process that is writing the file. A record without it is of a command that ended. */
  readonly writer?: Writer | undefined;
}

// They identify a record. Another file that happens to have its name is not taken for one, and not overwritten.
const KIND = 'rxjs-retry-client: part of a download';
const VERSION = 1;

/** Formats a record as JSON. */
export function formatResumeRecord(record: ResumeRecord): string {
  return JSON.stringify({ kind: KIND, version: VERSION, ...record });
}

/** Parses a record. Returns `undefined` if the text is not a valid one. */
export function parseResumeRecord(text: string): ResumeRecord | undefined {
  try {
    const record = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const { kind, version, loaded, sha256, validator, salt, requested, answered, writer } = record;
    if (kind !== KIND || version !== VERSION || !Number.isSafeInteger(loaded) || (loaded as number) < 0) {
      return undefined;
    }
    if (![sha256, validator, salt, requested, answered].every((value) => typeof value === 'string' && value !== '')) {
      return undefined;
    }
    return writer === undefined || isWriter(writer) ? (record as unknown as ResumeRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isWriter(value: unknown): value is Writer {
  const { pid, host } = Object(value) as Readonly<Record<string, unknown>>;
  return Number.isSafeInteger(pid) && (pid as number) > 0 && typeof host === 'string';
}

/** Replaces the URLs of an origin by digests. */
export function digestOrigin(
  { validator, requested, answered }: Origin,
  salt: string = randomBytes(16).toString('hex'),
): OriginDigest {
  return { validator, salt, requested: digestUrl(requested, salt), answered: digestUrl(answered, salt) };
}

/**
 * Returns the digest of a URL.
 *
 * The signature of a presigned URL is left out: it is made anew each time, for the same file.
 *
 * @param salt - makes the digests of a URL differ between records
 */
export function digestUrl(url: string, salt: string): string {
  return createHash('sha256')
    .update(`${salt} ${toResourceUrl(url)}`)
    .digest('hex');
}
