// Writes what each entry of the package exports to docs/api-report, so that a change of the public interface shows in a
// diff: `npm run api`. With `check` it fails if the files would change: `npm run check:api`. Both read dist.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('../../', import.meta.url));
const reportFolder = join(root, 'docs/api-report');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const isCheck = argv[2] === 'check';

mkdirSync(reportFolder, { recursive: true });
const changed = Object.entries(manifest.exports).flatMap(([entry, target]) =>
  typeof target === 'object' && !reportsSame(entry, join(root, target.types)) ? [entry] : [],
);
if (isCheck && changed.length > 0) {
  console.error(
    `The public interface has changed: ${changed.join(', ')}. Run \`npm run api\`, and commit what it writes.`,
  );
  process.exitCode = 1;
} else {
  console.log(`${Object.keys(manifest.exports).length - 1} entries, ${changed.length} changed`);
}

/** Writes the report of an entry, or compares with it; returns whether it is the same. */
function reportsSame(entry, mainEntryPointFilePath) {
  const name = entry === '.' ? 'index' : entry.slice(2).replaceAll('/', '-');
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(root, 'api-extractor.json'),
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath,
      compiler: { tsconfigFilePath: join(root, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder,
        reportTempFolder: join(root, '.cache/api-report'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        // Docs are typedoc's to check.
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: !isCheck,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  return !apiReportChanged;
}
