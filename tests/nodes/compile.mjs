import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, run } from './installations.mjs';

/** Compiles consumers of the package by the compiler's command line: TypeScript 7 has no programming interface to call. */

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};
const ENVIRONMENTS = {
  "Node's types": {
    files: ['everywhere.ts', 'with-a-platform.ts', 'with-node.ts'],
    settings: { types: ['node'], lib: ['es2022'] },
  },
  'the default library': { files: ['everywhere.ts', 'with-a-platform.ts'], settings: { types: [] } },
  'ES2022 alone': { files: ['everywhere.ts'], settings: { types: [], lib: ['es2022'] } },
};
const COMMON_JS = {
  name: 'nodenext in CommonJS',
  files: ['common-js.cts'],
  settings: { ...RESOLUTIONS.nodenext, ...ENVIRONMENTS["Node's types"].settings },
  // Before that, TypeScript does not know that an ES module can be required.
  since: 5.8,
};
const NOT_OURS = /(^|\/)node_modules\/(@types|pino|pino-std-serializers|sonic-boom|thread-stream|typescript)\//;

/** Every way in which a consumer is compiled. */
export const SETUPS = [
  ...Object.entries(RESOLUTIONS).flatMap(([resolution, how]) =>
    Object.entries(ENVIRONMENTS).map(([environment, { files, settings }]) => ({
      name: `${resolution}, ${environment}`,
      files,
      settings: { ...how, ...settings },
      since: 0,
    })),
  ),
  COMMON_JS,
];

/** Writes the sources and a configuration for each setup. @param {string} project */
export async function prepareSources(project) {
  const source = readFileSync(join(ROOT, 'tests/package/consumer-sources.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext } });
  const { CONSUMER_SOURCES } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
  for (const [name, text] of Object.entries(CONSUMER_SOURCES)) writeFileSync(join(project, name), text);
  SETUPS.forEach(({ files, settings }, index) => {
    const compilerOptions = {
      ...settings,
      target: 'es2022',
      strict: true,
      exactOptionalPropertyTypes: true,
      experimentalDecorators: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(configuration(project, index), JSON.stringify({ files, compilerOptions }));
  });
}

/**
 * Compiles each setup with one TypeScript.
 *
 * @param {string} project
 * @param {{ version: string, compiler: string }} typescript
 * @returns {{ verdict: string, errors: string[] }[]} in the order of the setups.
 */
export function compileAll(project, { version, compiler }) {
  return SETUPS.map(({ since }, index) => {
    if (Number.parseFloat(version) < since) return { verdict: `from ${since}`, errors: [] };
    const args = [compiler, '-p', configuration(project, index), '--pretty', 'false'];
    const { status, stdout, stderr } = run(process.execPath, args, { cwd: project });
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
    // What follows an error is indented.
    const heads = lines.filter((line) => !/^\s/.test(line));
    const errors = heads.filter((line) => !NOT_OURS.test(line));
    if (status !== 0 && heads.length === 0) errors.push(`exit code ${status}`);
    return { verdict: errors.length === 0 ? 'pass' : 'FAIL', errors };
  });
}

function configuration(project, index) {
  return join(project, `tsconfig.${index}.json`);
}
