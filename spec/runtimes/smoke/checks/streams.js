import { firstValueFrom, lastValueFrom, map, take, tap, toArray } from 'rxjs';
import { download, serverSentEvents } from 'rxjs-retry-client';

import { equal } from '../expect.js';

const size = 50_000;
const cutAt = 20_000;
const cutFile = [{ file: { size, seed: 'a' }, stallAt: cutAt }, { file: { size, seed: 'a' } }];

/** Downloads a file, and has the connection cut as soon as all bytes before the cut have come. */
function downloadWithCut({ client, server }, url, options) {
  return lastValueFrom(
    client.get(url, { selector: download(options) }).pipe(
      tap(({ type, loaded }) => {
        if (type === 'progress' && loaded === cutAt) void server.cut('url');
      }),
    ),
  );
}

/** Returns the length of bytes, and their SHA-256. */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [bytes.byteLength, [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')];
}

async function original({ serve, client }) {
  const { url } = serve({ file: { size, seed: 'a' } }, { key: 'original' });
  const { bytes } = await lastValueFrom(client.get(url, { selector: download() }));
  return sha256(bytes);
}

export const streams = {
  'serverSentEvents: connects again where it was': async ({ serve, client }) => {
    const { url, requests } = serve([
      { chunks: ['retry: 10\nid: 1\ndata: a\n\n'], headers: { 'content-type': 'text/event-stream' } },
      { chunks: ['id: 2\ndata: b\n\n'], headers: { 'content-type': 'text/event-stream' }, stall: 'body' },
    ]);
    const events = client.get(url, { selector: serverSentEvents() }).pipe(
      map(({ data }) => data),
      take(2),
      toArray(),
    );
    equal(await firstValueFrom(events), ['a', 'b']);
    equal((await requests())[1].headers['last-event-id'], '1');
  },
  'download: goes on in memory after a cut': async (context) => {
    const { url, requests } = context.serve(cutFile);
    const [length, digest] = await original(context);
    const done = await downloadWithCut(context, url, { sha256: digest });
    equal([done.type, done.bytes.byteLength], ['done', length]);
    equal((await requests())[1].headers.range, `bytes=${cutAt}-`);
  },
  'download: goes on into a stream after a cut': async (context) => {
    const { url } = context.serve(cutFile);
    const written = [];
    const to = new WritableStream({ write: (chunk) => void written.push(chunk.slice()) });
    const done = await downloadWithCut(context, url, { to });
    equal(done.type, 'done');
    const bytes = new Uint8Array(await new Blob(written).arrayBuffer());
    equal(await sha256(bytes), await original(context));
  },
  'download: goes on into a file after a cut': async (context) => {
    const { url } = context.serve(cutFile);
    // Hidden from bundlers, which would look for them.
    const load = (name) => import(/* @vite-ignore */ `node:${name}`);
    const [{ open, readFile, rm }, { tmpdir }] = await Promise.all([load('fs/promises'), load('os')]);
    const path = `${tmpdir()}/rxjs-retry-client-${crypto.randomUUID()}`;
    const file = await open(path, 'w');
    try {
      equal((await downloadWithCut(context, url, { to: file })).loaded, size);
      equal(await sha256(new Uint8Array(await readFile(path))), await original(context));
    } finally {
      await file.close();
      await rm(path);
    }
  },
  'download: sha256 of a file is computed with node:crypto': async (context) => {
    const { url } = context.serve({ file: { size, seed: 'a' } });
    const [, digest] = await original(context);
    const to = new WritableStream();
    const done = await lastValueFrom(context.client.get(url, { selector: download({ to, sha256: digest }) }));
    equal(done.type, 'done');
  },
};
