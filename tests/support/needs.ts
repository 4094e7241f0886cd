import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';

/** Where `npm ci --prefix tests/frameworks` installs the packages that tests use this one with. */
export const FRAMEWORKS = fileURLToPath(new URL('../frameworks/node_modules/', import.meta.url));

/**
 * Describes a suite that needs more than `npm ci` installs: packages of `tests/frameworks`, or programs on the path.
 * Where one is missing the suite is skipped and its title says why; with `CI=true` that is an error.
 *
 * @example describeWith(['redis-server'], 'RedisLeases', () => {})
 */
export function describeWith(needs: readonly string[], title: string, suite: () => void): void {
  const missing = missingOf(needs);
  if (missing.length === 0) {
    describe(title, suite);
    return;
  }
  const reason = `needs ${missing.join(' and ')}`;
  if (process.env['CI'] === 'true') throw new Error(`"${title}" ${reason}, which CI has to install`);
  describe.skip(`${title} (skipped: ${reason})`, suite);
}

/** Those of `needs` that are neither packages of `tests/frameworks` nor programs on the path. */
export function missingOf(needs: readonly string[]): readonly string[] {
  return needs.filter((name) => !isInstalled(name) && !isProgram(name));
}

/** Whether `tests/frameworks` has this package. */
export function isInstalled(name: string): boolean {
  return existsSync(join(FRAMEWORKS, name));
}

function isProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
