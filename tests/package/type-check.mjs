// Compiles the sources of the project that it is given, once for each way in which a project may be set up, and writes
// the errors of each as JSON. One process for all, since TypeScript takes long to load.
import { join } from 'node:path';
import ts from 'typescript';

const project = process.argv.at(-1);

const ES_MODULES = ['by-hand.ts', 'with-web-streams.ts', 'with-a-container.ts'];
const BOTH = [...ES_MODULES, 'common-js.cts'];
const SETUPS = {
  node16: { sources: BOTH, module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  nodenext: { sources: BOTH, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  bundler: { sources: ES_MODULES, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
};
const LIBRARY = /\/lib\.[^/]*\.d\.ts$/;
const NOT_OURS = /\/node_modules\/(@types|pino|pino-std-serializers|sonic-boom|thread-stream)\//;

const libraries = new Map();

/** The errors in the given sources, the package and its peers. */
function errorsOf(sources, settings) {
  const options = {
    ...settings,
    types: ['node'],
    lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022,
    strict: true,
    exactOptionalPropertyTypes: true,
    experimentalDecorators: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getCurrentDirectory = () => project;
  host.getSourceFile = (name, ...how) => {
    // The libraries are large, and the same whatever the settings.
    if (!LIBRARY.test(name)) return read(name, ...how);
    if (!libraries.has(name)) libraries.set(name, read(name, ...how));
    return libraries.get(name);
  };
  const program = ts.createProgram(
    sources.map((source) => join(project, source)),
    options,
    host,
  );
  const checked = program
    .getSourceFiles()
    .filter(({ fileName }) => !LIBRARY.test(fileName) && !NOT_OURS.test(fileName));
  const errors = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...checked.flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]),
  ];
  return errors.map(({ file, start, code, messageText }) => {
    const where = file ? `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1} ` : '';
    return `${where}TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

const errors = Object.entries(SETUPS).map(([name, { sources, ...settings }]) => [name, errorsOf(sources, settings)]);
console.log(JSON.stringify(Object.fromEntries(errors)));
