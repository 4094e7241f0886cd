import { fileURLToPath } from 'node:url';
import { describe, expect, it, jest } from '@jest/globals';
import ts from 'typescript';

jest.setTimeout(60_000);

const FILE = fileURLToPath(new URL('snippets.ts', import.meta.url));

const PRELUDE = `
import { type SessionActivityTracker, trackFetch, type UseTrackInstead } from '../../src/index.js';
declare const tracker: SessionActivityTracker;
declare const generator: AsyncGenerator<string, number>;
declare const readable: ReadableStream<Uint8Array>;
declare const anything: any;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <Expected>() => <Actual>(_actual: Actual, _same: Same<Expected, Actual>) => undefined;
`;

/** Snippets whose last argument says that the type is the expected one: they compile if it is. */
const RUN = {
  'a value': `is<number>()(tracker.run('api_call', () => 1), true)`,
  nothing: `is<void>()(tracker.run('api_call', () => {}), true)`,
  'a promise': `is<Promise<string>>()(tracker.run('api_call', async () => 'text'), true)`,
  'a promise of nothing': `is<Promise<void>>()(tracker.run('api_call', async () => {}), true)`,
  'a promise of a Response': `is<Promise<Response>>()(tracker.run('api_call', () => fetch('http://localhost')), true)`,
  any: `is<any>()(tracker.run('api_call', (): any => anything), true)`,
  unknown: `is<unknown>()(tracker.run('api_call', (): unknown => 1), true)`,
  'what a generic wrapper was given': `
    const wrap = <T>(work: () => T): T => tracker.run('api_call', work);
    is<number>()(wrap(() => 1), true)`,
  'what a generic wrapper for promises was given': `
    const wrap = <T>(work: () => Promise<T>): Promise<T> => tracker.run('api_call', work);
    is<Promise<number>>()(wrap(async () => 1), true)`,
  'what a generic wrapper for asynchronous work was given': `
    const wrap = async <T>(work: () => T | Promise<T>): Promise<T> => await tracker.run('api_call', work);
    is<Promise<number>>()(wrap(() => 1), true)`,
  'a number to work that takes the activity': `is<number>()(tracker.run('api_call', (activity) => (activity.touch(), 1)), true)`,
};

const STREAMS = {
  'an async generator': `() => generator`,
  'a promise of an async iterable': `async (): Promise<AsyncIterable<string>> => generator`,
  'a ReadableStream': `() => readable`,
  'a promise of a ReadableStream': `async () => readable`,
};

const TRACK = {
  'an async iterable': `is<AsyncIterableIterator<string>>()(tracker.track('api_call', generator), true)`,
  'a ReadableStream': `is<ReadableStream<Uint8Array>>()(tracker.track('api_call', readable), true)`,
  'a fetch': `is<typeof fetch>()(trackFetch(tracker, 'api_call'), true)`,
  'a fetch of its own kind': `
    const own = async (_url: URL) => new Response();
    is<typeof own>()(trackFetch(tracker, 'api_call', own), true)`,
};

const REFUSED = {
  'track, of a promise of a stream': `tracker.track('api_call', Promise.resolve(readable))`,
  'track, of an array': `tracker.track('api_call', ['chunk'])`,
  'track, for a reason that the tracker does not have': `tracker.track('upload', generator)`,
  'trackFetch, for a reason that the tracker does not have': `trackFetch(tracker, 'upload')`,
  'a loop over what run returns for a stream': `for await (const _ of tracker.run('api_call', () => generator));`,
};

const snippets = [RUN, TRACK, REFUSED].flatMap((group) => Object.values(group));
const streams = Object.values(STREAMS).map((work) => `tracker.run('api_call', ${work})`);
const errors = new Map<string, readonly string[]>();
const deprecated = new Set<string>();

/** Compiles each snippet in a block of its own, all in one program. */
function compile(): void {
  const all = [...snippets, ...streams.map((call) => `is<UseTrackInstead>()(${call}, true)`)];
  const lines = all.map(
    (snippet) => `export const _${all.indexOf(snippet)} = async () => { ${snippet.replaceAll('\n', ' ')} };`,
  );
  const text = `${PRELUDE}${lines.join('\n')}\n`;
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
      types: ['node'],
      strict: true,
      experimentalDecorators: true,
      skipLibCheck: true,
      noEmit: true,
    }),
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const source = name === FILE ? text : ts.sys.readFile(name);
      return source === undefined ? undefined : ts.ScriptSnapshot.fromString(source);
    },
    getCurrentDirectory: () => fileURLToPath(new URL('../../', import.meta.url)),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === FILE || ts.sys.fileExists(name),
    readFile: (name) => ts.sys.readFile(name),
    directoryExists: (name) => ts.sys.directoryExists(name),
    getDirectories: (name) => ts.sys.getDirectories(name),
  });
  const first = PRELUDE.split('\n').length - 1;
  const indexOf = (position: number): number => text.slice(0, position).split('\n').length - 1 - first;
  for (const { start, messageText } of service.getSemanticDiagnostics(FILE)) {
    const snippet = all[indexOf(start ?? 0)] ?? 'the prelude';
    errors.set(snippet, [...(errors.get(snippet) ?? []), ts.flattenDiagnosticMessageText(messageText, ' ')]);
  }
  for (const { start, reportsDeprecated } of service.getSuggestionDiagnostics(FILE)) {
    if (reportsDeprecated) deprecated.add(all[indexOf(start)] ?? 'the prelude');
  }
}

compile();

describe('the types of a tracker', () => {
  it.each(Object.entries(RUN))('let run give %s, and deprecate nothing', (_what, snippet) => {
    expect(errors.get(snippet)).toBeUndefined();
    expect(deprecated.has(snippet)).toBe(false);
  });

  it.each(Object.entries(STREAMS))('deprecate run with work that gives %s', (_what, work) => {
    const snippet = `is<UseTrackInstead>()(tracker.run('api_call', ${work}), true)`;
    expect(errors.get(snippet)).toBeUndefined();
    expect(deprecated.has(snippet)).toBe(true);
  });

  it.each(Object.entries(TRACK))('give for %s the same kind', (_what, snippet) => {
    expect(errors.get(snippet)).toBeUndefined();
  });

  it.each(Object.entries(REFUSED))('refuse %s', (_what, snippet) => {
    expect(errors.get(snippet)).toHaveLength(1);
  });

  it('have no other errors', () => {
    expect(errors.get('the prelude')).toBeUndefined();
  });
});
