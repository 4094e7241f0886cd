import { describe, expect, it } from '@jest/globals';
import { runPrinted } from './printed-tests.js';
import { Real } from './real.js';
import { replay } from './replay.js';
import { search } from './search.js';
import { advance, register, sendSignal, start, stop } from './steps.js';
import { type Observation, SIGNALS } from './subject.js';

class LosingAStop extends Real {
  override stop(): void {
    // Lost.
  }
}

class LosingBeats extends Real {
  override observe(): Observation {
    const { entries, ...rest } = super.observe();
    return { ...rest, entries: entries.filter(([, , name]) => name !== 'session_keepalive_heartbeat') };
  }
}

class LosingChanges extends Real {
  override observe(): Observation {
    const { entries, ...rest } = super.observe();
    return { ...rest, entries: entries.filter(([, kind]) => kind !== 'state') };
  }
}

class LeavingListeners extends Real {
  override observe(): Observation {
    const { listeners, ...rest } = super.observe();
    this.#most = this.#most.map((most, signal) => Math.max(most, listeners[signal] ?? 0));
    return { ...rest, listeners: this.#most };
  }

  #most = Array.from({ length: SIGNALS }, () => 0);
}

class LeavingTimers extends Real {
  override get pendingTimers(): number {
    return super.pendingTimers + 1;
  }
}

const SETUP = { options: { intervalMs: 10 } };
/** With the seed, how far the search shrinks is not left to chance. */
const EXTENT = { numRuns: 100, seed: 1 };
const SHORT = 5;

describe('model', () => {
  describe('search', () => {
    it.each([
      ['lost a stop', LosingAStop],
      ['lost its beats', LosingBeats],
      ['lost changes of state', LosingChanges],
      ['left a timer', LeavingTimers],
      ['left a listener', LeavingListeners],
    ])('prints a test that fails for a tracker that %s, and passes for one that is right', async (_, Wrong) => {
      const message = await search(SETUP, EXTENT, Wrong).then(String, (error: unknown) => (error as Error).message);
      expect(message.match(/^ {4}steps\./gm)?.length).toBeLessThanOrEqual(SHORT);
      expect(message).not.toContain('replayPath');
      await expect(runPrinted(message, Wrong)).rejects.toThrow(/the model says|timers are pending/);
      await expect(runPrinted(message, Real)).resolves.toBeUndefined();
    });

    it('finds nothing in a tracker that does what the model does', async () => {
      await expect(search(SETUP, EXTENT)).resolves.toBe(EXTENT.numRuns);
    });
  });

  describe('replay', () => {
    const sequence = [
      register({ kind: 'resolve', afterMs: 5 }),
      start('api_call'),
      advance(10),
      sendSignal(),
      advance(5),
      stop('api_call'),
    ];

    it('passes where the tracker does what the model does', async () => {
      await expect(replay(SETUP, sequence)).resolves.toBeUndefined();
    });

    it.each([
      ['lost a stop', LosingAStop, /^After steps\.stop\('api_call'\)\nthe model says/],
      ['lost its beats', LosingBeats, /^After steps\.advance\(10\)\nthe model says/],
      ['left a timer', LeavingTimers, /^After steps\.start\('api_call'\), 2 timers are pending/],
    ])('names the step after which a tracker %s', async (_, Wrong, message) => {
      await expect(replay(SETUP, sequence, Wrong)).rejects.toThrow(message);
    });

    it('restores the random numbers that it replaces', async () => {
      const { random } = Math;
      await expect(replay(SETUP, sequence, LosingAStop)).rejects.toThrow();
      expect(Math.random).toBe(random);
    });
  });
});
