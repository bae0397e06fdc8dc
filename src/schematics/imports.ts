import ts from 'typescript';

/** Text to insert into a file, and the position where. */
export interface Insertion {
  readonly position: number;
  readonly text: string;
}

/** Returns the local name under which a file imports a name as a value, or `undefined`. */
export function importedAs(file: ts.SourceFile, name: string, from: string): string | undefined {
  return importsFrom(file, from)
    .flatMap(namedImports)
    .find((specifier) => (specifier.propertyName ?? specifier.name).text === name)?.name.text;
}

/** Returns the insertion that imports names under the same local names, or none if the file imports them all. */
export function importInsertions(file: ts.SourceFile, names: readonly string[], from: string): Insertion[] {
  const missing = names.filter((name) => importedAs(file, name, from) !== name).join(', ');
  if (missing === '') return [];
  const last = importsFrom(file, from).flatMap(namedImports).at(-1);
  if (last) return [{ position: last.getEnd(), text: `, ${missing}` }];

  const before = file.statements.findLast(ts.isImportDeclaration);
  const eol = file.text.includes('\r\n') ? '\r\n' : '\n';
  const quote = before?.moduleSpecifier.getText().at(0) ?? "'";
  const statement = `import { ${missing} } from ${quote}${from}${quote};`;
  return [
    before ? { position: before.getEnd(), text: `${eol}${statement}` } : { position: 0, text: `${statement}${eol}` },
  ];
}

function importsFrom(file: ts.SourceFile, from: string): ts.ImportDeclaration[] {
  return file.statements
    .filter(ts.isImportDeclaration)
    .filter(({ moduleSpecifier }) => ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text === from);
}

/** The named imports of a declaration, without those of types: code cannot use them. */
function namedImports({ importClause }: ts.ImportDeclaration): ts.ImportSpecifier[] {
  const bindings = importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
  return bindings.elements.filter((specifier) => !ts.isTypeOnlyImportDeclaration(specifier));
}
