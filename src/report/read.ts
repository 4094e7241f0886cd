import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { LogEvent } from './log-event.js';
import { parseLine } from './parse.js';

/** The events of one session, in the order of their times. */
export interface SessionLog {
  /** `null` for events that name no session. */
  readonly id: string | null;
  readonly events: LogEvent[];
  /** Whether events after `toMs` were left out. */
  readonly truncated: boolean;
}

/** What was read from all files. */
export interface Log {
  readonly sessions: readonly SessionLog[];
  readonly lines: number;
  readonly events: number;
  /** How many lines are not a tracker's events. */
  readonly skipped: number;
  /** When each process wrote its last line, whether an event or not. */
  readonly lastLineMs: ReadonlyMap<string, number>;
  /** Sessions that were left out; at most {@link MAX_OTHERS} of them. */
  readonly otherSessions: readonly (string | null)[];
  /** Files that could be read only in part, with the reason. */
  readonly warnings: readonly string[];
}

export interface ReadOptions {
  /** Leave out other sessions. */
  readonly session?: string | undefined;
  /** Leave out events after this time. */
  readonly toMs?: number | undefined;
  /** Called now and then with the number of lines read. */
  readonly onProgress?: ((lines: number) => void) | undefined;
}

/** A file, or standard input, as a stream of bytes. */
export interface Input {
  readonly name: string;
  readonly stream: Readable;
}

const CHUNK_BYTES = 1 << 20;
/** A longer line is skipped unread: a binary file may be one line. */
const MAX_LINE = 1 << 20;
const TOO_LONG = '(too long)';
const MAX_OTHERS = 10;
const LINES_PER_PROGRESS = 50_000;

export function openFile(name: string): Input {
  return { name, stream: createReadStream(name, { highWaterMark: CHUNK_BYTES }) };
}

/**
 * Reads all inputs. Lines may be in any order; events of the same millisecond stay in the order in which they were
 * read.
 *
 * @throws the error of an input that cannot be read at all.
 */
export async function readLog(inputs: Iterable<Input>, options: ReadOptions = {}): Promise<Log> {
  const sessions = new Map<string | null, { events: LogEvent[]; truncated: boolean }>();
  const others = new Set<string | null>();
  const lastLineMs = new Map<string, number>();
  const warnings: string[] = [];
  let [lines, events, skipped] = [0, 0, 0];

  const add = (line: string, file: string): void => {
    if (line.trim() === '') return;
    if (++lines % LINES_PER_PROGRESS === 0) options.onProgress?.(lines);
    const parsed = parseLine(line, file);
    if (parsed !== undefined)
      lastLineMs.set(parsed.process, Math.max(parsed.atMs, lastLineMs.get(parsed.process) ?? -Infinity));
    if (parsed?.event === undefined) {
      skipped++;
      return;
    }
    events++;
    if (options.session !== undefined && parsed.sessionId !== options.session) {
      if (others.size < MAX_OTHERS) others.add(parsed.sessionId);
      return;
    }
    let session = sessions.get(parsed.sessionId);
    if (session === undefined) sessions.set(parsed.sessionId, (session = { events: [], truncated: false }));
    if (parsed.atMs > (options.toMs ?? Infinity)) session.truncated = true;
    else session.events.push(parsed.event);
  };

  for (const { name, stream } of inputs) {
    try {
      for await (const batch of splitLines(stream)) for (const line of batch) add(line, name);
    } catch (error) {
      // Z_BUF_ERROR, Z_DATA_ERROR: the compressed file is truncated or damaged. What was read before still counts.
      const { code, message } = error as NodeJS.ErrnoException;
      if (code?.startsWith('Z_') !== true) throw error;
      warnings.push(`${name}: ${message}; what came before is in the report`);
    }
  }
  for (const session of sessions.values()) session.events.sort((a, b) => a.atMs - b.atMs);
  return {
    sessions: [...sessions].map(([id, session]) => ({ id, ...session })),
    lines,
    events,
    skipped,
    lastLineMs,
    otherSessions: [...others],
    warnings,
  };
}

/** Gives the lines in batches. One that is longer than {@link MAX_LINE} becomes a placeholder that is not JSON. */
async function* splitLines(bytes: Readable): AsyncGenerator<string[]> {
  const text = (await maybeGunzip(bytes)).setEncoding('utf8');
  let rest = '';
  let isTooLong = false;
  for await (const chunk of text as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.splice(-1).join('');
    if (isTooLong && lines.length > 0) {
      lines[0] = TOO_LONG;
      isTooLong = false;
    }
    yield lines;
    if (rest.length > MAX_LINE) {
      rest = '';
      isTooLong = true;
    }
  }
  yield [isTooLong ? TOO_LONG : rest];
}

/** Decompresses what begins with gzip's magic number, whatever the file's name. */
async function maybeGunzip(bytes: Readable): Promise<Readable> {
  const chunks = bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  const first = await chunks.next();
  const head = first.done === true ? Buffer.alloc(0) : first.value;
  const whole = Readable.from(prepend(head, chunks), { objectMode: false, highWaterMark: CHUNK_BYTES });
  if (head[0] !== 0x1f || head[1] !== 0x8b) return whole;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  whole.once('error', (error) => gunzip.destroy(error));
  return whole.pipe(gunzip);
}

async function* prepend(head: Buffer, rest: AsyncIterator<Buffer, undefined>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
