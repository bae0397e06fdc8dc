import { readFile } from 'node:fs/promises';

const read = async (file: string): Promise<string> => readFile(new URL(`../../bench/${file}`, import.meta.url), 'utf8');

describe('The peers of the benchmarks', () => {
  it('have a lock file without the address of a registry', async () => {
    expect(await read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
    expect(await read('package-lock.json')).not.toMatch(/"resolved"|https?:\/\/registry/);
  });

  it('are pinned to exact versions', async () => {
    const { devDependencies } = JSON.parse(await read('package.json')) as { devDependencies: Record<string, string> };
    for (const version of Object.values(devDependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('are imported only by the subjects in bench/peers, so that bench:check needs none of them', async () => {
    const { devDependencies } = JSON.parse(await read('package.json')) as { devDependencies: Record<string, string> };
    for (const file of [
      'check.ts',
      'measure.ts',
      'worker.ts',
      'subjects/ours.ts',
      'subjects/rxjs.ts',
      'subjects/platform.ts',
    ]) {
      const source = await read(file);
      for (const peer of Object.keys(devDependencies)) expect(source).not.toContain(`from '${peer}'`);
    }
  });
});
