import { Readable } from 'node:stream';
import { type Explained, explain, type ExplainedTracker } from '../../src/report/explain.js';
import { type Log, readLog, type ReadOptions } from '../../src/report/read.js';
import { tellStory } from '../../src/report/story.js';

interface Options extends ReadOptions {
  readonly limitMs?: number;
  readonly fromMs?: number;
}

/** What the report makes of these lines. */
export async function reportOf(
  lines: readonly string[],
  { limitMs = 60_000, fromMs, ...options }: Options = {},
): Promise<{ explained: Explained[]; log: Log }> {
  const log = await readLog([{ name: 'log', stream: Readable.from([Buffer.from(lines.join('\n'))]) }], options);
  const stories = log.sessions.map((session) => tellStory(session, log, fromMs));
  return { explained: explain(stories, limitMs), log };
}

/** What it makes of the worst tracker of the only session. */
export async function onlySession(lines: readonly string[], options?: Options): Promise<ExplainedTracker> {
  const { explained } = await reportOf(lines, options);
  const [session, ...others] = explained;
  if (session === undefined || others.length > 0) throw new Error(`Expected one session, got ${explained.length}`);
  return session.worst;
}
