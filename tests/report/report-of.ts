import { Readable } from 'node:stream';
import { type Explained, explain } from '../../src/report/explain.js';
import { type Log, readLog, type ReadOptions } from '../../src/report/read.js';
import { tellStory } from '../../src/report/story.js';

/** What the report makes of these lines. */
export async function reportOf(
  lines: readonly string[],
  { limitMs = 60_000, fromMs, ...options }: ReadOptions & { limitMs?: number; fromMs?: number } = {},
): Promise<{ explained: Explained[]; log: Log }> {
  const log = await readLog([{ name: 'log', stream: Readable.from([Buffer.from(lines.join('\n'))]) }], options);
  const stories = log.sessions.map((session) => tellStory(session, log, fromMs));
  return { explained: explain(stories, limitMs), log };
}
