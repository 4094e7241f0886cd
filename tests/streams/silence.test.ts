import { describe, expect, it } from '@jest/globals';
import { observeTracker, OVERDUE } from '../support/observed-tracker.js';

const MINUTE_MS = 60_000;
const OPTIONS = { intervalMs: 30_000, maxSilenceMs: 10 * MINUTE_MS };

function trackedStream() {
  const observed = observeTracker(OPTIONS);
  const { tracker, clock, send } = observed;
  tracker.registerCallback(send);
  const held: { controller?: ReadableStreamDefaultController<string> } = {};
  const source = new ReadableStream<string>({
    start(controller) {
      held.controller = controller;
    },
  });
  const reader = tracker.track('api_call', source).getReader();
  /** A chunk that comes after some time. */
  const chunkAfter = async (ms: number): Promise<void> => {
    const read = reader.read();
    // The read reaches the source, and starts the activity, a moment later.
    await Promise.resolve();
    clock.advance(ms);
    held.controller?.enqueue('chunk');
    await read;
  };
  return { ...observed, reader, chunkAfter };
}

describe('a tracked stream under maxSilenceMs', () => {
  it('keeps its session through an answer of two hours whose silences are shorter', async () => {
    const { chunkAfter, sends, named, tracker } = trackedStream();
    for (let i = 0; i < 12; i++) await chunkAfter(10 * MINUTE_MS);
    expect(sends).toHaveLength(240);
    expect(named(OVERDUE)).toEqual([]);
    expect(tracker.snapshot()).toMatchObject({ refcount: 1, overdue: 0 });
  });

  it('lets its session go once it hangs, counted from the last chunk, and says so once', async () => {
    const { chunkAfter, sends, named, reader, clock, tracker } = trackedStream();
    await chunkAfter(5 * MINUTE_MS);
    void reader.read();
    clock.advance(60 * MINUTE_MS);
    expect(sends.at(-1)?.atMs).toBe(15 * MINUTE_MS);
    const atMs = 15.5 * MINUTE_MS;
    const data = { reason: 'api_call', held_ms: atMs, silent_ms: 10.5 * MINUTE_MS };
    expect(named(OVERDUE)).toEqual([[atMs, 'warn', OVERDUE, data]]);
    expect(tracker.snapshot()).toMatchObject({ refcount: 1, overdue: 1 });
  });

  it('is bounded from its first read on, though no chunk ever comes', async () => {
    const { sends, reader, clock } = trackedStream();
    void reader.read();
    await Promise.resolve();
    clock.advance(60 * MINUTE_MS);
    expect(sends.at(-1)?.atMs).toBe(10 * MINUTE_MS);
  });

  it('is kept alive again by a chunk that comes after all', async () => {
    const { chunkAfter, sends } = trackedStream();
    await chunkAfter(20 * MINUTE_MS);
    const before = sends.length;
    await chunkAfter(MINUTE_MS);
    expect(sends).toHaveLength(before + 2);
  });
});
