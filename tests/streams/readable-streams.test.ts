import { describe, expect, it, jest } from '@jest/globals';
import type { SessionActivityTracker } from '../../src/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { readAll } from '../support/read-all.js';
import { thrownBy } from '../support/thrown-by.js';

const running = (tracker: SessionActivityTracker): number => tracker.snapshot().refcount;

/** A stream that a test writes to, which counts what is pulled from it. */
function controlled() {
  const pull = jest.fn<() => void>();
  const cancel = jest.fn<(reason: unknown) => Promise<void>>();
  const held: { controller?: ReadableStreamDefaultController<unknown> } = {};
  const source = new ReadableStream<unknown>(
    {
      start(controller) {
        held.controller = controller;
      },
      pull,
      cancel,
    },
    { highWaterMark: 0 },
  );
  const { controller } = held;
  if (!controller) throw new Error('It was not started.');
  return { source, controller, pull, cancel };
}

function streamOf(...chunks: unknown[]): ReadableStream<unknown> {
  return new ReadableStream({
    start(controller) {
      chunks.forEach((chunk) => controller.enqueue(chunk));
      controller.close();
    },
  });
}

describe('track with a ReadableStream', () => {
  describe('the activity', () => {
    it('starts with the first read and stops at the end, before the reader learns of it', async () => {
      const { tracker } = createTestTracker();
      const reader = tracker.track('api_call', streamOf('first', 'second')).getReader();
      await eventLoopTurn();
      expect(running(tracker)).toBe(0);
      expect(await reader.read()).toEqual({ done: false, value: 'first' });
      expect(tracker.snapshot().active).toEqual({ api_call: 1 });
      const second = reader.read();
      expect(running(tracker)).toBe(1);
      await second;
      expect(await reader.read().then(({ done }) => [done, running(tracker)])).toEqual([true, 0]);
    });

    it('stops when the source ends though nobody reads on', async () => {
      const { tracker } = createTestTracker();
      const { source, controller } = controlled();
      const reader = tracker.track('api_call', source).getReader();
      controller.enqueue('the only one');
      await reader.read();
      expect(running(tracker)).toBe(1);
      controller.close();
      await eventLoopTurn();
      expect(running(tracker)).toBe(0);
      expect((await reader.read()).done).toBe(true);
    });

    it('stops when the source fails, before the reader learns of it', async () => {
      const { tracker } = createTestTracker();
      const { source, controller } = controlled();
      const reader = tracker.track('api_call', source).getReader();
      const error = { not: 'an Error' };
      const read = reader.read().catch((reason: unknown) => [reason === error, running(tracker)]);
      await eventLoopTurn();
      expect(running(tracker)).toBe(1);
      controller.error(error);
      expect(await read).toEqual([true, 0]);
      await expect(reader.closed).rejects.toBe(error);
    });

    it('stops at once when the stream is cancelled while a read is pending', async () => {
      const { tracker } = createTestTracker();
      const { source, cancel } = controlled();
      const reader = tracker.track('api_call', source).getReader();
      const read = reader.read();
      await eventLoopTurn();
      expect(running(tracker)).toBe(1);
      const reason = new Error('enough');
      const cancelled = reader.cancel(reason);
      expect(running(tracker)).toBe(0);
      expect(cancel.mock.calls).toEqual([[reason]]);
      await cancelled;
      expect((await read).done).toBe(true);
    });

    it('stops when a loop is left early', async () => {
      const { tracker } = createTestTracker();
      const { source, controller, cancel } = controlled();
      controller.enqueue('first');
      for await (const chunk of tracker.track('api_call', source)) {
        expect([chunk, running(tracker)]).toEqual(['first', 1]);
        break;
      }
      expect(running(tracker)).toBe(0);
      expect(cancel).toHaveBeenCalledTimes(1);
    });

    it('never starts when the stream is cancelled unread', async () => {
      const { tracker } = createTestTracker();
      const observer = jest.fn();
      tracker.observe(observer);
      const { source, cancel } = controlled();
      await tracker.track('api_call', source).cancel('unwanted');
      expect(cancel.mock.calls).toEqual([['unwanted']]);
      expect(observer).not.toHaveBeenCalled();
    });

    it('lasts until both branches of a tee have ended', async () => {
      const { tracker } = createTestTracker();
      const { source, controller, cancel } = controlled();
      const [one, other] = tracker.track('api_call', source).tee();
      // Settles once the other branch has ended, too.
      const cancelled = one.cancel('unwanted');
      await eventLoopTurn();
      expect(running(tracker)).toBe(1);
      expect(cancel).not.toHaveBeenCalled();
      controller.enqueue('chunk');
      controller.close();
      expect(await readAll(other)).toEqual(['chunk']);
      await cancelled;
      expect(running(tracker)).toBe(0);
    });
  });

  describe('what a reader gets', () => {
    it('is the chunks themselves', async () => {
      const { tracker } = createTestTracker();
      const chunks = [{ a: 1 }, undefined, new Uint8Array(2)];
      const read = await readAll(tracker.track('api_call', streamOf(...chunks)));
      expect(read).toHaveLength(3);
      read.forEach((chunk, index) => expect(chunk).toBe(chunks[index]));
    });

    it('is what a cancellation came to', async () => {
      const { tracker } = createTestTracker();
      const { source, cancel } = controlled();
      const error = new Error('cannot be cancelled');
      cancel.mockRejectedValue(error);
      await expect(tracker.track('api_call', source).cancel()).rejects.toBe(error);
    });

    it('is the bytes of a byte stream, by a default reader alone', async () => {
      const { tracker } = createTestTracker();
      const bytes = new ReadableStream({
        type: 'bytes',
        start(controller) {
          controller.enqueue(new Uint8Array([1, 2]));
          controller.close();
        },
      });
      const tracked = tracker.track('api_call', bytes);
      expect(() => tracked.getReader({ mode: 'byob' })).toThrow();
      expect(await readAll(tracked)).toEqual([new Uint8Array([1, 2])]);
    });
  });

  describe('what a source sees', () => {
    it('is one pull for each read, none ahead', async () => {
      const { tracker } = createTestTracker();
      const { source, controller, pull } = controlled();
      pull.mockImplementation(() => controller.enqueue('chunk'));
      const reader = tracker.track('api_call', source).getReader();
      await eventLoopTurn();
      expect(pull).not.toHaveBeenCalled();
      await reader.read();
      await eventLoopTurn();
      expect(pull).toHaveBeenCalledTimes(1);
    });

    it('is a lock from the beginning', () => {
      const { tracker } = createTestTracker();
      const source = streamOf();
      tracker.track('api_call', source);
      expect(source.locked).toBe(true);
    });
  });

  it('refuses a locked stream with the error of getReader', () => {
    const { tracker } = createTestTracker();
    const source = streamOf('chunk');
    source.getReader();
    const error = thrownBy(() => source.getReader());
    expect(thrownBy(() => tracker.track('api_call', source))).toEqual(error);
  });

  it('passes through after dispose', async () => {
    const { tracker, clock } = createTestTracker();
    const reader = tracker.track('api_call', streamOf('first', 'second')).getReader();
    await reader.read();
    tracker.dispose();
    expect((await reader.read()).value).toBe('second');
    expect(await readAll(tracker.track('api_call', streamOf('third')))).toEqual(['third']);
    expect(clock.pendingTimers).toBe(0);
  });
});
