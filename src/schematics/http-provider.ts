import ts from 'typescript';

import { importedAs, type Insertion } from './imports.js';

/** The package of Angular's HttpClient. */
export const HTTP = '@angular/common/http';

/** The provider of an application that has none for HttpClient. */
export const PROVIDER = 'provideHttpClient(withInterceptors([retryInterceptor()]))';

/** Returns the list of providers to which `PROVIDER` was added, or `undefined` if it hides another list. */
export function listOfProvider(file: ts.SourceFile): ts.ArrayLiteralExpression | undefined {
  const list = find(file, (node) => node.getText() === PROVIDER && ts.isCallExpression(node))?.parent;
  if (!list || !ts.isArrayLiteralExpression(list)) return undefined;
  const config = list.parent.parent;
  if (!ts.isObjectLiteralExpression(config)) return undefined;
  // A list that was made for it hides the one of a spread object, and stands beside one that is no literal.
  const isNew = list.elements.length === 1;
  const hides = config.properties.some(
    (property) =>
      property !== list.parent && (ts.isSpreadAssignment(property) || property.name.getText() === 'providers'),
  );
  return isNew && hides ? undefined : list;
}

/** Returns the calls of `provideHttpClient` in a list of providers, without `PROVIDER`. */
export function httpProviders(list: ts.ArrayLiteralExpression): ts.CallExpression[] {
  return list.elements.filter(isCallOf('provideHttpClient')).filter((call) => call.getText() !== PROVIDER);
}

/** Returns the insertions that make `retryInterceptor` the first interceptor of a call of `provideHttpClient`. */
export function interceptorInsertions(call: ts.CallExpression): Insertion[] {
  const [feature] = call.arguments;
  const interceptors = call.arguments.find(isCallOf('withInterceptors'))?.arguments[0];
  if (!interceptors) {
    const text = 'withInterceptors([retryInterceptor()])';
    return feature ? [{ position: feature.getStart(), text: `${text}, ` }] : [{ position: call.getEnd() - 1, text }];
  }
  if (!ts.isArrayLiteralExpression(interceptors)) {
    return [
      { position: interceptors.getStart(), text: '[retryInterceptor(), ...' },
      { position: interceptors.getEnd(), text: ']' },
    ];
  }
  const [interceptor] = interceptors.elements;
  return interceptor
    ? [{ position: interceptor.getStart(), text: 'retryInterceptor(), ' }]
    : [{ position: interceptors.getEnd() - 1, text: 'retryInterceptor()' }];
}

/** Whether the code of a file uses a name. */
export function usesName(file: ts.SourceFile, name: string): boolean {
  return find(file, (node) => ts.isIdentifier(node) && node.text === name) !== undefined;
}

/** Returns a predicate of calls of a function of Angular's HttpClient, by the name under which the file imports it. */
function isCallOf(name: string): (node: ts.Node) => node is ts.CallExpression {
  return (node): node is ts.CallExpression =>
    ts.isCallExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === importedAs(node.getSourceFile(), name, HTTP);
}

function find(node: ts.Node, matches: (node: ts.Node) => boolean): ts.Node | undefined {
  return matches(node) ? node : ts.forEachChild(node, (child) => find(child, matches));
}
