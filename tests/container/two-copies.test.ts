import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';

jest.setTimeout(60_000);

const PROGRAM = `
  import 'reflect-metadata';
  import { container } from 'tsyringe';
  const [one, other] = await Promise.all(process.argv.slice(1).map((copy) => import(copy + '/dist/index.mjs')));
  const { SessionActivityHub } = await import(process.argv[2] + '/dist/hub/index.mjs');

  const hub = new SessionActivityHub();
  one.registerSessionActivity(container, { hub, gate: new other.StaticKeepaliveGate(true) });
  other.registerSessionActivity(container);
  const sessions = [
    one.createSessionContainer(container, { sessionId: 'by one' }),
    other.createSessionContainer(container, { sessionId: 'by the other' }),
  ];
  for (const session of sessions) {
    const trackers = [one, other].flatMap((copy) => [
      session.resolve(copy.SESSION_ACTIVITY_TRACKER),
      session.resolve(copy.SessionActivityTracker),
    ]);
    trackers[0].registerCallback(() => other.NOT_SENT);
    trackers[0].sendSignal();
    trackers[0].start('api_call');
    console.log(new Set(trackers).size, hub.busyCount, trackers[0].snapshot().keepalives.unsent);
    trackers[0].stop('api_call');
  }
  await Promise.all(sessions.map((session) => session.dispose()));
  console.log(one.SessionActivityTracker === other.SessionActivityTracker, hub.size);`;

describe('two copies of the package', () => {
  let copy: string;

  beforeAll(() => {
    copy = mkdtempSync(`${builtPackage()}-copy-`);
    cpSync(builtPackage(), copy, { recursive: true });
  });

  afterAll(() => {
    rmSync(copy, { recursive: true });
  });

  it('agree on one tracker per session container', () => {
    const args = ['--input-type=module', '--eval', PROGRAM, '--', builtPackage(), copy];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: join(copy, '..'), encoding: 'utf8' });
    expect({ lines: stdout.trim().split('\n'), stderr }).toEqual({
      lines: ['1 1 1', '1 1 1', 'false 0'],
      stderr: '',
    });
  });
});
