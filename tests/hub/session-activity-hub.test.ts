import { describe, expect, it, jest } from '@jest/globals';
import { SessionActivityHub } from '../../src/hub/index.js';
import { SessionActivityTracker } from '../../src/index.js';
import { createTestTracker, ManualClock } from '../../src/testing/index.js';
import { thrownBy } from '../support/thrown-by.js';
import { addSession, idsOf } from './hub-session.js';

describe('SessionActivityHub', () => {
  describe('add', () => {
    it('counts a session that is busy already as busy, and an idle one as idle', () => {
      const hub = new SessionActivityHub();
      const busy = createTestTracker();
      busy.tracker.start('tool_exec');
      hub.add('busy', busy.tracker);
      addSession(hub, 'idle');
      expect([hub.size, hub.busyCount]).toEqual([2, 1]);
      busy.tracker.stop('tool_exec');
      expect([hub.size, hub.busyCount]).toEqual([2, 0]);
    });

    it('counts a session right that is added by an observer of its tracker', () => {
      const hub = new SessionActivityHub();
      const { tracker } = createTestTracker();
      tracker.observe((state) => {
        if (state !== 'busy') return;
        tracker.stop('api_call');
        hub.add('one', tracker);
      });
      tracker.start('api_call');
      expect([hub.size, hub.busyCount]).toEqual([1, 0]);
    });

    it('throws an Error that names an id in use, and changes neither the hub nor the tracker', () => {
      const hub = new SessionActivityHub();
      const first = addSession(hub, 'a "quoted" id');
      const { tracker } = createTestTracker();
      tracker.start('api_call');
      const error = thrownBy(() => hub.add('a "quoted" id', tracker));
      expect(error).toEqual(new Error('Session id "a \\"quoted\\" id" is in use'));
      expect([hub.size, hub.busyCount]).toEqual([1, 0]);
      first.tracker.start('api_call');
      expect(hub.busyCount).toBe(1);
      hub.add('another', tracker);
      expect(hub.busyCount).toBe(2);
    });

    it('throws an Error for a disposed tracker, and adds nothing', () => {
      const hub = new SessionActivityHub();
      const { tracker } = createTestTracker();
      tracker.dispose();
      expect(thrownBy(() => hub.add('one', tracker))).toEqual(new Error('The tracker of session "one" is disposed'));
      expect(hub.size).toBe(0);
    });

    it.each([
      [undefined, '`undefined`'],
      ['', '`""` (string)'],
      [7, '`7` (number)'],
    ])('throws a TypeError for the id %p, and adds nothing', (sessionId, shown) => {
      const hub = new SessionActivityHub();
      const { tracker } = createTestTracker();
      const error = thrownBy(() => hub.add(sessionId as string, tracker));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`sessionId\` to be a non-empty string, got ${shown}`);
      expect(hub.size).toBe(0);
    });

    it.each([
      [null, '`null`'],
      [{ snapshot: () => ({}) }, 'a value of type object'],
    ])('throws a TypeError for the tracker %p, and adds nothing', (tracker, shown) => {
      const hub = new SessionActivityHub();
      const error = thrownBy(() => hub.add('one', tracker as never));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty(
        'message',
        `Expected \`tracker\` to be an object with the methods observe, snapshot, got ${shown}`,
      );
      expect(hub.size).toBe(0);
    });
  });

  describe('a tracker in two hubs', () => {
    it('is counted in both, and stays in one when it is removed from the other', () => {
      const [hub, other] = [new SessionActivityHub(), new SessionActivityHub()];
      const { tracker, remove } = addSession(hub, 'one');
      other.add('two', tracker);
      tracker.start('api_call');
      expect([hub.busyCount, other.busyCount]).toEqual([1, 1]);
      remove();
      expect([hub.size, other.size]).toEqual([0, 1]);
      tracker.stop('api_call');
      expect(other.busyCount).toBe(0);
    });
  });

  describe('the function that removes a session', () => {
    it('leaves a busy session running', () => {
      const hub = new SessionActivityHub();
      const { tracker, remove } = addSession(hub, 'one');
      tracker.start('api_call');
      remove();
      expect([hub.size, hub.busyCount, hub.sessions()]).toEqual([0, 0, []]);
      tracker.stop('api_call');
      tracker.start('tool_exec');
      expect(tracker.snapshot().refcount).toBe(1);
      expect(hub.busyCount).toBe(0);
    });

    it('does nothing the second time, even if the id is in use again', () => {
      const hub = new SessionActivityHub();
      const first = addSession(hub, 'one');
      first.remove();
      const second = addSession(hub, 'one');
      second.tracker.start('api_call');
      first.remove();
      expect([hub.size, hub.busyCount]).toEqual([1, 1]);
    });
  });

  describe('a tracker that is disposed', () => {
    it('leaves the hub, whether it was busy or idle', () => {
      const hub = new SessionActivityHub();
      const [busy, idle] = [addSession(hub, 'busy'), addSession(hub, 'idle')];
      busy.tracker.start('api_call');
      busy.tracker.dispose();
      expect([hub.busyCount, idsOf(hub)]).toEqual([0, ['idle']]);
      idle.tracker.dispose();
      expect(hub.size).toBe(0);
    });

    it('frees its id, and a late removal does not touch the next session of that id', () => {
      const hub = new SessionActivityHub();
      const first = addSession(hub, 'one');
      first.tracker.dispose();
      addSession(hub, 'one');
      first.remove();
      expect(idsOf(hub)).toEqual(['one']);
    });
  });

  describe('busyCount', () => {
    it('counts sessions, not activities', () => {
      const hub = new SessionActivityHub();
      const [one, two] = [addSession(hub, 'one'), addSession(hub, 'two')];
      const counts = [hub.busyCount];
      const note = (): unknown => counts.push(hub.busyCount);
      const activities = [one.tracker.start('a'), one.tracker.start('b'), two.tracker.start('a')];
      note();
      for (const activity of activities) {
        activity.stop();
        note();
      }
      one.tracker.start('a');
      note();
      expect(counts).toEqual([0, 2, 2, 1, 0, 1]);
    });
  });

  describe('idleMs', () => {
    it('is the smallest of the sessions', () => {
      const hub = new SessionActivityHub();
      const [one, two, three] = [addSession(hub, 'one'), addSession(hub, 'two'), addSession(hub, 'three')];
      one.clock.advance(300);
      two.clock.advance(200);
      three.clock.advance(400);
      expect(hub.idleMs).toBe(200);
      three.tracker.start('api_call').stop();
      expect(hub.idleMs).toBe(0);
    });

    it('is null while a session is busy', () => {
      const hub = new SessionActivityHub();
      const [busy] = [addSession(hub, 'busy'), addSession(hub, 'idle')];
      const activity = busy.tracker.start('api_call');
      expect(hub.idleMs).toBeNull();
      activity.stop();
      expect(hub.idleMs).toBe(0);
    });

    it('is null without sessions', () => {
      const hub = new SessionActivityHub();
      expect(hub.idleMs).toBeNull();
      addSession(hub, 'one').tracker.dispose();
      expect(hub.idleMs).toBeNull();
    });
  });

  describe('sessions', () => {
    it('returns ids and snapshots: the session that has been busy for longest first, idle ones last', () => {
      const hub = new SessionActivityHub();
      const kits = ['idle', 'newest', 'oldest', 'just now', 'newer'].map((sessionId) => addSession(hub, sessionId));
      for (const [index, ageMs] of [null, 10, 3000, 0, 200].entries()) {
        if (ageMs !== null) kits[index]?.tracker.start('api_call');
        kits[index]?.clock.advance(ageMs ?? 5000);
      }
      expect(idsOf(hub)).toEqual(['oldest', 'newer', 'newest', 'just now', 'idle']);
      expect(hub.sessions()[0]).toEqual({ sessionId: 'oldest', snapshot: kits[2]?.tracker.snapshot() });
    });

    it('sorts by the busy period, not by the oldest activity that still runs', () => {
      const hub = new SessionActivityHub();
      const [handsOver, single] = [addSession(hub, 'hands over'), addSession(hub, 'single')];
      const first = handsOver.tracker.start('api_call');
      handsOver.clock.advance(300);
      handsOver.tracker.start('api_call');
      first.stop();
      single.tracker.start('api_call');
      single.clock.advance(200);
      expect(idsOf(hub)).toEqual(['hands over', 'single']);
    });

    it('sorts right even if taking the snapshots takes time', () => {
      const hub = new SessionActivityHub();
      const clock = new ManualClock();
      const [first, second, third] = ['first', 'second', 'third'].map((sessionId) => {
        const { gate, diagnostics, cleanup } = createTestTracker();
        const tracker = new SessionActivityTracker<string>(clock, diagnostics, gate, cleanup);
        hub.add(sessionId, tracker);
        return tracker;
      });
      for (const tracker of [third, first, second]) {
        tracker?.start('api_call');
        clock.advance(1);
      }
      const now = clock.now.bind(clock);
      jest.spyOn(clock, 'now').mockImplementation(() => {
        clock.advance(10);
        return now();
      });
      expect(idsOf(hub)).toEqual(['third', 'first', 'second']);
    });

    it('keeps sessions of the same age in the order in which they were added', () => {
      const hub = new SessionActivityHub();
      for (const sessionId of ['c', 'a', 'b']) addSession(hub, sessionId);
      expect(idsOf(hub)).toEqual(['c', 'a', 'b']);
    });

    it('returns a new array each time, which does not change afterwards', () => {
      const hub = new SessionActivityHub();
      const { tracker, remove } = addSession(hub, 'one');
      const before = hub.sessions();
      tracker.start('api_call');
      remove();
      expect(before).toMatchObject([{ sessionId: 'one', snapshot: { refcount: 0 } }]);
    });
  });

  describe('iteration', () => {
    it('yields what sessions returns', () => {
      const hub = new SessionActivityHub();
      const [idle, busy] = [addSession(hub, 'idle'), addSession(hub, 'busy')];
      busy.tracker.start('api_call');
      expect([...hub]).toEqual([
        { sessionId: 'busy', snapshot: busy.tracker.snapshot() },
        { sessionId: 'idle', snapshot: idle.tracker.snapshot() },
      ]);
    });

    it('goes on while sessions are removed', () => {
      const hub = new SessionActivityHub();
      const removals = new Map(['a', 'b', 'c'].map((sessionId) => [sessionId, addSession(hub, sessionId).remove]));
      const seen: string[] = [];
      for (const { sessionId } of hub) {
        seen.push(sessionId);
        for (const remove of removals.values()) remove();
      }
      expect(seen).toEqual(['a', 'b', 'c']);
      expect(hub.size).toBe(0);
    });
  });
});
