import { firstValueFrom } from 'rxjs';
import { json, withProgress } from 'rxjs-retry-client';

import { equal, ok } from '../expect.js';

const encode = (words) => new TextEncoder().encode(words);

function streamOf(...parts) {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(encode(part));
      controller.close();
    },
  });
}

async function echo({ serve, client }, body, options = {}) {
  const { url } = serve({ echo: true });
  const received = await firstValueFrom(client.post(url, body, { ...options, selector: json() }));
  return { type: received.headers['content-type'], body: received.body, headers: received.headers };
}

export const uploads = {
  'JSON: is sent with its content type': async (context) => {
    const { type, body } = await echo(context, { tea: 'ä' });
    equal([type, body], ['application/json', '{"tea":"ä"}']);
  },
  'a string: is sent with its content type': async (context) => {
    const { type, body } = await echo(context, 'teä');
    equal([type?.toLowerCase(), body], ['text/plain;charset=utf-8', 'teä']);
  },
  'a content type of yours: takes precedence': async (context) => {
    const { type } = await echo(context, 'a,b', { headers: { 'content-type': 'text/csv' } });
    equal(type, 'text/csv');
  },
  'bytes: are sent without a content type': async (context) => {
    const { type, body } = await echo(context, encode('tea'));
    equal([type ?? 'none', body], ['none', 'tea']);
  },
  'a Blob: is sent with its type': async (context) => {
    const { type, body } = await echo(context, new Blob(['a,b'], { type: 'text/csv' }));
    equal([type, body], ['text/csv', 'a,b']);
  },
  'URLSearchParams: are sent with their content type': async (context) => {
    const { type, body } = await echo(context, new URLSearchParams({ a: '1', b: 'ä' }));
    equal([type?.toLowerCase(), body], ['application/x-www-form-urlencoded;charset=utf-8', 'a=1&b=%C3%A4']);
  },
  'a form: is sent in parts': async (context) => {
    const form = new FormData();
    form.append('name', 'tea');
    form.append('file', new Blob(['leaf'], { type: 'text/plain' }), 'leaf.txt');
    const { type, body } = await echo(context, form);
    ok(/^multipart\/form-data; ?boundary=/.test(type), `the content type is ${type}`);
    ok(body.includes('filename="leaf.txt"') && body.includes('leaf\r\n'), `the file is in ${body}`);
  },
  'a stream: arrives whole': async (context) => {
    equal((await echo(context, streamOf('te', 'a'))).body, 'tea');
  },
  'a stream: is framed by the Content-Length that you give': async (context) => {
    const { body, headers } = await echo(context, streamOf('te', 'a'), { headers: { 'content-length': '3' } });
    equal([body, headers['content-length'] ?? headers['transfer-encoding']], ['tea', '3']);
  },
  'an async iterable: is sent again by its factory': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 503 }, { echo: true }]);
    const body = async function* () {
      yield encode('te');
      yield encode('a');
    };
    await firstValueFrom(client.put(url, body, { selector: json() }));
    equal(
      (await requests()).map(({ body: text }) => text),
      ['tea', 'tea'],
    );
  },
  'withProgress: tells how much was sent': async (context) => {
    const told = [];
    const body = withProgress(
      () => new Blob(['x'.repeat(100_000)]),
      ({ loaded, total }) => told.push([loaded, total]),
    );
    const { body: arrived } = await echo(context, body);
    equal([arrived.length, told.at(-1)], [100_000, [100_000, 100_000]]);
  },
};
