// Checks what a release needs before it is published: `npm run check:release`. The tag is the argument, or that of the
// workflow that runs.
import { readFileSync } from 'node:fs';
import { argv, env } from 'node:process';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const changelog = readFileSync('CHANGELOG.md', 'utf8');
const { version, repository } = manifest;
const tag = argv[2] ?? env.GITHUB_REF_NAME;
const faults = [];

if (tag !== `v${version}`) {
  faults.push(`The tag must be v${version}, after the version in package.json, and is ${tag ?? 'not given'}.`);
}
const [heading] = changelog.match(new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\].*`, 'm')) ?? [];
if (!heading) {
  faults.push(`CHANGELOG.md has no section for ${version}: rename "## [Unreleased]" to "## [${version}] – <date>".`);
} else if (!/ – \d{4}-\d\d-\d\d$/.test(heading)) {
  faults.push(`The section of ${version} in CHANGELOG.md must end with a date, as in "## [${version}] – 2026-11-29".`);
}
const url = typeof repository === 'string' ? repository : repository?.url;
const built = env.GITHUB_REPOSITORY;
if (!url) {
  faults.push(
    'package.json has no "repository", which a statement of provenance is compared with: add it as docs/contributing.md says under "Releasing".',
  );
} else if (built && !new RegExp(`[/:]${built}(?:\\.git)?$`, 'i').test(url)) {
  faults.push(`"repository" in package.json is ${url}, and the release is built in ${built}.`);
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${manifest.name} ${version} can be published.`);
