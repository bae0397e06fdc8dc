import { readFile } from 'node:fs/promises';

const read = async (file: string): Promise<string> => readFile(new URL(`../../bench/${file}`, import.meta.url), 'utf8');

describe('The peers of the benchmarks', () => {
  it('are locked without a word of where they come from', async () => {
    expect(await read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
    expect(await read('package-lock.json')).not.toMatch(/"resolved"|https?:\/\/registry/);
  });

  it('are pinned to one version each', async () => {
    const { devDependencies } = JSON.parse(await read('package.json')) as { devDependencies: Record<string, string> };
    for (const version of Object.values(devDependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('are imported by the contestants in bench/peers alone, so that bench:check needs none of them', async () => {
    const { devDependencies } = JSON.parse(await read('package.json')) as { devDependencies: Record<string, string> };
    for (const file of [
      'check.ts',
      'compete.ts',
      'worker.ts',
      'contestants/ours.ts',
      'contestants/rxjs.ts',
      'contestants/platform.ts',
    ]) {
      const source = await read(file);
      for (const peer of Object.keys(devDependencies)) expect(source).not.toContain(`from '${peer}'`);
    }
  });
});
