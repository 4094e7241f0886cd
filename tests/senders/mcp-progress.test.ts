import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import {
  mcpProgress,
  type McpProgressNotification,
  type McpProgressOptions,
  type McpRequestExtra,
} from '../../src/senders/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { abortedSignal, keepalive } from './keepalive.js';
import { inMemory, newClient, progressOf, serverOf } from './mcp-peers.js';
import { startHttpServer, until } from './peers.js';

/** The progress that a client is told of in `sends` keep-alives. */
async function toldBy(sends: number, options?: McpProgressOptions): Promise<Progress[]> {
  const client = await inMemory(async (extra) => {
    const send = mcpProgress(extra, options);
    for (let sent = 0; sent < sends; sent++) await send(keepalive());
  });
  return progressOf(client);
}

/** What a request with the token 7 is notified of. */
function recordingExtra(): { sent: McpProgressNotification['params'][]; extra: McpRequestExtra } {
  const sent: McpProgressNotification['params'][] = [];
  const sendNotification = ({ params }: McpProgressNotification): Promise<unknown> =>
    Promise.resolve(sent.push(params));
  return { sent, extra: { _meta: { progressToken: 7 }, sendNotification } };
}

/** The smallest number above another that is not 0. */
function above(value: number): number {
  const float = Float64Array.of(value);
  const bits = new BigInt64Array(float.buffer);
  bits[0] = (bits[0] ?? 0n) + (value < 0 ? -1n : 1n);
  return float[0] ?? NaN;
}

