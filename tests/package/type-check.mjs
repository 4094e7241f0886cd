// Compiles the sources of the project that it is given, once for each way in which a project may be set up, and writes
// the errors of each as JSON. One process for all, since TypeScript takes long to load.
import { join } from 'node:path';
import ts from 'typescript';

const project = process.argv.at(-1);

const RESOLUTIONS = {
  node16: { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
};
const ENVIRONMENTS = {
  "Node's types": {
    sources: ['everywhere.ts', 'with-a-platform.ts', 'with-node.ts'],
    settings: { types: ['node'], lib: ['lib.es2022.d.ts'] },
  },
  'the default library': { sources: ['everywhere.ts', 'with-a-platform.ts'], settings: { types: [] } },
  'ES2022 alone': { sources: ['everywhere.ts'], settings: { types: [], lib: ['lib.es2022.d.ts'] } },
};
const LIBRARY = /\/lib\.[^/]*\.d\.ts$/;
const NOT_OURS = /\/node_modules\/(@types|pino|pino-std-serializers|sonic-boom|thread-stream)\//;

const libraries = new Map();

/** The errors in the given sources, the package and its peers. */
function errorsOf(sources, settings) {
  const options = {
    ...settings,
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

const errors = {};
for (const [resolution, how] of Object.entries(RESOLUTIONS)) {
  for (const [environment, { sources, settings }] of Object.entries(ENVIRONMENTS)) {
    errors[`${resolution} resolution and ${environment}`] = errorsOf(sources, { ...how, ...settings });
  }
}
errors['nodenext resolution in CommonJS'] = errorsOf(['common-js.cts'], {
  ...RESOLUTIONS.nodenext,
  ...ENVIRONMENTS["Node's types"].settings,
});
console.log(JSON.stringify(errors));
