import { describe, expect, it, jest } from '@jest/globals';
import { SessionActivityHub } from '../../src/hub/index.js';
import { SessionActivityTracker } from '../../src/index.js';
import { createTestTracker, ManualClock } from '../../src/testing/index.js';
import { thrownBy } from '../support/thrown-by.js';
import { addSession, idsOf } from './hub-session.js';

describe('SessionActivityHub', () => {
  describe('add', () => {
    it('takes a session that is idle, and one that is busy already', () => {
      const hub = new SessionActivityHub();
      const busy = createTestTracker();
      busy.tracker.start('tool_exec');
      hub.add('busy', busy.tracker);
      addSession(hub, 'idle');
      expect([hub.size, hub.busyCount]).toEqual([2, 1]);
      busy.tracker.stop('tool_exec');
      expect([hub.size, hub.busyCount]).toEqual([2, 0]);
    });

    it('of an id in use is an error that names it, and leaves the session of that id and the tracker as they are', () => {
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

    it.each(['the same hub', 'a second hub'])('of a tracker that is in a hub is an error in %s', (where) => {
      const hub = new SessionActivityHub();
      const { tracker, remove } = addSession(hub, 'one');
      const other = where === 'the same hub' ? hub : new SessionActivityHub();
      const sizes = [hub.size, other.size];
      expect(() => other.add('two', tracker)).toThrow(new Error('This tracker is observed already'));
      expect([hub.size, other.size]).toEqual(sizes);
      tracker.start('api_call');
      expect(hub.busyCount).toBe(1);
      remove();
      other.add('two', tracker);
      expect(idsOf(other)).toEqual(['two']);
      expect(other.busyCount).toBe(1);
    });

    it.each([
      [undefined, '`undefined`'],
      ['', '`""` (string)'],
      [7, '`7` (number)'],
    ])('of the id %p is a TypeError, and nothing is added', (sessionId, shown) => {
      const hub = new SessionActivityHub();
      const { tracker } = createTestTracker();
      const error = thrownBy(() => hub.add(sessionId as string, tracker));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty('message', `Expected \`sessionId\` to be a non-empty string, got ${shown}`);
      expect(hub.size).toBe(0);
      expect(() => hub.add('one', tracker)).not.toThrow();
    });

    it.each([
      [null, '`null`'],
      [{ snapshot: () => ({}) }, 'a value of type object'],
    ])('of the tracker %p is a TypeError, and nothing is added', (tracker, shown) => {
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

  describe('removal', () => {
    it('of a busy session leaves it running, and the hub without it', () => {
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

    it('may come twice, and does not touch the session that has the id by then', () => {
      const hub = new SessionActivityHub();
      const first = addSession(hub, 'one');
      first.remove();
      const second = addSession(hub, 'one');
      second.tracker.start('api_call');
      first.remove();
      expect([hub.size, hub.busyCount]).toEqual([1, 1]);
    });
  });

  describe('removal of a session whose clock is broken', () => {
    it('fails as the clock does, and leaves the hub without it', () => {
      const hub = new SessionActivityHub();
      const { tracker, clock, remove } = addSession(hub, 'one');
      tracker.start('api_call');
      jest.spyOn(clock, 'now').mockImplementation(() => {
        throw new Error('broken');
      });
      expect(remove).toThrow('broken');
      expect([hub.size, hub.busyCount, hub.sessions()]).toEqual([0, 0, []]);
    });
  });

  describe('a tracker that is disposed while in the hub', () => {
    it('becomes idle and stays until it is taken out', () => {
      const hub = new SessionActivityHub();
      const { tracker, remove } = addSession(hub, 'one');
      tracker.start('api_call');
      tracker.dispose();
      expect([hub.size, hub.busyCount]).toEqual([1, 0]);
      tracker.start('api_call');
      expect([hub.busyCount, hub.sessions()[0]?.snapshot.refcount]).toEqual([0, 0]);
      remove();
      expect(hub.size).toBe(0);
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

  describe('sessions', () => {
    it('gives ids and snapshots: the one that has been busy for longest first, idle ones last', () => {
      const hub = new SessionActivityHub();
      const kits = ['idle', 'newest', 'oldest', 'just now', 'newer'].map((sessionId) => addSession(hub, sessionId));
      for (const [index, ageMs] of [null, 10, 3000, 0, 200].entries()) {
        if (ageMs !== null) kits[index]?.tracker.start('api_call');
        kits[index]?.clock.advance(ageMs ?? 5000);
      }
      expect(idsOf(hub)).toEqual(['oldest', 'newer', 'newest', 'just now', 'idle']);
      expect(hub.sessions()[0]).toEqual({ sessionId: 'oldest', snapshot: kits[2]?.tracker.snapshot() });
    });

    it('goes by the busy period, not by the oldest activity that still runs', () => {
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

    it('gives the one that has been busy for longest first, though asking them takes time', () => {
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

    it('gives those of the same age in the order in which they were added', () => {
      const hub = new SessionActivityHub();
      for (const sessionId of ['c', 'a', 'b']) addSession(hub, sessionId);
      expect(idsOf(hub)).toEqual(['c', 'a', 'b']);
    });

    it('gives a new array each time, which nothing changes afterwards', () => {
      const hub = new SessionActivityHub();
      const { tracker, remove } = addSession(hub, 'one');
      const before = hub.sessions();
      tracker.start('api_call');
      remove();
      expect(before).toMatchObject([{ sessionId: 'one', snapshot: { refcount: 0 } }]);
    });

    it('are what the hub iterates over', () => {
      const hub = new SessionActivityHub();
      const [idle, busy] = [addSession(hub, 'idle'), addSession(hub, 'busy')];
      busy.tracker.start('api_call');
      expect([...hub]).toEqual([
        { sessionId: 'busy', snapshot: busy.tracker.snapshot() },
        { sessionId: 'idle', snapshot: idle.tracker.snapshot() },
      ]);
    });

    it('may be taken out while they are iterated over', () => {
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
