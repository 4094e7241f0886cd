import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtPackage } from '../support/built-package.js';

const NODE_MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

/** The packages that a consumer has installed besides. */
const OTHERS = ['tsyringe', 'reflect-metadata', '@opentelemetry/api', 'pino', '@types/node'];

/** An empty project with the package from its tarball. */
export interface Project {
  readonly directory: string;
  /** The paths in the tarball. */
  readonly packed: readonly string[];
}

/** Packs the package and installs it, its peers and what else a user has, without a registry. */
export function installTarball(): Project {
  const built = builtPackage();
  const directory = mkdtempSync(join(tmpdir(), 'session-activity-tracker-'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const installed = join(directory, 'node_modules');
  for (const name of OTHERS) {
    mkdirSync(dirname(join(installed, name)), { recursive: true });
    symlinkSync(join(NODE_MODULES, name), join(installed, name));
  }
  const [pack] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory, built], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ filename: string; files: { path: string }[] }];
  execFileSync('tar', ['-xzf', pack.filename], { cwd: directory });
  renameSync(join(directory, 'package'), join(installed, 'session-activity-tracker'));
  return { directory, packed: pack.files.map(({ path }) => path) };
}
