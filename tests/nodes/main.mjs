// Runs the test suite on every supported Node, and uses the packed package as its users do: imported and required in
// Node, Bun and Deno, and compiled by several versions of TypeScript. Installs these through npm, into a directory that
// is removed at the end. Exits with 1 when anything fails.
//
//   --only 22          this Node alone
//   --only bun         Bun or Deno alone
//   --tests PATH       these tests alone
//   --only typescript  TypeScript alone
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileAll, prepareSources, SETUPS } from './compile.mjs';
import { installNode, installPackage, installRuntime, installTypeScript, OLDEST_NODE } from './installations.mjs';
import { table } from './table.mjs';
import { runTests } from './test-suite.mjs';
import { preparePrograms, PROGRAMS, usePackage } from './use-package.mjs';

const NODES = [OLDEST_NODE, '20', '22', '24', '26'];
const RUNTIMES = {
  bun: { package: 'bun@1.4.5', args: [] },
  deno: { package: 'deno@2.9.6', args: ['run', '--allow-all'] },
};
const TYPESCRIPTS = ['5.4', '5.9', '6.0', '7.0'];

const { values } = parseArgs({ options: { only: { type: 'string' }, tests: { type: 'string' } } });
const { only } = values;
const isChosen = (name) => only === undefined || only === name;
const nodes = only === undefined || /^\d/.test(only) ? [only ?? NODES].flat() : [];
const runtimes = Object.keys(RUNTIMES).filter(isChosen);
const compilers = isChosen('typescript') ? TYPESCRIPTS : [];

const directory = mkdtempSync(join(tmpdir(), 'session-activity-tracker-nodes-'));
const failures = [];

/** What a check came to, for the table; its errors are kept for the end. */
function note(name, { verdict, errors }) {
  failures.push(...errors.map((error) => `${name}: ${error}`));
  return verdict;
}

try {
  const project = installPackage(directory);
  preparePrograms(project);

  const rows = [];
  const use = (runtime) =>
    Object.entries(PROGRAMS).map(([how, program]) =>
      note(`${runtime.name}, ${how}`, usePackage(runtime, project, program)),
    );
  for (const range of nodes) {
    console.error(`Node ${range}`);
    const node = installNode(directory, range);
    rows.push([node.name, ...use(node), note(node.name, runTests(node, directory, values.tests))]);
  }
  for (const name of runtimes) {
    console.error(name);
    const runtime = installRuntime(directory, RUNTIMES[name]);
    rows.push([runtime.name, ...use(runtime), '']);
  }
  if (rows.length > 0) console.log(table(['', ...Object.keys(PROGRAMS), values.tests ?? 'test suite'], rows));

  if (compilers.length > 0) await prepareSources(project);
  const columns = compilers.map((range) => {
    console.error(`TypeScript ${range}`);
    const typescript = installTypeScript(directory, range);
    const verdicts = compileAll(project, typescript).map((result, index) =>
      note(`TypeScript ${typescript.version}, ${SETUPS[index].name}`, result),
    );
    return [typescript.version, ...verdicts];
  });
  const [heads, ...lines] = ['TypeScript', ...SETUPS.map(({ name }) => name)].map((name, index) => [
    name,
    ...columns.map((column) => column[index]),
  ]);
  if (columns.length > 0) console.log(`\n${table(heads, lines)}`);
} finally {
  rmSync(directory, { recursive: true });
}

for (const failure of failures) console.error(`\n${failure}`);
console.log(failures.length === 0 ? '\nall passed' : `\n${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
