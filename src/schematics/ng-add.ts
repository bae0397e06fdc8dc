import { callRule, type Rule, type SchematicContext, SchematicsException, type Tree } from '@angular-devkit/schematics';
import { addRootProvider, type ProjectDefinition, readWorkspace } from '@schematics/angular/utility';
import { firstValueFrom } from 'rxjs';
import ts from 'typescript';

import { HTTP, httpProviders, interceptorInsertions, listOfProvider, PROVIDER, usesName } from './http-provider.js';
import { importedAs, importInsertions, type Insertion } from './imports.js';

const ANGULAR_ENTRY = 'rxjs-retry-client/angular';

/** The options of `ng add rxjs-retry-client`. */
export interface NgAddOptions {
  /** @default the only application of the workspace */
  readonly project?: string;
}

/** The reason why the application's code is left as it is. */
class Obstacle extends Error {}

/**
 * Makes `retryInterceptor` the first interceptor of an application's HttpClient. Where it does not understand the
 * application's code, it changes nothing, and logs what to add by hand.
 */
export function ngAdd(options: NgAddOptions = {}): Rule {
  return async (tree, context) => {
    try {
      const [name, project] = await chooseApplication(tree, options.project);
      const files = filesAboutHttp(tree, project);
      const done = files.find((file) => importedAs(file, 'retryInterceptor', ANGULAR_ENTRY));
      if (done) {
        context.logger.info(`${done.fileName} uses retryInterceptor already: nothing to do.`);
        return undefined;
      }
      const { path, changed } = await addInterceptor(tree, context, name, files);
      context.logger.info(`HttpClient retries now: retryInterceptor is its first interceptor, in ${path}.`);
      context.logger.info('A banner, time limits and more: node_modules/rxjs-retry-client/docs/angular.md');
      return () => changed;
    } catch (error) {
      if (!(error instanceof Obstacle)) throw error;
      context.logger.warn(byHand(error.message));
      return undefined;
    }
  };
}

async function chooseApplication(tree: Tree, name: string | undefined): Promise<[string, ProjectDefinition]> {
  const { projects } = await readWorkspace(tree);
  if (name !== undefined) {
    const project = projects.get(name);
    if (!project) throw new SchematicsException(`The workspace has no project "${name}".`);
    return [name, project];
  }
  const applications = [...projects].filter(([, { extensions }]) => extensions.projectType === 'application');
  const [application] = applications;
  if (application && applications.length === 1) return application;
  throw new Obstacle(
    `The workspace has ${applications.length} applications: \`ng generate rxjs-retry-client:ng-add --project <name>\` chooses one.`,
  );
}

/** Returns those sources of a project that can be about providers of HttpClient, or about this package. */
function filesAboutHttp(tree: Tree, { root, sourceRoot = `${root}/src` }: ProjectDefinition): ts.SourceFile[] {
  const files: ts.SourceFile[] = [];
  tree.getDir(sourceRoot).visit((absolute) => {
    const path = absolute.slice(1);
    if (!path.endsWith('.ts') || /\.(?:spec|test)\.ts$/.test(path)) return;
    const text = textOf(tree, path);
    if (/provideHttpClient|HttpClientModule|rxjs-retry-client/.test(text)) files.push(parse(path, text));
  });
  return files;
}

/** Returns the path of the file that gets the interceptor, and the tree with the changed file. */
async function addInterceptor(
  tree: Tree,
  context: SchematicContext,
  project: string,
  files: readonly ts.SourceFile[],
): Promise<{ path: string; changed: Tree }> {
  const old = files.find((file) => usesName(file, 'HttpClientModule'));
  if (old) {
    throw new Obstacle(
      `${old.fileName} uses HttpClientModule, which provideHttpClient() replaces. Interceptors that are classes need its feature withInterceptorsFromDi().`,
    );
  }
  // It knows where an application has its providers.
  const branch = await addProvider(tree.branch(), context, project);
  const path = branch.actions
    .map((action) => action.path.slice(1))
    .find((each) => textOf(branch, each) !== textOf(tree, each));
  const list = path === undefined ? undefined : listOfProvider(parse(path, branch.readText(path)));
  if (path === undefined || !list) throw new Obstacle('The list of the providers of the application was not found.');

  const file = parse(path, tree.readText(path));
  const [provider, another] = httpProviders(list);
  const elsewhere = [file, ...files].find((each) => usesName(each, 'provideHttpClient'));
  if (another) throw new Obstacle(`${path} provides HttpClient twice.`);
  if (elsewhere && !provider) {
    throw new Obstacle(
      `${elsewhere.fileName} uses provideHttpClient(), and not in the list of the application's providers.`,
    );
  }
  // PROVIDER was added after the others, so their positions are still those of the unchanged file.
  const code = provider ? interceptorInsertions(provider) : [];
  const added = provider ? code.map(({ text }) => text).join('') : PROVIDER;
  const names = ['provideHttpClient', 'withInterceptors'].filter((name) => added.includes(name));
  const insertions = [
    ...insertImports(file, names, HTTP),
    ...insertImports(file, ['retryInterceptor'], ANGULAR_ENTRY),
    ...code,
  ];
  return { path, changed: insert(provider ? tree : branch, path, insertions) };
}

/** Adds `PROVIDER` to the providers of an application, without its imports. */
async function addProvider(tree: Tree, context: SchematicContext, project: string): Promise<Tree> {
  try {
    const rule = addRootProvider(project, ({ code }) => code`${PROVIDER}`);
    return await firstValueFrom(callRule(rule, tree, context), { defaultValue: tree });
  } catch (error) {
    throw new Obstacle(`The providers of the application were not found: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** Returns the insertions that import names. Throws if the file gives one of them another meaning. */
function insertImports(file: ts.SourceFile, names: readonly string[], from: string): Insertion[] {
  const taken = names.find((name) => usesName(file, name) && importedAs(file, name, from) !== name);
  if (taken !== undefined) throw new Obstacle(`${file.fileName} uses the name ${taken} for something else.`);
  return importInsertions(file, names, from);
}

function insert(tree: Tree, path: string, insertions: readonly Insertion[]): Tree {
  const recorder = tree.beginUpdate(path);
  for (const { position, text } of insertions) recorder.insertRight(position, text);
  tree.commitUpdate(recorder);
  return tree;
}

/** `readText` throws if a file is no text: a video stream is a `.ts` file, too. */
function textOf(tree: Tree, path: string): string {
  return tree.read(path)?.toString() ?? '';
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function byHand(reason: string): string {
  return `No code was changed. ${reason}
Make retryInterceptor the first interceptor by hand, among the providers of the application:

  import { provideHttpClient, withInterceptors } from '${HTTP}';
  import { retryInterceptor } from '${ANGULAR_ENTRY}';

  ${PROVIDER}
`;
}
