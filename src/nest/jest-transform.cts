// eslint-disable-next-line @typescript-eslint/no-require-imports -- Jest loads it from CommonJS
import ts = require('typescript');

/** Translates a module of this package to CommonJS, by the TypeScript that the application is compiled with. */
const transformer = {
  process(source: string, fileName: string): { readonly code: string } {
    const { outputText } = ts.transpileModule(source, {
      fileName,
      compilerOptions: {
        allowJs: true,
        esModuleInterop: true,
        inlineSourceMap: true,
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
      },
    });
    return { code: outputText };
  },
};

export = transformer;
