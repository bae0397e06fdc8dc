import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { constant, download, RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { type NodeTestServer, nodeTestServer } from '../support/node-server.js';
import { fileBytes, sha256 } from '../support/served-file.js';
import { settled } from '../support/settled.js';
import { describeDownloads } from './download-cases.js';

describeDownloads('nodeFetch()', () => nodeFetch());
describeDownloads('undiciFetch()', () => undiciFetch());

/** The timeout of a slow spec in ms, long enough for a busy machine. */
const SLOW_SPEC_MS = 120_000;

describe('download(), into a file in Node,', () => {
  let api: NodeTestServer;
  let folder: string;

  beforeAll(async () => {
    api = await nodeTestServer();
    folder = await mkdtemp(join(tmpdir(), 'download-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
    await api.close();
  });

  const client = new RetryClient({ strategy: { backoff: constant(0), attempts: 5 } });
  const large = { size: 500_000, seed: 21 };

  it('writes the file in place over several breaks, and hashes the written bytes', async () => {
    const path = join(folder, 'breaks');
    const file = await open(path, 'w');
    const url = api.url('breaks', [
      { file: large, cutAfter: 100_000 },
      { file: large, cutAfter: 200_000 },
      { file: large },
    ]);
    const { values, ...end } = await settled(
      client.get(url, { selector: download({ to: file, sha256: await sha256(fileBytes(large)) }) }),
    );
    await file.close();

    expect(end).toEqual({});
    expect(values.at(-1)?.type).toBe('done');
    expect(await sha256(new Uint8Array(await readFile(path)))).toBe(await sha256(fileBytes(large)));
  });

  it('starts over in the same file, and removes its earlier content', async () => {
    const path = join(folder, 'over');
    const file = await open(path, 'w+');
    await file.write(new Uint8Array(900_000).fill(7));
    const small = { size: 50_000, seed: 22 };
    const url = api.url('over', [{ file: large, cutAfter: 300_000 }, { file: small }]);
    await settled(client.get(url, { selector: download({ to: file, sha256: await sha256(fileBytes(small)) }) }));
    await file.close();

    expect(await sha256(new Uint8Array(await readFile(path)))).toBe(await sha256(fileBytes(small)));
  });

  it('resumes in the file of an earlier download', async () => {
    const path = join(folder, 'earlier');
    const file = await open(path, 'w+');
    await file.write(fileBytes(large).slice(0, 123_456));
    const url = api.url('earlier', { file: large });
    const { values } = await settled(
      client.get(url, { selector: download({ to: file, from: { loaded: 123_456, validator: '"21"', url } }) }),
    );
    await file.close();

    expect(values.at(-1)?.type).toBe('done');
    expect(await sha256(new Uint8Array(await readFile(path)))).toBe(await sha256(fileBytes(large)));
    expect((await api.requests('earlier')).map(({ headers }) => headers.range)).toEqual(['bytes=123456-']);
  });

  it('writes the rest if a write takes fewer bytes than it is given', async () => {
    const taken: number[] = [];
    const to = {
      write: (data: Uint8Array, offset: number, length: number, position: number) => {
        const bytesWritten = Math.min(length, 7);
        for (let index = 0; index < bytesWritten; index += 1) taken[position + index] = data[offset + index] ?? -1;
        return Promise.resolve({ bytesWritten });
      },
      truncate: () => Promise.resolve(),
    };
    await settled(client.get(api.url('short', { file: { size: 1_000, seed: 3 } }), { selector: download({ to }) }));

    expect(new Uint8Array(taken)).toEqual(fileBytes({ size: 1_000, seed: 3 }));
  });

  it(
    'reads no faster than a slow disk writes, and does not time out meanwhile',
    async () => {
      let written = 0;
      let writing = 0;
      const to = {
        write: async (_: Uint8Array, _offset: number, length: number) => {
          expect(++writing).toBe(1);
          if (written === 0) await wait(3_500);
          writing -= 1;
          written += length;
          return { bytesWritten: length };
        },
        truncate: () => Promise.resolve(),
      };
      const { values, ...end } = await settled(
        client.get(api.url('slow', { bytes: 30_000_000 }), { selector: download({ to }), timeout: 3_000 }),
      );

      expect(end).toEqual({});
      expect([values.at(-1)?.type, written]).toEqual(['done', 30_000_000]);
    },
    SLOW_SPEC_MS,
  );
});
