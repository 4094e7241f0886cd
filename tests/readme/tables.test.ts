import { describe, expect, it } from '@jest/globals';
import type { Meter } from '@opentelemetry/api';
import { SessionActivityHub } from '../../src/hub/index.js';
import * as library from '../../src/index.js';
import { instrumentSessionActivity } from '../../src/opentelemetry/index.js';
import { HELP } from '../../src/report/options.js';
import * as testingKit from '../../src/testing/index.js';
import { idleEventName } from '../../src/tracker/events.js';
import { resolveOptions } from '../../src/tracker/options.js';
import { codeIn, tableUnder } from './pages.js';
import { eventsOf, membersOf, stringsOf } from './public-types.js';

const defaults = resolveOptions({});

/** The code in the first cell of each row, without the parentheses of a call and what is in them. */
function namesIn(path: string, heading: string): readonly string[] {
  return tableUnder(path, heading).flatMap(([cell]) => codeIn(cell).map((code) => code.replace(/\(.*$/, '')));
}

function eventsUnder(heading: string): readonly object[] {
  return tableUnder('docs/events.md', heading).map(([level, name, data]) => ({
    level,
    name: codeIn(name)[0],
    fields: codeIn(data).flatMap((fields) => fields.match(/\w+/g) ?? []),
  }));
}

/** What is not for asking: adding a session, and iteration, which has no name. */
function questionsToHub(): readonly string[] {
  return membersOf('SessionActivityHub').filter((name) => !['add', '[Symbol.iterator]'].includes(name));
}

function doubles(): readonly string[] {
  return Object.keys(testingKit).filter((name) => name !== 'createTestTracker');
}

/** The names of the instruments that are created on a meter. */
function instruments(): readonly string[] {
  const names: string[] = [];
  const create = (name: string): void => void names.push(name);
  const meter = {
    createObservableUpDownCounter: create,
    createObservableGauge: create,
    createObservableCounter: create,
    addBatchObservableCallback: () => undefined,
    removeBatchObservableCallback: () => undefined,
  };
  instrumentSessionActivity(new SessionActivityHub(), meter as unknown as Meter);
  return names;
}

describe('the table of', () => {
  it.each([
    ['options', 'docs/options-and-cadences.md', 'Options', Object.keys(defaults)],
    ['members', 'docs/tracker.md', 'Members', membersOf('SessionActivityTracker')],
    ['the snapshot', 'docs/tracker.md', 'The snapshot', membersOf('SessionActivitySnapshot')],
    ['states', 'docs/tracker.md', 'States', stringsOf('SessionState').map((state) => `'${state}'`)],
    ['overrides in the README', 'README.md', 'Use it with tsyringe', membersOf('SessionActivityOverrides')],
    ['overrides', 'docs/containers.md', 'What you can pass', membersOf('SessionActivityOverrides')],
    ['questions to a hub', 'docs/many-sessions.md', 'Asking the hub', questionsToHub()],
    ['the status', 'docs/many-sessions.md', 'Status', membersOf('ActivityStatus')],
    ['options of httpKeepalive', 'docs/transports.md', 'HTTP', membersOf('HttpKeepaliveOptions')],
    ['doubles', 'docs/testing.md', 'With a manual clock', doubles()],
    ['instruments', 'docs/metrics.md', 'Metrics', instruments()],
  ])('%s has a row for each, and no other', (_, path, heading, declared) => {
    const named = namesIn(path, heading);
    expect(named.toSorted()).toEqual([...declared].toSorted());
  });

  it('overrides names the token of each', () => {
    const tokens = tableUnder('docs/containers.md', 'What you can pass').map(([, token]) => codeIn(token)[0] ?? '');
    expect(tokens.filter((token) => !(token in library))).toEqual([]);
  });

  it('options of the report has a row for each, and no other', () => {
    const options = (text: string): readonly string[] => text.match(/--[a-z]+/g) ?? [];
    const named = tableUnder('docs/why-was-my-session-killed.md', 'Options').flatMap(([cell]) => options(cell ?? ''));
    const offered = HELP.split('\n').flatMap((line) => options(/^ {2}--[a-z]+/.exec(line)?.[0] ?? ''));
    expect([...named, '--help'].toSorted()).toEqual(offered.toSorted());
  });

  it('ports names what the package exports', () => {
    const names = tableUnder('docs/tracker.md', 'Ports').flatMap(([, , adapters]) => codeIn(adapters));
    expect(names.filter((name) => !(name in library))).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
  });

  it('events has a row for each with its level and the names of its data, and no other', () => {
    const rows = [...eventsUnder('Events'), ...eventsUnder('With `trace`')];
    const declared = eventsOf('SessionActivityEvent').map(({ level, name, fields }) => ({
      level,
      // Only the idle event's name varies: it carries a time.
      name: name ?? idleEventName(defaults.idleAfterMs),
      fields,
    }));
    expect(rows).toHaveLength(declared.length);
    expect(rows).toEqual(expect.arrayContaining(declared));
  });

  it('events that are traced is apart from the others', () => {
    const traced = eventsOf('TraceEvent').map(({ name }) => name);
    const rows = tableUnder('docs/events.md', 'With `trace`').flatMap(([, name]) => codeIn(name));
    expect(rows.toSorted()).toEqual(traced.toSorted());
  });
});
