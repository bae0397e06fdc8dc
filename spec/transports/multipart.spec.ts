import { encodeMultipart } from '../../src/transports/multipart.js';

describe('encodeMultipart', () => {
  it('ends each part with a random boundary, also in an insecure context, which has no crypto.randomUUID', async () => {
    const own = Object.getOwnPropertyDescriptor(crypto, 'randomUUID');
    Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
    try {
      const form = new FormData();
      form.append('a', 'b');
      const [first, second] = [encodeMultipart(form), encodeMultipart(form)];
      const [, boundary = ''] = /^multipart\/form-data; boundary=(----form-[\da-f]{32})$/.exec(first.type) ?? [];
      expect(await first.text()).toBe(
        `--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--${boundary}--\r\n`,
      );
      expect(second.type).not.toBe(first.type);
    } finally {
      if (own) Object.defineProperty(crypto, 'randomUUID', own);
      else delete (crypto as { randomUUID?: unknown }).randomUUID;
    }
  });
});
