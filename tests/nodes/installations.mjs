import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything that the checks need, installed by npm below a directory of its own. */

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** The packages that a consumer installs besides, in the versions that the repository has. */
const OTHERS = ['tsyringe', 'reflect-metadata', '@opentelemetry/api', 'pino', '@types/node'];

/** The oldest Node that the package says it supports. */
export const OLDEST_NODE = MANIFEST.engines.node.replace('>=', '');

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function run(program, args, options) {
  return spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
}

/** @param {string} program @param {string[]} args @param {string} [cwd] @returns {string} what it wrote. */
function succeed(program, args, cwd) {
  const { status, stdout, stderr, error } = run(program, args, { cwd });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`, { cause: error ?? `${stdout}${stderr}` });
  return stdout;
}

/** @param {string} directory @param {string[]} packages */
function install(directory, packages) {
  mkdirSync(directory, { recursive: true });
  succeed('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', directory, ...packages], directory);
}

/**
 * Installs a Node.
 *
 * @param {string} directory
 * @param {string} range - such as `22`, for the newest of it.
 * @returns {{ name: string, bin: string, command: string }} `bin` is the directory to put on the path.
 */
export function installNode(directory, range) {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = join(directory, `node-${range}`);
  install(prefix, [`${name}@${range}`]);
  const bin = join(prefix, 'node_modules', name, 'bin');
  const command = join(bin, 'node');
  return { name: `Node ${succeed(command, ['--version']).trim()}`, bin, command };
}

/**
 * Installs Bun or Deno.
 *
 * @param {string} directory
 * @param {{ package: string, args: string[] }} runtime - such as `bun@1.4.5`, and the arguments before the program.
 * @returns {{ name: string, command: string, args: string[] }}
 */
export function installRuntime(directory, { package: name, args }) {
  const prefix = join(directory, name);
  install(prefix, [name]);
  return { name, command: join(prefix, 'node_modules/.bin', name.split('@')[0]), args };
}

/**
 * Installs a TypeScript.
 *
 * @param {string} directory
 * @param {string} range - such as `5.4`.
 * @returns {{ version: string, compiler: string }}
 */
export function installTypeScript(directory, range) {
  const prefix = join(directory, `typescript-${range}`);
  install(prefix, [`typescript@${range}`]);
  const compiler = join(prefix, 'node_modules/typescript/bin/tsc');
  return { version: succeed(process.execPath, [compiler, '--version']).replace('Version', '').trim(), compiler };
}

/**
 * Packs the package, and installs the tarball into an empty project.
 *
 * @param {string} directory
 * @returns {string} the project.
 */
export function installPackage(directory) {
  const packing = join(ROOT, 'tests/package/pack.mjs');
  const [{ filename }] = JSON.parse(succeed(process.execPath, [packing, directory]));

  const project = join(directory, 'consumer');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const others = OTHERS.map((name) => `${name}@${MANIFEST.devDependencies[name]}`);
  install(project, [join(directory, filename), ...others]);
  return project;
}
