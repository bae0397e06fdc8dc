import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const repository = { type: 'git', url: 'git+https://github.com/someone/rxjs-retry-client.git' };

interface Release {
  readonly manifest?: object;
  readonly changelog?: string;
  readonly tag?: string;
}

/** Runs the check in a folder with this project's package.json and changelog, but for what is given. */
function checkRelease({ manifest = { repository }, changelog, tag }: Release = {}): {
  faults: string[];
  status: number;
} {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...own, ...manifest }));
    writeFileSync(join(folder, 'CHANGELOG.md'), changelog ?? readFileSync(join(root, 'CHANGELOG.md')));
    const { status, stderr } = spawnSync(execPath, [join(root, 'spec/support/check-release.js')], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...env, GITHUB_REF_NAME: tag ?? `v${own.version}`, GITHUB_REPOSITORY: 'someone/rxjs-retry-client' },
    });
    return { faults: stderr.split('\n').filter(Boolean), status: status! };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('The check of a release', () => {
  it('passes for this project, once it has an address', () => {
    expect(checkRelease()).toEqual({ faults: [], status: 0 });
    const { faults, status } = checkRelease({ manifest: { repository: undefined } });
    expect(faults).toEqual([
      jasmine.stringMatching(/^package.json has no "repository",.*: add it as docs\/contributing.md says/) as never,
    ]);
    expect(status).toBe(1);
  });

  it('refuses an address that is not where it is built', () => {
    const elsewhere = { repository: 'https://github.com/other/rxjs-retry-client' };
    expect(checkRelease({ manifest: elsewhere }).faults[0]).toMatch(/is built in someone\/rxjs-retry-client\.$/);
    const similar = { repository: 'https://github.com/not-someone/rxjs-retry-client' };
    expect(checkRelease({ manifest: similar }).status).toBe(1);
  });

  it('refuses a tag that is not the version', () => {
    expect(checkRelease({ tag: 'v9.9.9' }).faults[0]).toMatch(/^The tag must be v\d+\.\d+\.\d+, .* and is v9\.9\.9\.$/);
  });

  it('refuses a version without a dated section in the changelog', () => {
    const version = { version: '1.2.3', repository };
    const release = { manifest: version, tag: 'v1.2.3' };
    expect(checkRelease({ ...release, changelog: '## [Unreleased]\n' }).faults[0]).toMatch(/no section for 1\.2\.3/);
    expect(checkRelease({ ...release, changelog: '## [1.2.3]\n' }).faults[0]).toMatch(/must end with a date/);
    expect(checkRelease({ ...release, changelog: '## [1.2.3] – 2027-01-31\n' }).status).toBe(0);
    expect(checkRelease({ ...release, changelog: '## [1x2.3] – 2027-01-31\n' }).status).toBe(1);
  });
});
