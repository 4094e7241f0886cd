import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACK = fileURLToPath(new URL('pack.mjs', import.meta.url));
const NODE_MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

/** The packages that a consumer has installed besides. */
const OTHERS = ['tsyringe', 'reflect-metadata', '@opentelemetry/api', 'pino', '@types/node'];

/** An empty project with the package from its tarball. */
export interface Project {
  readonly directory: string;
  /** Where the package is. */
  readonly installed: string;
  /** The paths in the tarball. */
  readonly packed: readonly string[];
}

/** Packs the package and installs it, its peers and what else a user has, without a registry. */
export function installTarball(): Project {
  const directory = mkdtempSync(join(tmpdir(), 'session-activity-tracker-'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const modules = join(directory, 'node_modules');
  const installed = join(modules, 'session-activity-tracker');
  for (const name of OTHERS) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(NODE_MODULES, name), join(modules, name));
  }
  const [pack] = JSON.parse(execFileSync(process.execPath, [PACK, directory], { encoding: 'utf8' })) as [
    { filename: string; files: { path: string }[] },
  ];
  execFileSync('tar', ['-xzf', pack.filename], { cwd: directory });
  renameSync(join(directory, 'package'), installed);
  return { directory, installed, packed: pack.files.map(({ path }) => path) };
}
