import { createHash, randomBytes } from 'node:crypto';

import { toResourceUrl } from '../../selectors/resource-url.js';

/** Where the bytes of a download come from. */
export interface Origin {
  /** What the server gave to prove later that the rest is of the same version. */
  readonly validator: string;
  /** The URL that was asked for. */
  readonly requested: string;
  /** The URL that answered, behind redirects. */
  readonly answered: string;
}

/** The same with digests in place of the URLs, whose queries may hold secrets. */
export interface OriginDigest extends Origin {
  readonly salt: string;
}

/** The process that writes a file. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
}

/** What is noted of a file that is in part. */
export interface ResumeNote extends OriginDigest {
  /** How many of its bytes are certain, and their digest. */
  readonly loaded: number;
  readonly sha256: string;
  readonly writer?: Writer | undefined;
}

// By these a note is recognised, and not taken for a file of somebody else's that has its name.
const KIND = 'rxjs-retry-client: part of a download';
const VERSION = 1;

/** A note as a text. */
export function formatNote(note: ResumeNote): string {
  return JSON.stringify({ kind: KIND, version: VERSION, ...note });
}

/** The note that a text is, or `undefined` where it is none. */
export function parseNote(text: string): ResumeNote | undefined {
  try {
    const note = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const { kind, version, loaded, sha256, validator, salt, requested, answered, writer } = note;
    if (kind !== KIND || version !== VERSION || !Number.isSafeInteger(loaded) || (loaded as number) < 0) {
      return undefined;
    }
    if (![sha256, validator, salt, requested, answered].every((value) => typeof value === 'string' && value !== '')) {
      return undefined;
    }
    return writer === undefined || isWriter(writer) ? (note as unknown as ResumeNote) : undefined;
  } catch {
    return undefined;
  }
}

function isWriter(value: unknown): value is Writer {
  const { pid, host } = Object(value) as Readonly<Record<string, unknown>>;
  return Number.isSafeInteger(pid) && (pid as number) > 0 && typeof host === 'string';
}

/** An origin without its URLs. */
export function digestOrigin(
  { validator, requested, answered }: Origin,
  salt: string = randomBytes(16).toString('hex'),
): OriginDigest {
  return { validator, salt, requested: urlDigest(requested, salt), answered: urlDigest(answered, salt) };
}

/**
 * The digest of a URL.
 *
 * A presigned URL is known by all but its signature: that is made anew each time, for the same file.
 *
 * @param salt - makes the digests of one URL differ from note to note
 */
export function urlDigest(url: string, salt: string): string {
  return createHash('sha256')
    .update(`${salt} ${toResourceUrl(url)}`)
    .digest('hex');
}
