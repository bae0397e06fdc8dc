import { firstValueFrom } from 'rxjs';
import { text } from 'rxjs-retry-client';

import { equal, ok, rejects } from '../expect.js';

const once = { strategy: { attempts: 1 } };

export const network = {
  'redirects: are followed': async ({ serve, client }) => {
    const goal = serve({ body: 'tea' }, { key: 'goal' });
    const response = await firstValueFrom(client.get(serve({ redirect: goal.url }).url));
    equal([response.url, response.redirected, await response.text()], [goal.url, true, 'tea']);
  },
  "redirect: 'manual' emits the redirect": async ({ serve, client }) => {
    const { url, requests } = serve({ redirect: '/' });
    const response = await firstValueFrom(client.get(url, { redirect: 'manual' }));
    equal([response.status, response.headers.get('location')], [302, '/']);
    equal((await requests()).length, 1);
  },
  "redirect: 'error' is not retried": async ({ serve, client }) => {
    const { url, requests } = serve({ redirect: '/' });
    await rejects(firstValueFrom(client.get(url, { redirect: 'error' })), 'HttpNetworkError');
    equal((await requests()).length, 1);
  },
  'redirects: a loop is not retried': async ({ serve, client }) => {
    const { url, requests } = serve({ redirect: '?again' });
    await rejects(firstValueFrom(client.get(url)), 'HttpNetworkError');
    ok((await requests()).length <= 21, `at most 21 requests were sent: ${(await requests()).length}`);
  },
  'a refused connection: is an HttpNetworkError': async ({ client, server }) => {
    const error = await rejects(firstValueFrom(client.get(server.refusedUrl)), 'HttpNetworkError');
    equal(error.reason, 'attempts');
  },
  'a refused connection: is told as phase connect': async ({ client, server }) => {
    const error = await rejects(firstValueFrom(client.get(server.refusedUrl, once)), 'HttpNetworkError');
    equal(error.phase ?? 'none', 'connect');
  },
  'a refused connection: proves that nothing was sent': async ({ client, server }) => {
    const error = await rejects(firstValueFrom(client.get(server.refusedUrl, once)), 'HttpNetworkError');
    equal(error.sent ?? 'unknown', false);
  },
  'a refused connection: has an error code': async ({ client, server }) => {
    const error = await rejects(firstValueFrom(client.get(server.refusedUrl, once)), 'HttpNetworkError');
    ok(hasCode(error.cause), 'an error beneath has a code');
  },
  'an unknown host: is told as phase connect': async ({ client }) => {
    const error = await rejects(firstValueFrom(client.get('http://nowhere.invalid/', once)), 'HttpNetworkError');
    equal(error.phase ?? 'none', 'connect');
  },
  'an unknown host: proves that nothing was sent': async ({ client }) => {
    const error = await rejects(firstValueFrom(client.get('http://nowhere.invalid/', once)), 'HttpNetworkError');
    equal(error.sent ?? 'unknown', false);
  },
  'a cut before the headers: is retried': async ({ serve, client }) => {
    const { url } = serve([{ cut: 'before-headers' }, { json: 'tea' }]);
    equal(await firstValueFrom(client.getJSON(url)), 'tea');
  },
  'a cut before the headers: is told as phase headers': async ({ serve, client }) => {
    const { url } = serve({ cut: 'before-headers' });
    const error = await rejects(firstValueFrom(client.get(url, once)), 'HttpNetworkError');
    equal(error.phase ?? 'none', 'headers');
  },
  'a cut before the headers: is one request': async ({ serve, client }) => {
    const { url, requests } = serve({ cut: 'before-headers' });
    await rejects(firstValueFrom(client.post(url, 'tea', { selector: text() })), 'HttpNetworkError');
    equal((await requests()).length, 1, 'the number of requests');
  },
  'a cut body with a length: is retried, and told as phase body': async ({ serve, client }) => {
    const { url } = serve([{ cut: 'in-body', body: '0123456789' }, { body: 'tea' }]);
    equal(await firstValueFrom(client.get(url, { selector: text() })), 'tea');
    const cut = serve({ cut: 'in-body', body: '0123456789' }, { key: 'cut' });
    const error = await rejects(firstValueFrom(client.get(cut.url, { ...once, selector: text() })), 'HttpNetworkError');
    equal(error.phase, 'body');
  },
  'a cut body in chunks: is not taken for whole': async ({ serve, client }) => {
    const { url } = serve({ cut: 'in-body', chunks: ['0123'] });
    const error = await rejects(firstValueFrom(client.get(url, { ...once, selector: text() })), 'HttpNetworkError');
    equal(error.phase, 'body');
  },
  'a cut body of an error: is told as truncated': async ({ serve, client }) => {
    const { url } = serve({ status: 404, cut: 'in-body', chunks: ['what ', 'came'], chunkDelay: 50 });
    const error = await rejects(firstValueFrom(client.get(url, { ...once, selector: text() })), 'HttpStatusError');
    equal([error.status, error.truncated], [404, true]);
  },
  'headers: come before the body begins': async ({ serve, client }) => {
    const { url } = serve({ stall: 'body', chunks: [] });
    const response = await firstValueFrom(client.get(url, { ...once, timeout: 1_000 }));
    equal(response.status, 200);
    await response.body.cancel();
  },
  'gzip: is decoded': async ({ serve, client }) => {
    const body = await gzip('tea'.repeat(1_000));
    const { url } = serve({ body, encoding: 'base64', headers: { 'content-encoding': 'gzip' } });
    equal(await firstValueFrom(client.get(url, { selector: text() })), 'tea'.repeat(1_000));
  },
  'gzip: a body that ends early is not taken for whole': async ({ serve, client }) => {
    const whole = await gzip(Array.from({ length: 500 }, (_, at) => (at * at) % 977).join(' '));
    const body = whole.slice(0, Math.trunc(whole.length / 8) * 4);
    const { url } = serve({ body, encoding: 'base64', headers: { 'content-encoding': 'gzip' } });
    await rejects(firstValueFrom(client.get(url, { ...once, selector: text() })), 'HttpNetworkError');
  },
  'what is no HTTP: is an HttpNetworkError': async ({ serve, client }) => {
    await rejects(firstValueFrom(client.get(serve({ raw: 'tea\r\n\r\n' }).url, once)), 'HttpNetworkError');
  },
};

/** Returns the gzipped text in base64. */
async function gzip(words) {
  const zipped = new Blob([words]).stream().pipeThrough(new CompressionStream('gzip'));
  return btoa(String.fromCharCode(...new Uint8Array(await new Response(zipped).arrayBuffer())));
}

function hasCode(error) {
  for (let at = error, depth = 0; at && depth < 5; at = at.cause, depth += 1) {
    if (typeof at.code === 'string' && at.code !== '') return true;
  }
  return false;
}
