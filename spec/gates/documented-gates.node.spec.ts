import { readFile } from 'node:fs/promises';

/** The gates of one's own that docs/gates.md shows, and spec/gates/own-gates.spec.ts holds to their vectors. */
const EXAMPLES = ['grpc-retry-throttling', 'aws-retry-quota'];

describe('docs/gates.md', () => {
  for (const name of EXAMPLES) {
    it(`shows the gate ${name} as it is tested`, async () => {
      const page = await readFile(new URL('../../docs/gates.md', import.meta.url), 'utf8');
      const code = await readFile(new URL(`../../docs/examples/gates/${name}.ts`, import.meta.url), 'utf8');
      expect(page).toContain(`\`\`\`ts\n${code}\`\`\`\n`);
    });
  }
});
