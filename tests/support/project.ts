import { existsSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FRAMEWORKS } from './needs.js';

const NODE_MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

/**
 * Makes a project in a directory of its own, which the caller removes.
 *
 * @param packages - the packages to install, as links to those of this repository or of `tests/frameworks`.
 * @returns the directory.
 */
export function createProject(packages: readonly string[]): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'session-activity-tracker-')));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  for (const name of packages) {
    const source = [NODE_MODULES, FRAMEWORKS].map((modules) => join(modules, name)).find(existsSync);
    if (source === undefined) throw new Error(`${name} is not installed`);
    link(directory, name, source);
  }
  return directory;
}

/** Installs a package in a project as a link to where it is. */
export function link(directory: string, name: string, source: string): void {
  const path = join(directory, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(source, path, 'dir');
}
