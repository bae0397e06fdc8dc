import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Har } from '../../src/har/index.js';
import { findHarErrors } from '../har/har-schema.js';
import { nodeTestServer, type NodeTestServer } from '../support/node-server.js';
import { runInProcess, startProcess } from './run-command.js';

describe('A request that is reported', () => {
  let server: NodeTestServer;
  let folder: string;
  beforeAll(async () => {
    server = await nodeTestServer();
    folder = await mkdtemp(join(tmpdir(), 'report-'));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const quick = ['--backoff', 'constant', '--initial', '1ms', '-q'];
  const read = async (path: string): Promise<Har> => JSON.parse(await readFile(path, 'utf8')) as Har;

  it('with --har has each attempt in a HAR file, without credentials, besides the body on standard output', async () => {
    const path = join(folder, 'ok.har');
    const url = server.url('reported', [{ status: 503 }, { body: 'here' }]);
    const { code, stdout } = await runInProcess(['get', url, '-u', 'me:hunter2', '--har', path, ...quick]);
    expect([code, stdout.toString()]).toEqual([0, 'here']);

    const har = await read(path);
    expect(findHarErrors(har)).toEqual([]);
    expect(har.log.entries.map(({ response }) => response.status)).toEqual([503, 200]);
    expect(await readFile(path, 'utf8')).not.toMatch(/hunter2|authorization/i);
  });

  it('with --html has a page that shows its attempts, besides the HAR file', async () => {
    const [path, har] = [join(folder, 'ok.html'), join(folder, 'both.har')];
    const url = server.url('page', [{ status: 503 }, { body: 'here' }]);
    const { code } = await runInProcess(['get', url, '--html', path, '--har', har, ...quick]);
    expect(code).toBe(0);
    const page = await readFile(path, 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain(new URL(url).host);
    expect((await read(har)).log.entries.length).toBe(2);
  });

  it('has the file also when it fails, is refused, or is ended by a signal', async () => {
    const failed = join(folder, 'failed.har');
    const refused = join(folder, 'refused.har');
    const ended = join(folder, 'ended.har');
    expect((await runInProcess(['get', server.url('failing', { status: 404 }), '--har', failed, ...quick])).code).toBe(
      22,
    );
    expect((await read(failed)).log.pages[0]!._reason).toBe('permanent');
    expect((await runInProcess(['get', server.refusedUrl, '--har', refused, ...quick])).code).toBe(7);
    expect((await read(refused)).log.entries.length).toBe(3);

    const child = startProcess('get', server.url('stalls', { stall: 'headers' }), '--har', ended, '-q');
    await server.received('stalls');
    const exited = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    expect(await exited).toBe(130);
    expect((await read(ended)).log.entries[0]!._error).toBe('cancelled');
  }, 20_000);

  it('says that a request was cancelled whose body a signal cuts off, as --json does', async () => {
    const path = join(folder, 'cut.har');
    const url = server.url('cut-off', { body: 'half', stall: 'body' });
    const child = startProcess('get', url, '--har', path, '-q');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const exited = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    expect(await exited).toBe(130);
    const { entries, pages } = (await read(path)).log;
    expect([pages[0]!._outcome, entries[0]!._attempt.outcome]).toEqual(['cancel', 'cancel']);
  }, 20_000);

  it('is not sent if the file cannot be written, and says which option is wrong', async () => {
    const url = server.url('unsent', { body: 'x' });
    for (const path of ['', folder, join(folder, 'nowhere', 'x.har')]) {
      const { code, stderr } = await runInProcess(['get', url, '--har', path]);
      expect(code).toBe(23);
      expect(stderr).toMatch(/^rxjs-retry-client: --har: the file could not be written: .*\n$/);
    }
    expect((await server.requests('unsent')).length).toBe(0);
  });

  it('does not overwrite the file of another option', async () => {
    const path = join(folder, 'same');
    await writeFile(path, 'kept');
    await expectAsync(
      runInProcess(['get', server.url('same', { body: 'x' }), '-o', path, '--har', path]),
    ).toBeRejectedWithError('--output and --har: expected two files');
    expect(await readFile(path, 'utf8')).toBe('kept');
  });
});
