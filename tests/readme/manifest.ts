import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The directory of this repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What the tests need to know of `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The packages that `tests/frameworks` lists. */
export const FRAMEWORK_PACKAGES: readonly string[] = Object.keys(
  (
    JSON.parse(readFileSync(new URL('../frameworks/package.json', import.meta.url), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    }
  ).dependencies,
);

export const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;

/** What users import, such as `session-activity-tracker/hub`. */
export const ENTRY_POINTS: readonly string[] = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => manifest.name + path.slice(1));
