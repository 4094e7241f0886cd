import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { agentCorePing, SessionActivityHub } from '../../src/hub/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { addSession } from './hub-session.js';

/** A wall clock that a test sets, in ms of Unix time. */
let wallMs: number;

/** A tracker whose clock goes with the wall clock, and the answers to polls of it. */
function createPolledTracker(options?: Parameters<typeof createTestTracker>[0]) {
  const { tracker, clock } = createTestTracker(options);
  const advance = (ms: number): void => {
    clock.advance(ms);
    wallMs += ms;
  };
  return { tracker, advance, ping: agentCorePing(tracker) };
}

describe('agentCorePing', () => {
  beforeEach(() => {
    wallMs = 1_700_000_000_000;
    jest.spyOn(Date, 'now').mockImplementation(() => wallMs);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  describe('the status', () => {
    it('is HealthyBusy while something runs', () => {
      const { tracker, ping } = createPolledTracker();
      const statuses = [ping().status];
      const activity = tracker.start('api_call');
      statuses.push(ping().status);
      activity.stop();
      statuses.push(ping().status);
      expect(statuses).toEqual(['Healthy', 'HealthyBusy', 'Healthy']);
    });

    it('is Healthy while all that runs is overdue', () => {
      const { tracker, advance, ping } = createPolledTracker({ maxActivityMs: 1000 });
      tracker.start('tool_exec');
      expect(ping().status).toBe('HealthyBusy');
      advance(1001);
      expect(ping().status).toBe('Healthy');
    });

    it('is Healthy after dispose', () => {
      const { tracker, ping } = createPolledTracker();
      tracker.start('tool_exec');
      tracker.dispose();
      expect(ping()).toEqual({ status: 'Healthy', time_of_last_update: 1_700_000_000 });
    });

    it('is HealthyBusy while any session of a hub is busy', () => {
      const hub = new SessionActivityHub();
      const [one, two] = [addSession(hub, 'one'), addSession(hub, 'two')];
      const ping = agentCorePing(hub);
      one.tracker.start('api_call');
      two.tracker.start('api_call');
      one.clock.advance(5000);
      expect(ping()).toEqual({ status: 'HealthyBusy', time_of_last_update: 1_699_999_995 });
      one.tracker.stop('api_call');
      expect(ping().status).toBe('HealthyBusy');
      two.tracker.stop('api_call');
      expect(ping().status).toBe('Healthy');
    });
  });

  describe('the time of the last update', () => {
    it('is when the status began, however late the first poll finds it', () => {
      const { tracker, advance, ping } = createPolledTracker();
      advance(10_000);
      expect(ping().time_of_last_update).toBe(1_700_000_000);
      advance(5000);
      const activity = tracker.start('api_call');
      advance(20_000);
      expect(ping().time_of_last_update).toBe(1_700_000_015);
      advance(5000);
      activity.stop();
      advance(20_000);
      expect(ping().time_of_last_update).toBe(1_700_000_040);
    });

    it('is a whole number of seconds, and does not move between changes of status', () => {
      const { tracker, advance, ping } = createPolledTracker();
      wallMs += 400;
      tracker.start('api_call');
      const times = new Set<number>();
      for (let i = 0; i < 100; i++) {
        advance(333);
        times.add(ping().time_of_last_update);
      }
      expect([...times]).toEqual([1_700_000_000]);
    });

    it.each([3_600_000, -3_600_000])('does not move when the wall clock is set by %p ms', (stepMs) => {
      const { tracker, ping } = createPolledTracker();
      tracker.start('api_call');
      expect(ping().time_of_last_update).toBe(1_700_000_000);
      wallMs += stepMs;
      expect(ping().time_of_last_update).toBe(1_700_000_000);
    });

    it('does not move for work that begins and ends between two polls', () => {
      const { tracker, advance, ping } = createPolledTracker();
      expect(ping().time_of_last_update).toBe(1_700_000_000);
      advance(5000);
      tracker.start('api_call').stop();
      advance(5000);
      expect(ping().time_of_last_update).toBe(1_700_000_000);
    });

    it('is that of the poll which finds that all work has become overdue', () => {
      const { tracker, advance, ping } = createPolledTracker({ maxActivityMs: 1000 });
      tracker.start('tool_exec');
      ping();
      advance(60_000);
      expect(ping()).toEqual({ status: 'Healthy', time_of_last_update: 1_700_000_060 });
      advance(60_000);
      expect(ping()).toEqual({ status: 'Healthy', time_of_last_update: 1_700_000_060 });
    });

    it('does not move when an earlier answer is changed', () => {
      const { ping } = createPolledTracker();
      Object.assign(ping(), { time_of_last_update: 0 });
      expect(ping()).toEqual({ status: 'Healthy', time_of_last_update: 1_700_000_000 });
    });

    it('is counted by each function on its own', () => {
      const { tracker, advance, ping } = createPolledTracker({ maxActivityMs: 1000 });
      tracker.start('tool_exec');
      advance(2000);
      expect(ping().time_of_last_update).toBe(1_700_000_002);
      advance(3000);
      expect(agentCorePing(tracker)().time_of_last_update).toBe(1_700_000_005);
      expect(ping().time_of_last_update).toBe(1_700_000_002);
    });
  });

  describe('over HTTP', () => {
    it('answers each poll as AgentCore expects it', async () => {
      const { tracker, advance, ping } = createPolledTracker();
      const server = createServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ping()));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const poll = async (): Promise<unknown> => {
        const response = await fetch(`http://127.0.0.1:${port}/ping`, { headers: { connection: 'close' } });
        return response.json();
      };
      expect(await poll()).toEqual({ status: 'Healthy', time_of_last_update: 1_700_000_000 });
      advance(2000);
      tracker.start('api_call');
      advance(1500);
      const busy = { status: 'HealthyBusy', time_of_last_update: 1_700_000_002 };
      expect([await poll(), await poll()]).toEqual([busy, busy]);
      await once(server.close(), 'close');
    });
  });
});