describe('mcpProgress', () => {
  describe('notification', () => {
    it('counts the keep-alives, without a message or with the one that was given', async () => {
      await expect(toldBy(3)).resolves.toEqual([{ progress: 1 }, { progress: 2 }, { progress: 3 }]);
      await expect(toldBy(1, { message: 'Still working' })).resolves.toEqual([
        { progress: 1, message: 'Still working' },
      ]);
    });

    it('goes over the stream of the request that it belongs to', async () => {
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
      const server = serverOf((extra) => Promise.resolve(mcpProgress(extra)(keepalive())).then(() => undefined));
      await server.connect(transport);
      const { url } = await startHttpServer((request, response) => {
        void transport.handleRequest(request, response);
      });
      const client = newClient();
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      await expect(progressOf(client)).resolves.toEqual([{ progress: 1 }]);
    });

    it('keeps the client from timing out', async () => {
      const { promise, resolve } = defer();
      const client = await inMemory(async (extra) => {
        const send = mcpProgress(extra);
        const beats = setInterval(() => void send(keepalive()), 50);
        await promise;
        clearInterval(beats);
      });
      let told = 0;
      const call = client.callTool({ name: 'long' }, undefined, {
        timeout: 1_000,
        resetTimeoutOnProgress: true,
        onprogress: () => {
          if (++told === 30) resolve();
        },
      });
      await expect(call).resolves.toMatchObject({ content: [{ text: 'done' }] });
    });

    it('is not sent where the client asked for none, nor once the signal is aborted', async () => {
      const sent: unknown[] = [];
      const sendNotification = (notification: unknown): Promise<void> => Promise.resolve(void sent.push(notification));
      await mcpProgress({ sendNotification })(keepalive());
      await mcpProgress({ _meta: {}, sendNotification })(keepalive(abortedSignal('not looked at')));
      const asked = mcpProgress({ _meta: { progressToken: 0 }, sendNotification });
      await expect(asked(keepalive(abortedSignal('over')))).rejects.toBe('over');
      expect(sent).toEqual([]);
      const client = await inMemory(async (extra) => {
        await mcpProgress(extra)(keepalive());
      });
      await expect(client.callTool({ name: 'long' })).resolves.toMatchObject({ content: [{ text: 'done' }] });
    });

    it('stops waiting for the transport when aborted', async () => {
      const abort = new AbortController();
      const extra = { _meta: { progressToken: 'a' }, sendNotification: () => defer().promise };
      const sending = mcpProgress(extra)(keepalive(abort.signal));
      abort.abort('too slow');
      await expect(sending).rejects.toBe('too slow');
    });

    it('fails with what the transport fails with', async () => {
      const sendNotification = (): Promise<never> => Promise.reject(new Error('Not connected'));
      const sending = mcpProgress({ _meta: { progressToken: 'a' }, sendNotification })(keepalive());
      await expect(sending).rejects.toThrow('Not connected');
    });
  });

  describe('beside the progress of the tool', () => {
    it('lies above what the tool sent last and below what it sends next', async () => {
      let latest: { progress: number; total: number; message?: string } | undefined;
      const client = await inMemory(async (extra) => {
        const progressToken = extra._meta?.progressToken ?? '';
        const send = mcpProgress(extra, { message: 'Waiting', latest: () => latest });
        await send(keepalive());
        for (const progress of [1, 2]) {
          latest = { progress, total: 2, ...(progress === 2 && { message: 'Last file' }) };
          await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, ...latest } });
          await send(keepalive());
          await send(keepalive());
        }
      });
      const told = await progressOf(client);
      expect(told).toEqual([
        { progress: 1 / 2, message: 'Waiting' },
        { progress: 1, total: 2 },
        { progress: 1 + 1 / 2, total: 2, message: 'Waiting' },
        { progress: expect.closeTo(1 + 2 / 3), total: 2, message: 'Waiting' },
        { progress: 2, total: 2, message: 'Last file' },
        { progress: 2 + 1 / 2, message: 'Last file' },
        { progress: expect.closeTo(2 + 2 / 3), message: 'Last file' },
      ]);
    });

    it('goes in parts of `step`', async () => {
      await expect(toldBy(2, { latest: () => ({ progress: 0.5 }), step: 0.01 })).resolves.toEqual([
        { progress: 0.5 + 0.01 / 2 },
        { progress: expect.closeTo(0.5 + 0.02 / 3) },
      ]);
    });

    it('lies above what it sent before, even where the tool goes on by less than `step`', async () => {
      const { sent, extra } = recordingExtra();
      const tool = [0, 0, 0.1, 0.1];
      const send = mcpProgress(extra, { latest: () => ({ progress: tool.shift() ?? NaN }) });
      for (let sends = 0; sends < 4; sends++) await send(keepalive());
      const [half, twoThirds, above = 0, last = 0] = sent.map(({ progress }) => progress);
      expect([half, twoThirds]).toEqual([1 / 2, expect.closeTo(2 / 3)]);
      expect([above > 2 / 3, last > above, last < 1.1]).toEqual([true, true, true]);
    });

    it.each([
      [1e12, 1, 100],
      [1e9, 0.001, 100],
      [-1e12, 1, 100],
      [2 ** 52 - 1, 1, 1],
      [2 ** 53, 2, 0],
    ])('from %p by %p goes up until no number is left, then fails', async (progress, step, least) => {
      const { sent, extra } = recordingExtra();
      const send = mcpProgress(extra, { latest: () => ({ progress }), step });
      let failed: unknown;
      for (let sends = 0; sends < 1_000; sends++) {
        await Promise.resolve(send(keepalive())).catch((error: unknown) => (failed = error));
      }
      expect(failed).toHaveProperty('code', 'NO_PROGRESS_LEFT');
      const told = [...new Set([progress, ...sent.map((params) => params.progress)]), progress + step];
      expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
      expect(sent.length).toBeGreaterThanOrEqual(least);
      expect(above(told.at(-2) ?? NaN)).toBe(progress + step);
    });

    it('fails where a progress and a step have no sum above the former', async () => {
      const { sent, extra } = recordingExtra();
      const send = mcpProgress(extra, { latest: () => ({ progress: 2 ** 53 }), step: 1 });
      await expect(send(keepalive())).rejects.toMatchObject({ code: 'NO_PROGRESS_LEFT' });
      expect(sent).toEqual([]);
    });

    it('tells the progress itself where no number lies between it and the next step', async () => {
      const { sent, extra } = recordingExtra();
      let progress = 2 ** 53;
      const send = mcpProgress(extra, { latest: () => ({ progress, total: NaN }), step: 2 });
      await send(keepalive());
      await expect(send(keepalive())).rejects.toMatchObject({ code: 'NO_PROGRESS_LEFT' });
      progress += 2;
      await send(keepalive());
      expect(sent).toEqual([
        { progressToken: 7, progress: 2 ** 53 },
        { progressToken: 7, progress: 2 ** 53 + 2 },
      ]);
    });

    it('starts anew once a tool that stood still for long goes on', async () => {
      const { sent, extra } = recordingExtra();
      let progress = 1e12;
      const send = mcpProgress(extra, { latest: () => ({ progress }) });
      for (let sends = 0; sends < 1_000; sends++) await Promise.resolve(send(keepalive())).catch(() => undefined);
      progress += 1;
      await send(keepalive());
      expect(sent.at(-1)).toEqual({ progressToken: 7, progress: 1e12 + 1.5 });
    });

    it.each([4, NaN, Infinity])('fails, and sends nothing, where it goes from 5 to %p', async (next) => {
      const { sent, extra } = recordingExtra();
      let progress = 5;
      const send = mcpProgress(extra, { latest: () => ({ progress }) });
      await send(keepalive());
      progress = next;
      await expect(send(keepalive())).rejects.toMatchObject({
        name: 'RangeError',
        message: `Expected \`latest().progress\` to be a finite number that never goes back, got \`${next}\` (number)`,
      });
      expect(sent).toEqual([{ progressToken: 7, progress: 5.5 }]);
    });
  });

  describe('with a tracker', () => {
    it('is counted as sent, failed and recovered', async () => {
      const { tracker, clock, diagnostics } = createTestTracker();
      let progress = 1;
      const client = await inMemory(async (extra) => {
        tracker.registerCallback(mcpProgress(extra, { latest: () => ({ progress }) }));
        await tracker.run('tool_exec', async () => {
          for (progress of [1, 0, 2]) {
            clock.advance(30_000);
            await eventLoopTurn();
          }
        });
      });
      await expect(progressOf(client)).resolves.toEqual([{ progress: 1.5 }, { progress: 2.5 }]);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 2, failed: 1 });
      expect(diagnostics.events.filter(({ level }) => level !== 'debug')).toEqual([
        { level: 'warn', event: 'session_keepalive_failed', data: { outcome: 'error', error_code: null } },
        { level: 'info', event: 'session_keepalive_recovered', data: { failures: 1 } },
      ]);
      tracker.dispose();
    });

    it('does not fail once the client is gone: the SDK drops the notification', async () => {
      const { tracker, clock } = createTestTracker();
      const client = await inMemory(async (extra) => {
        tracker.registerCallback(mcpProgress(extra));
        await tracker.run('tool_exec', () => once(new EventTarget(), 'never', { signal: ended.signal }));
      });
      const ended = new AbortController();
      const call = client.callTool({ name: 'long' }, undefined, { onprogress: () => undefined });
      await until(() => tracker.snapshot().refcount === 1);
      await Promise.all([expect(call).rejects.toThrow('Connection closed'), client.close()]);
      clock.advance(30_000);
      await eventLoopTurn();
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 1, failed: 0 });
      ended.abort();
      tracker.dispose();
    });
  });
});
