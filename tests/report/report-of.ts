import { Readable } from 'node:stream';
import { explain, type ExplainedSession, type ExplainedTracker } from '../../src/report/explain.js';
import { type Log, readLog, type ReadOptions } from '../../src/report/read.js';
import { historyOf } from '../../src/report/history.js';

interface Options extends ReadOptions {
  readonly limitMs?: number;
  readonly fromMs?: number;
}

/** What the report makes of these lines. */
export async function reportOf(
  lines: readonly string[],
  { limitMs = 60_000, fromMs, ...options }: Options = {},
): Promise<{ explained: ExplainedSession[]; log: Log }> {
  const log = await readLog([{ name: 'log', stream: Readable.from([Buffer.from(lines.join('\n'))]) }], options);
  const histories = log.sessions.map((session) => historyOf(session, log, fromMs));
  return { explained: explain(histories, limitMs), log };
}

/** What it makes of the worst tracker of the only session. */
export async function onlySession(lines: readonly string[], options?: Options): Promise<ExplainedTracker> {
  const { explained } = await reportOf(lines, options);
  const [session, ...others] = explained;
  if (session === undefined || others.length > 0) throw new Error(`Expected one session, got ${explained.length}`);
  return session.worst;
}
