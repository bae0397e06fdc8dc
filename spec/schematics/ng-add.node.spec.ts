import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Tree } from '@angular-devkit/schematics';
import type * as testing from '@angular-devkit/schematics/testing/index.js';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The folder of the Angular CLI under test, or this project, which has the newest. */
const cli = env.ANGULAR_CLI ?? root;
const requireFromCli = createRequire(join(cli, 'package.json'));
const { SchematicTestRunner } = requireFromCli('@angular-devkit/schematics/testing') as typeof testing;

const CONFIG = '/projects/shop/src/app/app.config.ts';
const MODULE = '/projects/shop/src/app/app-module.ts';
const MAIN = '/projects/shop/src/main.ts';

const IMPORT = `import { retryInterceptor } from 'rxjs-retry-client/angular';`;

describe('ng add', () => {
  let runner: testing.SchematicTestRunner;
  let folder: string;
  let messages: string[];
  let workspace: Tree;
  let standalone: Tree;
  let withModule: Tree;

  beforeAll(async () => {
    // As npm packs it: CommonJS that requires the packages of the CLI.
    mkdirSync(join(cli, '.cache'), { recursive: true });
    folder = mkdtempSync(join(cli, '.cache/schematics-'));
    const build = spawnSync('npm', ['run', '--silent', 'build:schematics', '--', `--outdir=${folder}`], { cwd: root });
    expect(build.stderr.toString()).toBe('');
    runner = new SchematicTestRunner('rxjs-retry-client', join(folder, 'collection.json'));
    runner.logger.subscribe(({ level, message }) => messages.push(`${level}: ${message}`));

    const options = { name: 'shops', version: '22.0.0', newProjectRoot: 'projects' };
    workspace = await runner.runExternalSchematic('@schematics/angular', 'workspace', options);
    standalone = await withApplication(workspace, 'shop', true);
    withModule = await withApplication(workspace, 'shop', false);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    messages = [];
  });

  it('provides HttpClient with the interceptor in a standalone application', async () => {
    const tree = await add(standalone);

    expect(changedFiles(standalone, tree)).toEqual([CONFIG]);
    expect(addedLines(standalone, tree, CONFIG)).toEqual([
      `import { provideHttpClient, withInterceptors } from '@angular/common/http';`,
      IMPORT,
      `    provideRouter(routes), provideHttpClient(withInterceptors([retryInterceptor()]))`,
    ]);
    expect(messages).toEqual([
      `info: HttpClient retries now: retryInterceptor is its first interceptor, in ${CONFIG.slice(1)}.`,
      'info: A banner, time limits and more: node_modules/rxjs-retry-client/docs/angular.md',
    ]);
  });

  it('provides HttpClient with the interceptor in the module of an application', async () => {
    const tree = await add(withModule);

    expect(changedFiles(withModule, tree)).toEqual([MODULE]);
    expect(addedLines(withModule, tree, MODULE).slice(0, 2)).toEqual([
      `import { provideHttpClient, withInterceptors } from '@angular/common/http';`,
      IMPORT,
    ]);
    // Not each version has a comma after the last provider.
    expect(tree.readText(MODULE)).toMatch(
      /providers: \[\s+provideBrowserGlobalErrorListeners\(\),\s+provideHttpClient\(withInterceptors\(\[retryInterceptor\(\)\]\)\),?\s+\]/,
    );
  });

  it('changes nothing when it runs again', async () => {
    for (const application of [standalone, withModule]) {
      const tree = await add(application);
      messages = [];
      const again = await add(tree);

      expect(changedFiles(tree, again)).toEqual([]);
      expect(messages).toEqual([
        jasmine.stringMatching(/^info: projects\/shop\S+ uses retryInterceptor already: nothing to do\.$/),
      ]);
    }
  });

  describe('in an application that provides HttpClient', () => {
    const variants: readonly [before: string, after: string][] = [
      ['provideHttpClient()', 'provideHttpClient(withInterceptors([retryInterceptor()]))'],
      ['provideHttpClient(withFetch())', 'provideHttpClient(withInterceptors([retryInterceptor()]), withFetch())'],
      [
        'provideHttpClient(withInterceptorsFromDi())',
        'provideHttpClient(withInterceptors([retryInterceptor()]), withInterceptorsFromDi())',
      ],
      [
        'provideHttpClient(withFetch(), withInterceptors([auth, log]))',
        'provideHttpClient(withFetch(), withInterceptors([retryInterceptor(), auth, log]))',
      ],
      ['provideHttpClient(withInterceptors([]))', 'provideHttpClient(withInterceptors([retryInterceptor()]))'],
      [
        'provideHttpClient(withInterceptors(interceptors))',
        'provideHttpClient(withInterceptors([retryInterceptor(), ...interceptors]))',
      ],
      ['provideHttpClient(...features)', 'provideHttpClient(withInterceptors([retryInterceptor()]), ...features)'],
      [
        'provideHttpClient(\n      withInterceptors([\n        // Adds the token.\n        auth,\n      ]),\n    )',
        'provideHttpClient(\n      withInterceptors([\n        // Adds the token.\n        retryInterceptor(), auth,\n      ]),\n    )',
      ],
      [
        'provideHttpClient(\n      // withFetch(),\n    )',
        'provideHttpClient(\n      // withFetch(),\n    withInterceptors([retryInterceptor()]))',
      ],
    ];
    for (const [before, after] of variants) {
      it(`makes the interceptor the first one: ${before.replaceAll(/\s+/g, ' ')}`, async () => {
        for (const [application, path] of applications()) {
          const tree = await add(withProvider(application, path, before));
          const text = tree.readText(path);

          expect(text).toContain(`[\n    ${after},\n`);
          expect(text).toContain(
            `import { provideHttpClient, withFetch, withInterceptorsFromDi, withInterceptors } from '@angular/common/http';`,
          );
          expect(text).toContain(IMPORT);
          expect(syntaxErrors(text)).toEqual([]);
        }
      });
    }

    it('keeps other names that a file gives to the functions of HttpClient', async () => {
      const before = edit(
        withProvider(standalone, CONFIG, 'provideHttp(intercept([auth]))'),
        CONFIG,
        'provideHttpClient,',
        'provideHttpClient as provideHttp, withInterceptors as intercept,',
      );
      const tree = await add(before);

      expect(addedLines(before, tree, CONFIG)).toEqual([
        IMPORT,
        '    provideHttp(intercept([retryInterceptor(), auth])),',
      ]);
    });

    it('does not mind providers of specs', async () => {
      const before = standalone.branch();
      before.create(
        '/projects/shop/src/app/teas.spec.ts',
        `import { provideHttpClient } from '@angular/common/http';\nprovideHttpClient();`,
      );
      const tree = await add(before);

      expect(changedFiles(before, tree)).toEqual([CONFIG]);
    });
  });

  describe('in unusual code', () => {
    it('imports functions beside an import of types', async () => {
      const before = edit(
        standalone,
        CONFIG,
        'import { provideRouter',
        "import type { HttpInterceptorFn } from '@angular/common/http';\nimport { provideRouter",
      );
      const tree = await add(before);

      expect(tree.readText(CONFIG)).toContain("import type { HttpInterceptorFn } from '@angular/common/http';\n");
      expect(addedLines(before, tree, CONFIG)).toContain(
        `import { provideHttpClient, withInterceptors } from '@angular/common/http';`,
      );
    });

    it('keeps the quotes, the line ends and the byte order mark of a file', async () => {
      const before = standalone.branch();
      const text = before.readText(CONFIG).replaceAll("'", '"').replaceAll('\n', '\r\n');
      before.overwrite(CONFIG, `\uFEFF${text}`);
      const tree = await add(before);
      const result = tree.read(CONFIG)?.toString() ?? '';

      expect(result).toContain('\r\nimport { retryInterceptor } from "rxjs-retry-client/angular";\r\n');
      expect(result.startsWith('\uFEFFimport')).toBeTrue();
      expect(result.replaceAll('\r\n', '')).not.toContain('\n');
      expect(result).not.toContain("'");
      expect(syntaxErrors(result)).toEqual([]);
    });

    it('finds the providers where the application is started', async () => {
      for (const config of ['', ', { providers: [] }', ', { providers: [provideRouter([])] }']) {
        const before = edit(standalone, MAIN, ', appConfig', config);
        const tree = await add(before);

        expect(changedFiles(before, tree)).toEqual([MAIN]);
        expect(tree.readText(MAIN)).toMatch(
          /providers: \[(?:provideRouter\(\[\]\), )?provideHttpClient\(withInterceptors\(\[retryInterceptor\(\)\]\)\)\]/,
        );
        expect(syntaxErrors(tree.readText(MAIN))).toEqual([]);
      }
    });

    it('reads no video as code', async () => {
      const before = standalone.branch();
      before.create('/projects/shop/src/intro.ts', Buffer.from([0x47, 0xff, 0xfe, 0x00]));
      const tree = await add(before);

      expect(changedFiles(before, tree)).toEqual([CONFIG]);
    });
  });

  describe('where it does not understand the code', () => {
    const kinds: Readonly<Record<string, [reason: string, application: () => Tree]>> = {
      'an imported HttpClientModule': [
        `${MODULE.slice(1)} uses HttpClientModule, which provideHttpClient() replaces.`,
        () => {
          const tree = edit(withModule, MODULE, 'BrowserModule,\n', 'BrowserModule,\n    HttpClientModule,\n');
          return edit(tree, MODULE, 'import', "import { HttpClientModule } from '@angular/common/http';\nimport");
        },
      ],
      'a provider in another file': [
        'projects/shop/src/app/http.ts uses provideHttpClient(), and not in the list',
        () => {
          const tree = edit(standalone, CONFIG, 'providers: [', 'providers: [\n    ...http,');
          tree.create(
            '/projects/shop/src/app/http.ts',
            `import { provideHttpClient } from '@angular/common/http';\nexport const http = [provideHttpClient()];\n`,
          );
          return tree;
        },
      ],
      'a provider under a condition': [
        `${CONFIG.slice(1)} uses provideHttpClient(), and not in the list`,
        () => withProvider(standalone, CONFIG, 'quick ? provideHttpClient(withFetch()) : provideHttpClient()'),
      ],
      'a namespace import': [
        `${CONFIG.slice(1)} uses provideHttpClient(), and not in the list`,
        () =>
          edit(
            withProvider(standalone, CONFIG, 'http.provideHttpClient()'),
            CONFIG,
            /\{ provideHttpClient.* \}/,
            '* as http',
          ),
      ],
      'two providers': [
        `${CONFIG.slice(1)} provides HttpClient twice.`,
        () => withProvider(standalone, CONFIG, 'provideHttpClient(), provideHttpClient(withFetch())'),
      ],
      'another retryInterceptor': [
        `${CONFIG.slice(1)} uses the name retryInterceptor for something else.`,
        () =>
          edit(
            withProvider(standalone, CONFIG, 'provideHttpClient(withInterceptors([retryInterceptor]))'),
            CONFIG,
            'import',
            "import { retryInterceptor } from './retry.interceptor';\nimport",
          ),
      ],
      'providers that are no literal': [
        'The list of the providers of the application was not found.',
        () => edit(standalone, CONFIG, /providers: \[[^]*\]/, 'providers: shared'),
      ],
      'providers of a module that are no literal': [
        'The list of the providers of the application was not found.',
        () => edit(withModule, MODULE, /providers: \[[^]*?\]/, 'providers: shared'),
      ],
      'a configuration that another one is spread into': [
        'The list of the providers of the application was not found.',
        () => edit(standalone, CONFIG, /providers: \[[^]*\]/, '...shared'),
      ],
      'an application that is started in another way': [
        'The providers of the application were not found: ',
        () => {
          const tree = standalone.branch();
          tree.overwrite(MAIN, `import { start } from './start';\nstart();\n`);
          return tree;
        },
      ],
      'a configuration in another package': [
        'The providers of the application were not found: ',
        () => edit(standalone, MAIN, './app/app.config', '@shop/config'),
      ],
      'a missing file': [
        'The providers of the application were not found: ',
        () => {
          const tree = standalone.branch();
          tree.delete(CONFIG);
          return tree;
        },
      ],
    };
    for (const [kind, [reason, application]] of Object.entries(kinds)) {
      it(`changes nothing and says what to do: ${kind}`, async () => {
        const before = application();
        const tree = await add(before);

        expect(changedFiles(before, tree)).toEqual([]);
        expect(messages).toEqual([jasmine.stringMatching(/^warn: No code was changed\. [^/]/)]);
        expect(messages[0]).toContain(reason);
        expect(messages[0]).toContain(`

  import { provideHttpClient, withInterceptors } from '@angular/common/http';
  ${IMPORT}

  provideHttpClient(withInterceptors([retryInterceptor()]))
`);
      });
    }
  });

  describe('in a workspace', () => {
    it('changes the application that it is told', async () => {
      const before = await withApplication(standalone, 'office', true);
      const tree = await add(before, { project: 'office' });

      expect(changedFiles(before, tree)).toEqual(['/projects/office/src/app/app.config.ts']);
    });

    it('changes the only application beside a library', async () => {
      const library = { name: 'ui', skipPackageJson: true, skipTsConfig: true };
      const before = await runner.runExternalSchematic('@schematics/angular', 'library', library, standalone.branch());
      const tree = await add(before);

      expect(changedFiles(before, tree)).toEqual([CONFIG]);
    });

    it('changes nothing if it must choose among applications', async () => {
      const before = await withApplication(standalone, 'office', true);
      const tree = await add(before);

      expect(changedFiles(before, tree)).toEqual([]);
      expect(messages[0]).toContain(
        'The workspace has 2 applications: `ng generate rxjs-retry-client:ng-add --project <name>` chooses one.',
      );
    });

    it('changes nothing in a library', async () => {
      const library = { name: 'ui', skipPackageJson: true, skipTsConfig: true };
      const before = await runner.runExternalSchematic('@schematics/angular', 'library', library, workspace.branch());
      const tree = await add(before, { project: 'ui' });

      expect(changedFiles(before, tree)).toEqual([]);
      expect(messages[0]).toContain('The providers of the application were not found');
    });

    it('fails if the project does not exist', async () => {
      await expectAsync(add(standalone, { project: 'shoop' })).toBeRejectedWithError(
        'The workspace has no project "shoop".',
      );
    });
  });

  function add(tree: Tree, options: object = {}): Promise<Tree> {
    return runner.runSchematic('ng-add', options, tree.branch());
  }

  function withApplication(tree: Tree, name: string, standalone: boolean): Promise<Tree> {
    const options = { name, standalone, skipPackageJson: true };
    return runner.runExternalSchematic('@schematics/angular', 'application', options, tree.branch());
  }

  function applications(): [Tree, path: string][] {
    return [
      [standalone, CONFIG],
      [withModule, MODULE],
    ];
  }
});

