import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, run } from './installations.mjs';

/** Compiles consumers of the package by the compiler's command line: TypeScript 7 has no programming interface. */

const ES_MODULES = ['by-hand.ts', 'with-web-streams.ts', 'with-a-container.ts'];
const BOTH = [...ES_MODULES, 'common-js.cts'];
const NOT_OURS = /(^|\/)node_modules\/(@types|pino|pino-std-serializers|sonic-boom|thread-stream|typescript)\//;

/** Every way in which a consumer is compiled. */
export const SETUPS = [
  { name: 'node16', files: BOTH, settings: { module: 'node16', moduleResolution: 'node16' } },
  { name: 'nodenext', files: BOTH, settings: { module: 'nodenext', moduleResolution: 'nodenext' } },
  { name: 'bundler', files: ES_MODULES, settings: { module: 'esnext', moduleResolution: 'bundler' } },
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
      types: ['node'],
      lib: ['es2022'],
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
 * @param {{ compiler: string }} typescript
 * @returns {{ verdict: string, errors: string[] }[]} in the order of the setups.
 */
export function compileAll(project, { compiler }) {
  return SETUPS.map((_, index) => {
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
