import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CONSUMER_SOURCES } from './consumer-sources.js';
import { installTarball, type Project } from './install-tarball.js';

jest.setTimeout(60_000);

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));

/** What each entry point exports, in the order in which the programs below load them. */
const EXPORTS = {
  'session-activity-tracker': [
    'CLEANUP_REGISTRY',
    'CLOCK',
    'ChannelDiagnosticsLogger',
    'DIAGNOSTICS_LOGGER',
    'EnvKeepaliveGate',
    'InProcessCleanupRegistry',
    'KEEPALIVE_GATE',
    'NullDiagnosticsLogger',
    'PinoDiagnosticsLogger',
    'SESSION_ACTIVITY_HUB',
    'SessionActivityTracker',
    'StaticKeepaliveGate',
    'SystemClock',
    'TRACKER_OPTIONS',
    'bindDiagnostics',
    'createSessionContainer',
    'registerSessionActivity',
  ],
  'session-activity-tracker/testing': [
    'ManualCleanupRegistry',
    'ManualClock',
    'RecordingDiagnosticsLogger',
    'SwitchableKeepaliveGate',
    'createTestTracker',
  ],
  'session-activity-tracker/hub': ['SessionActivityHub'],
  'session-activity-tracker/senders': ['httpPost', 'mcpProgress', 'sseComment', 'webSocketPing'],
  'session-activity-tracker/opentelemetry': ['instrumentSessionActivity'],
};
const ENTRIES = Object.keys(EXPORTS);

/** A session's beats and its end, as JSON, whichever way the entry points were loaded. */
const SESSION = `
  const [library, testing] = entries;
  const { tracker, clock, diagnostics } = testing.createTestTracker({ intervalMs: 1000 });
  tracker.registerCallback(() => undefined);
  tracker.start('tool_exec');
  clock.advance(2000);
  tracker.dispose();
  const events = diagnostics.events.map(({ event }) => event);
  const isSame = tracker instanceof library.SessionActivityTracker;
  const names = entries.map((each) => Object.keys(each).filter((name) => name !== '__esModule').sort());
  console.log(JSON.stringify({ events, isSame, names }));
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
    it('holds the sources, what was built from them, and what npm always adds', () => {
      const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) =>
        path.endsWith('.ts'),
      );
      const names = sources.map((path) => path.slice(0, -'.ts'.length));
      const built = ['js', 'js.map', 'd.ts', 'd.ts.map'].flatMap((end) => names.map((name) => `dist/${name}.${end}`));
      const expected = [...sources.map((path) => `src/${path}`), ...built, 'LICENSE', 'README.md', 'package.json'];
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
    const expected = {
      events: ['session_keepalive_heartbeat', 'session_keepalive_heartbeat', 'session_activity_at_shutdown'],
      isSame: true,
      names: Object.values(EXPORTS),
    };

    it('is imported by an ES module', () => {
      const program = `
        ${ENTRIES.map((entry, index) => `import * as entry${index} from '${entry}';`).join('\n')}
        const entries = [${ENTRIES.map((_, index) => `entry${index}`).join()}];
        ${SESSION}`;
      expect(run('module', program)).toEqual(expected);
    });

    it('is required by CommonJS', () => {
      const program = `
        const entries = [${ENTRIES.map((entry) => `require('${entry}')`).join()}];
        ${SESSION}`;
      expect(run('commonjs', program)).toEqual(expected);
    });

    it('has no further entry points', () => {
      const program = `
        const { exports } = require('session-activity-tracker/package.json');
        console.log(JSON.stringify(Object.keys(exports)));`;
      expect(run('commonjs', program)).toHaveLength(ENTRIES.length + 1);
    });

    it('is one and the same when it is both imported and required', () => {
      const program = `
        import { createRequire } from 'node:module';
        import { join } from 'node:path';
        import { SessionActivityTracker } from 'session-activity-tracker';
        const required = createRequire(join(process.cwd(), 'index.js'))('session-activity-tracker');
        console.log(required.SessionActivityTracker === SessionActivityTracker);`;
      expect(run('module', program)).toBe(true);
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
    const environments = ["Node's types", 'the default library', 'ES2022 alone'];
    const setups = ['node16', 'nodenext', 'bundler'].flatMap((resolution) =>
      environments.map((environment) => `${resolution} resolution and ${environment}`),
    );
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

    it.each([...setups, 'nodenext resolution in CommonJS'])('compiles with %s', (setup) => {
      expect(errors[setup]).toEqual([]);
    });

    it('was compiled with each of these, and no other', () => {
      expect(Object.keys(errors)).toHaveLength(setups.length + 1);
    });
  });
});
