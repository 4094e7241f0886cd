import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ENTRY_POINTS, manifest } from '../readme/manifest.js';
import { CONSUMER_SOURCES } from './consumer-sources.js';
import { installTarball, type Project } from './install-tarball.js';

jest.setTimeout(60_000);

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
const PAGES = fileURLToPath(new URL('../../docs/', import.meta.url));

/** A session's beats and its end, as JSON, whichever way the entry points were loaded. */
const SESSION = `
  const library = entries['session-activity-tracker'];
  const testing = entries['session-activity-tracker/testing'];
  const { tracker, clock, diagnostics } = testing.createTestTracker({ intervalMs: 1000 });
  tracker.registerCallback(() => undefined);
  tracker.start('tool_exec');
  clock.advance(2000);
  tracker.dispose();
  const events = diagnostics.events.map(({ event }) => event);
  const isSame = tracker instanceof library.SessionActivityTracker;
  console.log(JSON.stringify({ events, isSame }));
`;

describe('the packed package', () => {
  let project: Project;

  beforeAll(() => {
    project = installTarball();
  });

  afterAll(() => {
    rmSync(project.directory, { recursive: true });
  });

  /** What a program in the project writes, as JSON. */
  function run(type: 'module' | 'commonjs', program: string): unknown {
    const output = execFileSync(process.execPath, [`--input-type=${type}`, '--eval', program], {
      cwd: project.directory,
      encoding: 'utf8',
      timeout: 20_000,
    });
    return JSON.parse(output);
  }

  describe('the tarball', () => {
    it('holds the sources, what was built from them, the pages, and what npm always adds', () => {
      const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) =>
        path.endsWith('.ts'),
      );
      const names = sources.map((path) => path.slice(0, -'.ts'.length));
      const built = ['js', 'js.map', 'd.ts', 'd.ts.map'].flatMap((end) => names.map((name) => `dist/${name}.${end}`));
      const doors = ENTRY_POINTS.flatMap((entry) =>
        ['mjs', 'd.mts'].map((end) => join('dist', entry.slice(manifest.name.length), `index.${end}`)),
      );
      const others = ['LICENSE', 'README.md', 'package.json', 'dist/package.json'];
      const pages = readdirSync(PAGES).filter((name) => /\.(md|png)$/.test(name));
      const shipped = [...sources.map((path) => `src/${path}`), ...pages.map((name) => `docs/${name}`)];
      const expected = [...shipped, ...built, ...doors, ...others];
      expect([...project.packed].sort()).toEqual(expected.sort());
    });

    it('holds each source that one of its maps leads to', () => {
      const maps = project.packed.filter((path) => path.endsWith('.map'));
      const targets = maps.flatMap((path) => {
        const { sources } = JSON.parse(readFileSync(join(project.installed, path), 'utf8')) as { sources: string[] };
        return sources.map((source) => join(dirname(path), source));
      });
      expect(new Set(targets)).toEqual(new Set(project.packed.filter((path) => path.startsWith('src/'))));
    });
  });

  describe('at run time', () => {
    const beats = ['session_keepalive_heartbeat', 'session_keepalive_heartbeat'];
    const events = [...beats, 'session_activity_at_shutdown', 'session_keepalive_summary'];

    it('is imported by an ES module', () => {
      const program = `
        ${ENTRY_POINTS.map((entry, index) => `import * as entry${index} from '${entry}';`).join('\n')}
        const entries = { ${ENTRY_POINTS.map((entry, index) => `'${entry}': entry${index}`).join()} };
        ${SESSION}`;
      expect(run('module', program)).toEqual({ events, isSame: true });
    });

    it('is required by CommonJS', () => {
      const program = `
        const entries = { ${ENTRY_POINTS.map((entry) => `'${entry}': require('${entry}')`).join()} };
        ${SESSION}`;
      expect(run('commonjs', program)).toEqual({ events, isSame: true });
    });

    it.each(ENTRY_POINTS)('gives the same for %s whether it is imported or required', (entry) => {
      const program = `
        import { createRequire } from 'node:module';
        import { join } from 'node:path';
        import * as imported from '${entry}';
        const required = createRequire(join(process.cwd(), 'index.js'))('${entry}');
        const names = Object.keys(required).sort();
        const isSame = names.every((name) => required[name] === imported[name]);
        console.log(JSON.stringify({ required: names, imported: Object.keys(imported), isSame }));`;
      const { required, imported, isSame } = run('module', program) as Record<string, unknown>;
      expect(required).not.toEqual([]);
      expect(imported).toEqual(required);
      expect(isSame).toBe(true);
    });

    it('offers its package.json and nothing inside', () => {
      const program = `
        const { version } = require('session-activity-tracker/package.json');
        let code;
        try {
          require('session-activity-tracker/dist/index.js');
        } catch (error) {
          code = error.code;
        }
        console.log(JSON.stringify({ version: typeof version, code }));`;
      expect(run('commonjs', program)).toEqual({ version: 'string', code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
    });
  });

  describe('for TypeScript', () => {
    const setups = ['node16', 'nodenext', 'bundler'];
    let errors: Record<string, string[]>;

    beforeAll(() => {
      for (const [name, source] of Object.entries(CONSUMER_SOURCES)) {
        writeFileSync(join(project.directory, name), source);
      }
      const program = fileURLToPath(new URL('type-check.mjs', import.meta.url));
      const output = execFileSync(process.execPath, [program, project.directory], {
        encoding: 'utf8',
        timeout: 50_000,
      });
      errors = JSON.parse(output) as typeof errors;
    });

    it.each(setups)('compiles with %s resolution', (setup) => {
      expect(errors[setup]).toEqual([]);
    });

    it('was compiled with each of these, and no other', () => {
      expect(Object.keys(errors)).toHaveLength(setups.length);
    });
  });
});
