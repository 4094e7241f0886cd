import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { MANIFEST, ROOT, run } from './installations.mjs';

/** Loads every entry point of the installed package in a runtime, and runs a session. */

const ENTRIES = Object.keys(MANIFEST.exports)
  .filter((path) => path !== './package.json')
  .map((path) => join(MANIFEST.name, path));

/** The programs, by the column of the table. */
export const PROGRAMS = { import: 'main.mjs', require: 'main.cjs' };

/** Writes the programs. @param {string} project */
export function preparePrograms(project) {
  const session = join(ROOT, 'tests/package/session.mjs');
  copyFileSync(session, join(project, 'session.mjs'));
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(readFileSync(session, 'utf8'), { compilerOptions });
  writeFileSync(join(project, 'session.cjs'), outputText);

  const imports = ENTRIES.map((entry) => `import '${entry}';`);
  // Bun does not always evaluate what an import needs before the next import.
  const first = "import 'reflect-metadata';";
  const end = "console.log('done');";
  const main = [first, ...imports, "import { runSession } from './session.mjs';", 'await runSession();', end];
  writeFileSync(join(project, PROGRAMS.import), main.join('\n'));
  const requires = ENTRIES.map((entry) => `require('${entry}');`);
  const mainCjs = [...requires, `require('./session.cjs').runSession().then(() => ${end.slice(0, -1)});`];
  writeFileSync(join(project, PROGRAMS.require), mainCjs.join('\n'));
}

/**
 * Runs one of the programs.
 *
 * @param {{ command: string, args?: string[] }} runtime
 * @param {string} project
 * @param {string} program
 */
export function usePackage({ command, args = [] }, project, program) {
  const { status, stdout, stderr } = run(command, [...args, program], { cwd: project, timeout: 60_000 });
  if (status === 0 && stdout.trim() === 'done' && stderr === '') return { verdict: 'pass', errors: [] };
  return { verdict: 'FAIL', errors: [stderr || stdout || 'no output'] };
}
