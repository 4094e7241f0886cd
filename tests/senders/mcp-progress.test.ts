import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import { NOT_SENT } from '../../src/index.js';
import {
  mcpProgress,
  type McpProgressNotification,
  type McpProgressOptions,
  type McpRequestExtra,
} from '../../src/senders/index.js';
import { createTestTracker } from '../../src/testing/index.js';
import { defer } from '../support/deferred.js';
import { eventLoopTurn } from '../support/event-loop-turn.js';
import { thrownBy } from '../support/thrown-by.js';
import { until } from '../support/until.js';
import { keepalive } from './keepalive.js';
import { inMemory, newClient, progressOf, serverOf } from './mcp-peers.js';
import { startHttpServer } from './peers.js';

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

    it('is not sent where the client asked for none', async () => {
      const { sent, extra } = recordingExtra();
      expect(mcpProgress({ ...extra, _meta: undefined })(keepalive())).toBe(NOT_SENT);
      expect(mcpProgress({ ...extra, _meta: {} })(keepalive())).toBe(NOT_SENT);
      expect(sent).toEqual([]);
      await mcpProgress({ ...extra, _meta: { progressToken: 0 } })(keepalive());
      expect(sent).toHaveLength(1);
    });

    it('is counted as unsent where a real client asked for none', async () => {
      const { tracker, clock } = createTestTracker();
      const client = await inMemory(async (extra) => {
        tracker.registerCallback(mcpProgress(extra));
        await tracker.run('tool_exec', async () => {
          clock.advance(30_000);
          await eventLoopTurn();
        });
      });
      await client.callTool({ name: 'long' });
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 0, failed: 0, unsent: 1 });
      tracker.dispose();
    });

    it('adds nothing while an earlier one is pending in the transport, however that ends', async () => {
      const transport = [defer(), defer()];
      const pending = [...transport];
      const sendNotification = jest.fn(() => pending.shift()?.promise ?? Promise.resolve());
      const send = mcpProgress({ _meta: { progressToken: 'a' }, sendNotification });
      for (const { resolve, reject } of transport) {
        const sending = Promise.resolve(send(keepalive()));
        const settle = pending.length === 1 ? () => resolve() : () => reject(new Error('broken'));
        const calls = sendNotification.mock.calls.length;
        const error = thrownBy(() => send(keepalive()));
        expect(error).toMatchObject({
          code: 'BACKPRESSURE',
          message: 'An earlier notification is still pending in the transport',
        });
        expect(sendNotification).toHaveBeenCalledTimes(calls);
        settle();
        await Promise.allSettled([sending]);
      }
      await send(keepalive());
      expect(sendNotification).toHaveBeenCalledTimes(3);
    });

    it('fails with the error of the transport, and is sent again the next time', async () => {
      const sendNotification = jest.fn<McpRequestExtra['sendNotification']>();
      const send = mcpProgress({ _meta: { progressToken: 'a' }, sendNotification });
      sendNotification.mockRejectedValueOnce(new Error('Not connected'));
      await expect(send(keepalive())).rejects.toThrow('Not connected');
      sendNotification.mockImplementationOnce(() => {
        throw new Error('Closed');
      });
      expect(() => send(keepalive())).toThrow('Closed');
      sendNotification.mockResolvedValueOnce(undefined);
      await expect(send(keepalive())).resolves.toBeUndefined();
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
      const tool = [0, 0, 0.1, 0.1, 0.9];
      const send = mcpProgress(extra, { latest: () => ({ progress: tool.shift() ?? NaN }) });
      while (tool.length > 0) await send(keepalive());
      expect(sent.map(({ progress }) => progress)).toEqual(
        [1 / 2, 2 / 3, 0.1 + 3 / 4, 0.1 + 4 / 5, 0.9 + 1 / 2].map((number) => expect.closeTo(number, 10)),
      );
    });

    it.each([
      [1e9, 1, 1_000],
      [1e12, 1, 50],
      [-1e12, 1, 50],
      [2 ** 52 - 1, 1, 1],
    ])(
      'from %p by %p goes up below the next step until no number is left, then fails',
      async (progress, step, least) => {
        const { sent, extra } = recordingExtra();
        const send = mcpProgress(extra, { latest: () => ({ progress }), step });
        let failed: unknown;
        for (let sends = 0; sends < 10_000 && failed === undefined; sends++) {
          try {
            await send(keepalive());
          } catch (error) {
            failed = error;
          }
        }
        expect(failed).toHaveProperty('code', 'NO_PROGRESS_LEFT');
        const told = [progress, ...sent.map((params) => params.progress), progress + step];
        expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
        expect(sent.length).toBeGreaterThanOrEqual(least);
      },
    );

    it.each([
      [2 ** 53, 1],
      [2 ** 53, 2],
      [2 ** 53 + 2, 2],
    ])('fails where no number lies between %p and the next step, %p above it', (progress, step) => {
      const { sent, extra } = recordingExtra();
      const send = mcpProgress(extra, { latest: () => ({ progress }), step });
      expect(thrownBy(() => send(keepalive()))).toMatchObject({ code: 'NO_PROGRESS_LEFT' });
      expect(sent).toEqual([]);
    });

    it('begins again at half a step once a tool that stood still for long goes on', async () => {
      const { sent, extra } = recordingExtra();
      let progress = 1e12;
      const send = mcpProgress(extra, { latest: () => ({ progress }) });
      for (let sends = 0; sends < 20; sends++) await send(keepalive());
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
      expect(thrownBy(() => send(keepalive()))).toMatchObject({
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
