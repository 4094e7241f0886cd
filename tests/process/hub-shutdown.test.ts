import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, type ClientRequest, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

/** A log line without its time, process and host. */
interface LogLine {
  readonly msg: string;
  readonly session_id: string;
}

const REPORT = 'session_activity_at_shutdown';

async function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

describe.each(['own', 'close-with-grace'])('a host of many sessions with the signal handler "%s"', (handler) => {
  const directory = mkdtempSync(join(tmpdir(), 'session-activity-tracker-'));

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /**
   * Runs a host until SIGTERM has ended it, with a connection in use. Returns what it printed and its log.
   *
   * @param work - the reasons that each session runs, by its id. Those of an id that begins with `stuck` never end.
   */
  async function shutDown(timeoutMs: number, work: object): Promise<{ printed: readonly string[]; log: LogLine[] }> {
    const file = join(directory, `${timeoutMs}.jsonl`);
    using child = startFixture('hub-shutdown', file, handler, String(timeoutMs), JSON.stringify(work));
    const port = Number(await child.started);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const served = await responseTo(get({ port, agent }));

    child.kill('SIGTERM');
    expect([served.statusCode, await text(served)]).toEqual([200, 'served']);
    const kept = get({ port, agent, headers: { connection: 'upgrade', upgrade: 'websocket' } });
    const refused = await responseTo(kept);
    expect([kept.reusedSocket, refused.statusCode]).toEqual([true, 503]);
    expect(await text(refused)).toBe('');
    await expect(once(get({ port, agent }), 'response')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    // From here on nothing but `drain` keeps the process alive.
    child.kill('SIGCONT');
    const { code, signal, lines, stderr } = await child.ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const written = readFileSync(file, 'utf8').trimEnd().split('\n');
    const log = written.map((line) => JSON.parse(line) as LogLine);
    return { printed: lines.slice(1), log };
  }

  describe('on SIGTERM', () => {
    it('refuses requests, waits until no session runs anything, and reports', async () => {
      const { printed, log } = await shutDown(14_000, { one: ['tool_exec'], two: ['api_call'] });
      expect(printed).toEqual([]);
      expect(log).toMatchObject([
        { msg: REPORT, session_id: 'one', refcount: 0, active: {}, oldest_activity_ms: null },
        { msg: REPORT, session_id: 'two', refcount: 0, active: {}, oldest_activity_ms: null },
      ]);
    });

    it('ends when the time is over, prints what still runs in which session, and reports', async () => {
      const work = { one: ['tool_exec'], stuck: ['api_call', 'api_call'], 'stuck too': ['tool_exec'] };
      const { printed, log } = await shutDown(2000, work);
      expect(printed).toEqual(['stuck { api_call: 2 }', 'stuck too { tool_exec: 1 }']);
      expect(log).toMatchObject([
        { msg: REPORT, session_id: 'one', refcount: 0, active: {}, oldest_activity_ms: null },
        { msg: REPORT, session_id: 'stuck', refcount: 2, active: { api_call: 2 } },
        { msg: REPORT, session_id: 'stuck too', refcount: 1, active: { tool_exec: 1 } },
      ]);
    });
  });
});
