import { describe, expect, it } from '@jest/globals';
import { idleEventName } from '../../src/tracker/events.js';
import { resolveOptions } from '../../src/tracker/options.js';
import { eventsOf, membersOf } from './public-types.js';
import { codeIn, tableUnder } from './readme.js';

const defaults = resolveOptions({});

/** Without the parentheses of a call and what is in them. */
function bareName(code: string): string {
  return code.replace(/\(.*$/, '');
}

describe('the README', () => {
  describe('under "Options"', () => {
    const named = tableUnder('Options').flatMap(([option]) => codeIn(option));

    it('has a row for each option of a tracker, and no other', () => {
      expect(named.toSorted()).toEqual(Object.keys(defaults).toSorted());
    });

    it('names only what a tracker accepts', () => {
      expect(resolveOptions(Object.fromEntries(named.map((name) => [name, undefined])))).toEqual(defaults);
    });
  });

  describe('under "Members"', () => {
    it('names each public member of a tracker, and no other', () => {
      const named = tableUnder('Members').flatMap(([member]) => codeIn(member).map(bareName));
      expect(named.toSorted()).toEqual(membersOf('SessionActivityTracker').toSorted());
    });
  });

  describe('under "Events"', () => {
    it('has a row for each event with its level and the names of its data, and no other', () => {
      const rows = tableUnder('Events').map(([level, name, data]) => ({
        level,
        name: codeIn(name)[0],
        fields: codeIn(data).flatMap((fields) => fields.match(/\w+/g) ?? []),
      }));
      const declared = eventsOf('SessionActivityEvent').map(({ level, name, fields }) => ({
        level,
        // Only the idle event's name varies: it carries a time.
        name: name ?? idleEventName(defaults.idleAfterMs),
        fields,
      }));
      expect(rows).toHaveLength(declared.length);
      expect(rows).toEqual(expect.arrayContaining(declared));
    });
  });
});
