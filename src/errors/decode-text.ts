/** The content types of text. */
const TEXT_TYPE = /^(?:text\/|application\/(?:.+\+)?(?:json|xml|javascript|x-www-form-urlencoded|x-ndjson|graphql)\b)/i;

/**
 * Decodes the text of a body, in the charset of its content type. It is `undefined` if the content type is not one of
 * text. A body without a content type is text if its bytes are UTF-8 without control characters.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.3 | RFC 9110, section 8.3}
 */
export function decodeText(bytes: Uint8Array<ArrayBuffer>, type: string | null): string | undefined {
  if (type !== null && !TEXT_TYPE.test(type)) return undefined;
  const [, charset = 'utf-8'] = /;\s*charset="?([^";\s]+)/i.exec(type ?? '') ?? [];
  try {
    const text = new TextDecoder(charset, { fatal: type === null }).decode(bytes);
    return type === null && /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    // The charset is unknown; or, without a content type, the bytes are not UTF-8.
    return type === null ? undefined : new TextDecoder().decode(bytes);
  }
}
