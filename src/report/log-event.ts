import type { IdleEventName, SessionActivityEvent } from '../tracker/events.js';

type NameOf<Event> = Event extends [unknown, infer Name, unknown?] ? Name : never;
type DataOf<Event> = Event extends [unknown, unknown, infer Data] ? Data : undefined;

/** The events' names, the idle event's without its threshold. */
export type EventName = Exclude<NameOf<SessionActivityEvent>, IdleEventName> | 'session_idle';

type DataByName = {
  readonly [
    Event in SessionActivityEvent as NameOf<Event> extends IdleEventName ? 'session_idle' : NameOf<Event>
  ]: DataOf<Event>;
};

/** One diagnostic event of a tracker, as read from a log. */
export type LogEvent = {
  readonly [Name in EventName]: {
    readonly name: Name;
    /** Epoch milliseconds. */
    readonly atMs: number;
    /** Which process wrote it: host and pid if the log has them, else the file. */
    readonly process: string;
    readonly data: DataByName[Name];
  };
}[EventName];

export type EventOf<Name extends EventName> = Extract<LogEvent, { name: Name }>;
