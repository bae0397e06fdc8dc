/**
 * White space, and characters that a terminal or a log may interpret: control characters, changes of direction, line
 * ends, unpaired surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu;

/**
 * The user and password of a URL within a text. The scheme's length is bounded: otherwise a long text without a URL
 * would take quadratic time.
 */
const CREDENTIALS = /\b([a-z][a-z\d+.-]{0,30}:[/\\]{2})[^\s/\\?#]*@/gi;

/**
 * Query parameters of presigned URLs: they grant access to every reader of the URL.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/ | OpenTelemetry, url.full}
 */
const SIGNATURES =
  /([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature|sig|X-Goog-Signature)=)[^&#\s"'<>]+/g;

/** Replaces the signatures of presigned URLs in a text, or in a URL. */
export function redactSignatures(text: string): string {
  // Every attempt's URL comes here, and most have no query: the pattern would cost more than the rest of this.
  return text.includes('=') ? text.replace(SIGNATURES, '$1REDACTED') : text;
}

/**
 * Makes a foreign text safe for a message, a log or a terminal. The result is one line with single spaces, without
 * control characters, and without the user, password and signature of a URL.
 */
export function safeText(text: string): string {
  return redactSignatures(text.replace(CREDENTIALS, '$1')).replace(UNPRINTABLE, ' ').trim();
}

/**
 * Makes a text that may not parse as a URL safe. It omits everything between the scheme and the last `@`: in a URL that
 * does not parse, the user and password may be anywhere.
 */
export function safeUrl(url: string): string {
  const at = url.lastIndexOf('@');
  const [prefix] = /^[\0-\x20]*(?:(?:[a-z][a-z\d+.-]*:)?[/\\]{2,}|[a-z][a-z\d+.-]*:)/i.exec(url) ?? [];
  return safeText(prefix !== undefined && at >= prefix.length ? prefix + url.slice(at + 1) : url);
}
