import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProject } from '../support/project.js';

const PACK = fileURLToPath(new URL('pack.mjs', import.meta.url));

/** The packages that a consumer has installed besides. */
const OTHERS = ['tsyringe', 'reflect-metadata', '@opentelemetry/api', 'pino', '@types/node'];

/** A project with the package from its tarball. */
export interface Project {
  readonly directory: string;
  /** Where the package is. */
  readonly installed: string;
  /** The paths in the tarball. */
  readonly packed: readonly string[];
}

/** Packs the package and installs it, its peers and the other packages of a user, without a registry. */
export function installTarball(...packages: readonly string[]): Project {
  const directory = createProject([...OTHERS, ...packages]);
  const installed = join(directory, 'node_modules/session-activity-tracker');
  const [pack] = JSON.parse(execFileSync(process.execPath, [PACK, directory], { encoding: 'utf8' })) as [
    { filename: string; files: { path: string }[] },
  ];
  execFileSync('tar', ['-xzf', pack.filename], { cwd: directory });
  renameSync(join(directory, 'package'), installed);
  return { directory, installed, packed: pack.files.map(({ path }) => path) };
}
