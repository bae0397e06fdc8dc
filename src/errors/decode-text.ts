/** Types of text, besides `text/*`. */
const TEXT = /^(?:text\/|application\/(?:.+\+)?(?:json|xml|javascript|x-www-form-urlencoded|x-ndjson|graphql)\b)/i;

/**
 * The text of a body; `undefined` where its content type is not one of text. A body without a type is a text where its bytes are UTF-8 without
 * control characters.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.3 | RFC 9110, section 8.3}
 */
export function decodeText(bytes: Uint8Array<ArrayBuffer>, type: string | null): string | undefined {
  if (type !== null && !TEXT.test(type)) return undefined;
  const [, charset = 'utf-8'] = /;\s*charset="?([^";\s]+)/i.exec(type ?? '') ?? [];
  try {
    const text = new TextDecoder(charset, { fatal: type === null }).decode(bytes);
    // eslint-disable-next-line no-control-regex
    return type === null && /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    // The charset is not known, or the bytes are no text.
    return type === null ? undefined : new TextDecoder().decode(bytes);
  }
}