/** Returns an application with a first provider, and with the imports that it can need. */
function withProvider(application: Tree, path: string, provider: string): Tree {
  const used = provider.includes('withInterceptors(') ? ', withInterceptors' : '';
  const names = `provideHttpClient, withFetch, withInterceptorsFromDi${used}`;
  const tree = edit(application, path, /providers: \[\s*/, `providers: [\n    ${provider},\n    `);
  return edit(tree, path, 'import', `import { ${names} } from '@angular/common/http';\nimport`);
}

/** Returns a tree in which the first occurrence of a text is replaced. */
function edit(before: Tree, path: string, text: string | RegExp, by: string): Tree {
  const tree = before.branch();
  const old = tree.readText(path);
  const edited = old.replace(text, () => by);
  if (edited === old) throw new Error(`${path} does not have ${text}:\n${old}`);
  tree.overwrite(path, edited);
  return tree;
}

function changedFiles(before: Tree, after: Tree): string[] {
  const paths = new Set<string>();
  for (const tree of [before, after]) tree.visit((path) => paths.add(path));
  return [...paths].filter((path) => before.read(path)?.toString() !== after.read(path)?.toString());
}

function addedLines(before: Tree, after: Tree, path: string): string[] {
  const old = before.readText(path).split('\n');
  return after
    .readText(path)
    .split('\n')
    .filter((line) => !old.includes(line));
}

function syntaxErrors(text: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
