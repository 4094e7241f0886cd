import type { Clock } from '../ports/clock.js';
import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import type { ActivityLedger } from './activity-ledger.js';
import { Alarm } from './alarm.js';
import { type EventLog, idleEventName } from './events.js';
import { type Keepalive, KeepaliveSender, type RegisteredSender } from './keepalive-sender.js';
import type { ResolvedOptions } from './options.js';
import { Pulse } from './pulse.js';
import { quietly } from './thenable.js';

/**
 * Has a keep-alive sent at each beat of the pulse, while there is a sender and the gate is open.
 *
 * The alarm rings no later than the earliest deadline of the pulse and of the sender. When it rings, the sender's comes
 * first, so that a send that is given up never blocks the beat of the same moment.
 */
export class Heartbeat<Reason extends string> {
  readonly #clock: Clock;
  readonly #gate: KeepaliveGate;
  readonly #events: EventLog;
  readonly #ledger: ActivityLedger<Reason>;
  readonly #options: ResolvedOptions;
  readonly #pulse: Pulse;
  readonly #alarm: Alarm;
  readonly sender: KeepaliveSender<Reason>;
  #lateBeats = 0;

  constructor(
    clock: Clock,
    gate: KeepaliveGate,
    events: EventLog,
    ledger: ActivityLedger<Reason>,
    options: ResolvedOptions,
  ) {
    this.#clock = clock;
    this.#gate = gate;
    this.#events = events;
    this.#ledger = ledger;
    this.#options = options;
    this.#pulse = new Pulse(options);
    this.sender = new KeepaliveSender(events, options.sendTimeoutMs);
    this.#alarm = new Alarm(clock, () => {
      this.#onAlarm();
    });
  }

  /** How many beats came late by a tenth of the interval or more. */
  get lateBeats(): number {
    return this.#lateBeats;
  }

  /** The time until the next beat, or `null` when none is to come. */
  nextInMs(nowMs: number): number | null {
    return this.#pulse.isBeating ? Math.max(0, this.#pulse.dueAtMs - nowMs) : null;
  }

  /** Work runs: beats, if there is a sender and it does not beat already. */
  start(nowMs: number): void {
    if (this.sender.current !== undefined) this.#beat(nowMs);
  }

  /** Nothing runs any more: waits for the idle event, if it was beating. */
  pause(): void {
    if (!this.#pulse.isBeating) return;
    this.#pulse.pause(this.#clock.now());
    this.#alarm.ringBy(this.#pulse.dueAtMs);
  }

  /** Makes `sender` the current one. */
  register(sender: RegisteredSender<Reason>): void {
    if (this.#ledger.refcount > 0) this.#beat(this.#clock.now());
    this.sender.replace(sender);
  }

  /** Leaves no sender: no beat, no idle event, no pending timer. */
  unregister(): void {
    this.#pulse.halt();
    this.#alarm.silence();
    this.sender.replace(undefined);
  }

  /** Sends one keep-alive now, if there is a sender and the gate is open. */
  send(trigger: Keepalive['trigger'], nowMs: number): void {
    if (this.sender.current === undefined) return;
    if (quietly(() => this.#gate.isOpen()) !== true) {
      this.sender.withhold();
      return;
    }
    if (trigger === 'heartbeat' && !this.#pulse.isBeating) return; // The gate called back.
    this.sender.send(trigger, this.#ledger.refcount, this.#ledger.counts(), nowMs);
    this.#alarm.ringBy(this.sender.deadlineMs);
  }

  #beat(nowMs: number): void {
    this.#pulse.start(nowMs);
    this.#alarm.ringBy(this.#pulse.dueAtMs);
  }

  #onAlarm(): void {
    const nowMs = this.#clock.now();
    this.sender.expire(nowMs);
    const lateMs = this.#pulse.takeBeat(nowMs);
    if (lateMs !== undefined) this.#onBeat(lateMs, nowMs);
    else if (this.#pulse.takeIdle(nowMs)) this.#events.log('info', idleEventName(this.#options.idleAfterMs));
    this.#alarm.ringBy(Math.min(this.#pulse.dueAtMs, this.sender.deadlineMs));
  }

  #onBeat(lateMs: number, nowMs: number): void {
    const { intervalMs, maxActivityMs } = this.#options;
    if (lateMs >= intervalMs / 10) {
      this.#lateBeats++;
      this.#events.log('warn', 'session_keepalive_late', { late_ms: Math.floor(lateMs) });
    }
    this.#events.log('debug', 'session_keepalive_heartbeat', { refcount: this.#ledger.refcount });
    for (const { reason, heldMs } of this.#ledger.takeNewlyOverdue(nowMs, maxActivityMs)) {
      this.#events.log('warn', 'session_activity_overdue', { reason, held_ms: Math.floor(heldMs) });
    }
    if (!this.#pulse.isBeating) return; // The logger called back.
    if (this.#ledger.countOverdue(nowMs, maxActivityMs) === this.#ledger.refcount) this.sender.withhold();
    else this.send('heartbeat', nowMs);
  }
}
