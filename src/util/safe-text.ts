/**
 * White space, and characters that a terminal or a log may obey: control characters, changes of direction, line ends, halves of a character.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu;

/** The user and password of a URL within a text. The scheme's length is bounded, or a long text without a URL would take quadratic time. */
const CREDENTIALS = /\b([a-z][a-z\d+.-]{0,30}:[/\\]{2})[^\s/\\?#]*@/gi;

/**
 * Query parameters that grant access to whoever has the URL.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/ | OpenTelemetry, url.full}
 */
const SIGNATURES =
  /([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature|sig|X-Goog-Signature)=)[^&#\s"'<>]+/g;

/** Replaces the signatures of presigned URLs in a text, or in a URL. */
export function redactSignatures(text: string): string {
  return text.replace(SIGNATURES, '$1REDACTED');
}

/**
 * A text from outside, made safe for a message, a log or a terminal: one line of words with single spaces between them, without control characters, without the user and password of a
 * URL, and without the signature of a presigned one.
 */
export function safeText(text: string): string {
  return redactSignatures(text.replace(CREDENTIALS, '$1')).replace(UNPRINTABLE, ' ').trim();
}

/**
 * A text that was meant to be a URL, made safe: all that stands between its scheme and its last `@` is left out, since a user and password
 * may be anywhere in a URL that does not parse.
 */
export function safeUrl(url: string): string {
  const at = url.lastIndexOf('@');
  const [prefix] = /^[\0-\x20]*(?:(?:[a-z][a-z\d+.-]*:)?[/\\]{2,}|[a-z][a-z\d+.-]*:)/i.exec(url) ?? [];
  return safeText(prefix !== undefined && at >= prefix.length ? prefix + url.slice(at + 1) : url);
}
