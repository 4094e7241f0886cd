import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const DAY_MS = 86_400_000;

let built: string | undefined;

/**
 * The directory of a build of the package from the present sources. It is not `dist`, which tests neither need nor
 * touch. A program that runs there imports the package by its name. The answer stays the same while the process runs,
 * even if the sources change.
 *
 * The directory is below `node_modules`, where the peers are found, and is named after a hash of what it was built
 * from, so it is built once and shared by all test processes.
 */
export function builtPackage(): string {
  return (built ??= findOrBuild(join(ROOT, 'node_modules/.cache/session-activity-tracker')));
}

function findOrBuild(builds: string): string {
  const directory = join(builds, fingerprint());
  if (existsSync(directory)) return directory;

  mkdirSync(builds, { recursive: true });
  removeOld(builds);
  const building = mkdtempSync(join(builds, 'building-'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/build.mjs'), join(building, 'dist')],
    {
      encoding: 'utf8',
    },
  );
  cpSync(join(ROOT, 'package.json'), join(building, 'package.json'));
  try {
    if (status !== 0) throw new Error(`The build failed:\n${stdout}${stderr}`);
    renameSync(building, directory);
  } catch (error) {
    rmSync(building, { recursive: true });
    // If another process was faster, its build is used: a directory that is not empty cannot be replaced.
    if (!existsSync(directory)) throw error;
  }
  return directory;
}

/** Removes builds that are over a day old. */
function removeOld(builds: string): void {
  for (const name of readdirSync(builds)) {
    const path = join(builds, name);
    const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - modifiedMs > DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Changes with everything that a build is made from. */
function fingerprint(): string {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => join('src', path));
  const hash = createHash('sha256').update(process.version);
  for (const path of [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build.mjs',
    ...sources,
  ]) {
    hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  }
  return hash.digest('hex').slice(0, 16);
}
