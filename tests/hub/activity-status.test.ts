import { describe, expect, it } from '@jest/globals';
import { activityStatus, agentCorePing, SessionActivityHub } from '../../src/hub/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { thrownBy } from '../support/thrown-by.js';
import { addSession } from './hub-session.js';

describe('activityStatus', () => {
  describe('of a tracker', () => {
    it('is idle since the tracker was created', () => {
      const { tracker, clock } = createTestTracker();
      clock.advance(250);
      expect(activityStatus(tracker)).toEqual({
        status: 'idle',
        sessions: 1,
        busySessions: 0,
        active: {},
        busyMs: null,
        idleMs: 250,
      });
    });

    it('is busy since its busy period began', () => {
      const { tracker, clock } = createTestTracker();
      const first = tracker.start('api_call');
      clock.advance(250);
      tracker.start('tool_exec');
      tracker.start('tool_exec');
      first.stop();
      expect(activityStatus(tracker)).toEqual({
        status: 'busy',
        sessions: 1,
        busySessions: 1,
        active: { tool_exec: 2 },
        busyMs: 250,
        idleMs: null,
      });
    });

    it('is idle since the last activity stopped, from the first moment on', () => {
      const { tracker, clock } = createTestTracker();
      tracker.registerCallback(() => undefined);
      const activity = tracker.start('api_call');
      clock.advance(250);
      activity.stop();
      expect(activityStatus(tracker)).toMatchObject({ status: 'idle', busyMs: null, idleMs: 0 });
      clock.advance(90_000);
      expect(activityStatus(tracker)).toMatchObject({ status: 'idle', busyMs: null, idleMs: 90_000 });
    });

    it('is idle without ages while all that runs is overdue', () => {
      const { tracker, clock } = createTestTracker({ maxActivityMs: 1000 });
      tracker.start('tool_exec');
      clock.advance(1000);
      expect(activityStatus(tracker)).toMatchObject({ status: 'busy', busyMs: 1000 });
      clock.advance(1);
      expect(activityStatus(tracker)).toEqual({
        status: 'idle',
        sessions: 1,
        busySessions: 0,
        active: { tool_exec: 1 },
        busyMs: null,
        idleMs: null,
      });
    });

    it('is busy while one of its activities is not overdue', () => {
      const { tracker, clock } = createTestTracker({ maxActivityMs: 1000 });
      tracker.start('tool_exec');
      clock.advance(1001);
      tracker.start('api_call');
      expect(activityStatus(tracker)).toEqual({
        status: 'busy',
        sessions: 1,
        busySessions: 1,
        active: { tool_exec: 1, api_call: 1 },
        busyMs: 1001,
        idleMs: null,
      });
    });

    it('is busy again when a silent activity shows progress', () => {
      const { tracker, clock } = createTestTracker({ maxSilenceMs: 1000 });
      const activity = tracker.start('api_call');
      activity.touch();
      clock.advance(1001);
      expect(activityStatus(tracker).status).toBe('idle');
      activity.touch();
      expect(activityStatus(tracker)).toMatchObject({ status: 'busy', busyMs: 1001 });
    });

    it('is that of no session after dispose', () => {
      const { tracker, clock } = createTestTracker();
      tracker.start('api_call');
      tracker.dispose();
      clock.advance(1000);
      expect(activityStatus(tracker)).toEqual({
        status: 'idle',
        sessions: 0,
        busySessions: 0,
        active: {},
        busyMs: null,
        idleMs: null,
      });
    });
  });

  describe('of a hub', () => {
    it('is idle without ages when it has no sessions', () => {
      expect(activityStatus(new SessionActivityHub())).toEqual({
        status: 'idle',
        sessions: 0,
        busySessions: 0,
        active: {},
        busyMs: null,
        idleMs: null,
      });
    });

    it('is idle for as long as the session that was busy last', () => {
      const hub = new SessionActivityHub();
      const [one, two] = [addSession(hub, 'one'), addSession(hub, 'two')];
      one.clock.advance(300);
      two.clock.advance(200);
      expect(activityStatus(hub)).toMatchObject({ status: 'idle', sessions: 2, busySessions: 0, idleMs: 200 });
    });

    it('is busy for as long as the oldest busy session, and adds up what runs', () => {
      const hub = new SessionActivityHub();
      const [one, two] = [addSession(hub, 'one'), addSession(hub, 'two'), addSession(hub, 'idle')];
      for (const reason of ['api_call', '__proto__']) one.tracker.start(reason);
      for (const reason of ['api_call', 'tool_exec']) two.tracker.start(reason);
      one.clock.advance(100);
      two.clock.advance(250);
      expect(activityStatus(hub)).toEqual({
        status: 'busy',
        sessions: 3,
        busySessions: 2,
        active: Object.fromEntries([
          ['api_call', 2],
          ['__proto__', 1],
          ['tool_exec', 1],
        ]),
        busyMs: 250,
        idleMs: null,
      });
    });

    it('does not count a session whose work is all overdue as busy', () => {
      const hub = new SessionActivityHub();
      const [stuck, busy] = [addSession(hub, 'stuck', { maxActivityMs: 1000 }), addSession(hub, 'busy')];
      stuck.tracker.start('tool_exec');
      stuck.clock.advance(5000);
      busy.tracker.start('api_call');
      busy.clock.advance(10);
      expect(activityStatus(hub)).toMatchObject({
        status: 'busy',
        busySessions: 1,
        active: { tool_exec: 1, api_call: 1 },
        busyMs: 10,
      });
      busy.tracker.stop('api_call');
      expect(activityStatus(hub)).toEqual({
        status: 'idle',
        sessions: 2,
        busySessions: 0,
        active: { tool_exec: 1 },
        busyMs: null,
        idleMs: null,
      });
    });
  });

  describe('as JSON', () => {
    it('keeps every field', () => {
      const { tracker } = createTestTracker();
      tracker.start('api_call');
      const status = activityStatus(tracker);
      expect(JSON.parse(JSON.stringify(status))).toEqual(status);
    });
  });
});

describe.each([
  ['activityStatus', activityStatus],
  ['agentCorePing', agentCorePing],
])('%s', (_, call) => {
  describe('bad arguments', () => {
    it.each([
      [undefined, '`undefined`'],
      [null, '`null`'],
      [7, '`7` (number)'],
      [{ sessions: 2 }, 'a value of type object'],
    ])('throws a TypeError for the source %p', (source, shown) => {
      const error = thrownBy(() => call(source as never));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`source\` to be a tracker or a hub, got ${shown}`);
    });
  });
});
