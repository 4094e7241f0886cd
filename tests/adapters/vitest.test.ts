import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { describeWith, FRAMEWORKS } from '../support/needs.js';
import { createProject, link } from '../support/project.js';

jest.setTimeout(60_000);

const SUITE = `
  import { afterEach, expect, test, vi } from 'vitest';
  import {
    InProcessCleanupRegistry, NullDiagnosticsLogger, SessionActivityTracker, StaticKeepaliveGate, SystemClock,
  } from 'session-activity-tracker';

  function startSession(intervalMs) {
    const ports = [new SystemClock(), new NullDiagnosticsLogger(), new StaticKeepaliveGate(true), new InProcessCleanupRegistry()];
    const tracker = new SessionActivityTracker(...ports, { intervalMs });
    const send = vi.fn();
    tracker.registerCallback(send);
    return { tracker, send, activity: tracker.start('tool_exec') };
  }

  afterEach(() => vi.useRealTimers());

  test('beats under fake timers', () => {
    vi.useFakeTimers();
    const { send } = startSession(30_000);
    for (let i = 0; i < 300; i++) vi.advanceTimersByTime(1000);
    expect(send).toHaveBeenCalledTimes(10);
  });

  test('beats again once fake timers are gone and work begins', async () => {
    vi.useFakeTimers();
    const { tracker, send, activity } = startSession(20);
    activity.stop();
    vi.useRealTimers();
    await new Promise((resolve) => setTimeout(resolve, 30));
    const beats = new Promise((resolve) => {
      send.mockImplementation(() => send.mock.calls.length === 2 && resolve());
    });
    tracker.start('tool_exec');
    await beats;
    tracker.dispose();
  }, 30_000);`;

for (const version of ['vitest-2', 'vitest-3', 'vitest-4']) {
  describeWith([version], `SystemClock under ${version}`, () => {
    let project: string;

    beforeAll(() => {
      project = createProject(['tsyringe', 'reflect-metadata']);
      link(project, 'session-activity-tracker', builtPackage());
      link(project, 'vitest', join(FRAMEWORKS, version));
      writeFileSync(join(project, 'session.test.js'), SUITE);
    });

    afterAll(() => {
      rmSync(project, { recursive: true });
    });

    it('beats with its default fake timers and after them', () => {
      const args = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json'];
      const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
      const report = JSON.parse(stdout || '{}') as Record<string, unknown>;
      expect({ ...report, stderr }).toMatchObject({ numTotalTests: 2, numPassedTests: 2, success: true, stderr: '' });
    });
  });
}
