import { createSecureServer, constants, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

import { Agent } from 'undici';

import { constant, HttpNetworkError, RetryClient, text } from '../../src/index.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { certificate } from '../support/hostile/certificate.js';
import { settled } from '../support/settled.js';

describe('undiciFetch() over HTTP/2', () => {
  let server: Http2SecureServer;
  let agent: Agent;
  let streams: number;
  let respond: (stream: ServerHttp2Stream) => void;
  let client: RetryClient;
  let url: string;

  beforeEach(async () => {
    streams = 0;
    const { key, cert } = certificate;
    server = createSecureServer({ key, cert });
    server.on('sessionError', () => undefined);
    server.on('stream', (stream) => {
      streams += 1;
      stream.on('error', () => undefined);
      respond(stream);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    agent = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
    client = new RetryClient({
      fetch: undiciFetch({ dispatcher: agent }),
      strategy: { backoff: constant(0) },
      timeout: 2000,
    });
  });

  afterEach(async () => {
    await agent.destroy();
    server.close();
  });

  const respondOk = (stream: ServerHttp2Stream): void => {
    stream.respond({ ':status': 200 });
    stream.end('ok');
  };

  it('retries a POST whose stream the server refused unprocessed', async () => {
    respond = (stream) => {
      if (streams < 3) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else respondOk(stream);
    };
    expect((await settled(client.post(url, 'x', { selector: text() }))).values).toEqual(['ok']);
    expect(streams).toBe(3);
  });

  it('does not retry a POST whose stream failed in another way', async () => {
    respond = (stream) => {
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    };
    const { error } = await settled(client.post(url, 'x', { selector: text() }));
    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((error as HttpNetworkError).sent).toBeUndefined();
    expect(streams).toBe(1);
  });

  it('rejects a response that is shorter than its content-length', async () => {
    respond = (stream) => {
      stream.respond({ ':status': 200, 'content-length': '10' });
      stream.end('short');
    };
    const { error } = await settled(client.get(url, { selector: text() }));
    expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }));
  });
});
