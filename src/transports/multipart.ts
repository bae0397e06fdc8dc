/**
 * Escapes a name or filename for a quoted parameter. HTML normalizes the line ends of names first, but not those of
 * filenames.
 */
function escapeMultipartName(text: string): string {
  return text.replace(/[\n\r"]/g, (char) => (char === '"' ? '%22' : char === '\n' ? '%0A' : '%0D'));
}

function normalizeLineEnds(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

/** Returns 128 random bits. `crypto.randomUUID` would be missing from insecure contexts of browsers. */
function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Encodes a form as a Blob, which has a known length and reads files only while they are sent.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data | HTML, multipart form data}
 */
export function encodeMultipart(form: FormData): Blob {
  const boundary = `----form-${randomHex()}`;
  const parts: (string | Blob)[] = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${escapeMultipartName(normalizeLineEnds(name))}"`;
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${normalizeLineEnds(value)}\r\n`);
    else {
      parts.push(
        `${head}; filename="${escapeMultipartName(value.name)}"\r\ncontent-type: ${value.type || 'application/octet-stream'}\r\n\r\n`,
        value,
        '\r\n',
      );
    }
  }
  parts.push(`--${boundary}--\r\n`);
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}
