import { spawnSync } from 'node:child_process';
import { describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';

jest.setTimeout(60_000);

const SESSION = `
  import {
    InProcessCleanupRegistry, NullDiagnosticsLogger, SessionActivityTracker, StaticKeepaliveGate, SystemClock,
  } from 'session-activity-tracker';

  function startSession(intervalMs, send) {
    const ports = [new SystemClock(), new NullDiagnosticsLogger(), new StaticKeepaliveGate(true), new InProcessCleanupRegistry()];
    const tracker = new SessionActivityTracker(...ports, { intervalMs });
    tracker.registerCallback(send);
    tracker.start('tool_exec');
    return tracker;
  }
`;

/** What a program prints that runs in a process of its own as a user of the built package. */
function outputOf(program: string): { output: string; errors: string } {
  const args = ['--input-type=module', '--no-warnings', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: builtPackage(), encoding: 'utf8' });
  return { output: stdout.trim(), errors: stderr };
}

describe('SystemClock', () => {
  describe('under fake timers that leave `performance` alone', () => {
    const NODE = `
      import { mock } from 'node:test';
      mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
      const tick = (ms) => mock.timers.tick(ms);`;

    const SINON = `
      import FakeTimers from '@sinonjs/fake-timers';
      const fakes = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] });
      const tick = (ms) => fakes.tick(ms);`;

    it.each([
      ['node:test', NODE],
      ['sinon', SINON],
    ])('beats at each interval: %s', (_, install) => {
      const program = `${SESSION}${install}
        let sent = 0;
        const tracker = startSession(30_000, () => sent++);
        for (let i = 0; i < 300; i++) tick(1000);
        const { refcount, lateHeartbeats } = tracker.snapshot();
        console.log(sent, refcount, lateHeartbeats);
        process.exit();`;
      expect(outputOf(program)).toEqual({ output: '10 1 0', errors: '' });
    });
  });

  describe('under zone.js', () => {
    it('beats, in the zone in which the tracker was made', () => {
      const program = `
        import 'zone.js';
        ${SESSION}
        const zones = [];
        const session = Zone.current.fork({ name: 'session' });
        const beats = new Promise((resolve) => {
          session.run(() => startSession(5, () => zones.push(Zone.current.name) === 3 && resolve()));
        });
        const alive = setInterval(() => undefined, 1000);
        await beats;
        clearInterval(alive);
        console.log(zones.join());`;
      expect(outputOf(program)).toEqual({ output: 'session,session,session', errors: '' });
    });
  });
});
