import { describe, expect, it, jest } from '@jest/globals';
import { createTestTracker } from '../../src/testing/index.js';
import { thrownBy } from '../support/thrown-by.js';

describe('SessionActivityTracker', () => {
  describe('observe', () => {
    it('tells when the session becomes busy and idle, and nothing in between', () => {
      const { tracker } = createTestTracker();
      const observer = jest.fn<(busy: boolean) => void>();
      tracker.observe(observer);
      const first = tracker.start('api_call');
      const second = tracker.start('tool_exec');
      first.stop();
      second.stop();
      tracker.stop('api_call');
      expect(observer.mock.calls).toEqual([[true], [false]]);
    });

    it('tells once the state is up to date, and swallows what the observer throws', () => {
      const { tracker } = createTestTracker();
      const seen: unknown[] = [];
      tracker.observe((busy) => {
        seen.push([busy, tracker.snapshot().refcount]);
        throw new Error('broken');
      });
      tracker.start('api_call');
      tracker.dispose();
      expect(seen).toEqual([
        [true, 1],
        [false, 0],
      ]);
    });

    it('a disposed tracker that was idle tells nothing more', () => {
      const { tracker } = createTestTracker();
      const observer = jest.fn();
      tracker.observe(observer);
      tracker.dispose();
      tracker.start('api_call').stop();
      expect(observer).not.toHaveBeenCalled();
    });

    it('is ended by its undo, which never ends another one', () => {
      const { tracker } = createTestTracker();
      const observer = jest.fn();
      const undo = tracker.observe(observer);
      undo();
      tracker.observe(observer);
      undo();
      tracker.start('api_call');
      expect(observer).toHaveBeenCalledTimes(1);
    });

    it('takes one observer at a time, and only a function', () => {
      const { tracker } = createTestTracker();
      tracker.observe(() => undefined);
      expect(thrownBy(() => tracker.observe(() => undefined))).toMatchObject({
        message: 'This tracker is observed already',
      });
      const loose: { observe(observer: unknown): unknown } = createTestTracker().tracker;
      expect(() => loose.observe(7)).toThrow('Expected `observer` to be a function, got `7` (number)');
    });
  });
});
