import { applyChanges, readSteps } from './blocks.js';

const GUIDE = `
\`\`\`sh
ng new shop
\`\`\`

\`\`\`sh
npm test
\`\`\`

<!-- ../../docs/examples/angular/src/app/banner.ts -->

\`\`\`ts
export const banner = 1;
\`\`\`

<!-- jest-angular/users.test.ts -->

\`\`\`ts
it('is a recipe');
\`\`\`

\`\`\`ts no-run: needs Angular 22
export const newest = 1;
\`\`\`

\`\`\`ts
export const only = 'compiled';
\`\`\`

\`\`\`diff
 <!-- src/app/app.html -->
+<app-banner />
\`\`\`
`;

const FILE = `import { a } from 'a';

const config = {
  providers: [
    provideA(), provideB(),
  ],
};
`;

describe('blocks of the guide', () => {
  it('say themselves where they belong', () => {
    expect(readSteps(GUIDE).map(({ kind, path, version, lines }) => [kind, path, version, ...lines])).toEqual([
      ['commands', undefined, undefined, 'ng new shop'],
      ['file', 'src/app/banner.ts', undefined, 'export const banner = 1;'],
      ['code', undefined, '22', 'export const newest = 1;'],
      ['code', undefined, undefined, "export const only = 'compiled';"],
      ['changes', 'src/app/app.html', undefined, '+<app-banner />'],
    ]);
  });

  it('are refused if a reader could not find the file', () => {
    expect(() => readSteps('```diff\n // banner.ts\n+a\n```')).toThrowError(/names the file banner\.ts/);
    expect(() => readSteps('text\n```diff\n+<app-banner />\n```')).toThrowError(/Line 2 .* a change of no file/);
  });

  it('add, replace and remove lines where they stand', () => {
    const changes = [
      "+import { b } from 'b';",
      '',
      "-import { a } from 'a';",
      "+import { c } from 'c';",
      '',
      '   providers: [',
      '+    provideC(),',
    ];

    expect(applyChanges(FILE, changes)).toBe(`import { b } from 'b';
import { c } from 'c';

const config = {
  providers: [
    provideC(),
    provideA(), provideB(),
  ],
};
`);
  });

  it('do not add a second time what a file has', () => {
    expect(applyChanges(FILE, ["+import { a } from 'a';", '', '   providers: [', '+    provideB(),'])).toBe(FILE);
  });

  it('add each of their lines, though other code ends with the same one', () => {
    const file = "import { a } from 'a';\nconst config = {\n  providers: [\n    provideA({ b: 1 }),\n  ],\n};\n";
    const changes = ['   providers: [', '+    provideC({', '+      d: 2,', '+    }),'];

    expect(applyChanges(file, changes)).toContain('[\n    provideC({\n      d: 2,\n    }),\n    provideA({ b: 1 }),\n');
  });

  it('fail if the file lacks a line that they are about', () => {
    expect(() => applyChanges(FILE, [' imports: [', '+  Banner,'])).toThrowError(/changes "imports: \[", which is not/);
    expect(() => applyChanges(FILE, ["-import { b } from 'b';"])).toThrowError(/which is not in the file/);
  });
});
