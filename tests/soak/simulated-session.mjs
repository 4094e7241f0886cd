import { SessionActivityTracker } from 'session-activity-tracker';
import { ManualClock } from 'session-activity-tracker/testing';
import { createSender } from './senders.mjs';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const REASONS = ['api_call', 'tool_exec'];
/** So that what a session keeps has a bound. */
const MOST_HANDLES = 6;

/**
 * One place for sessions, one after the other, with a clock of its own. Knows what each should count: every start adds
 * one to its reason, every stop that matches takes one away.
 */
export class SimulatedSession {
  #clock = new ManualClock();
  #random;
  #registry;
  #findings;
  #totals;
  /** Half of the sessions last all year, so that what a tracker piles up is seen as well as what one leaves behind. */
  #isLasting;
  #tracker;
  #running;
  #handles = [];
  #connection;
  #lateUnregisters = [];
  #isGateOpen = true;
  #beats = 0;
  #signals = 0;
  #calls = { made: 0 };

  constructor(random, registry, findings, totals) {
    this.#random = random;
    this.#registry = registry;
    this.#findings = findings;
    this.#totals = totals;
    this.#isLasting = random.below(2) === 0;
    this.#begin();
  }

  get nowMs() {
    return this.#clock.now();
  }

  /** Does one random thing, and lets a random time pass. */
  step() {
    this.#act(this.#random.below(100));
    this.#totals.actions++;
    this.#check();
    if (this.#random.below(500) === 0) this.#clock.stall(this.#random.waiting(5 * MINUTE_MS));
    const isBusy = this.#running.api_call + this.#running.tool_exec > 0;
    this.#clock.advance(this.#random.waiting(isBusy ? MINUTE_MS : 3 * HOUR_MS));
  }

  /** Disposes the tracker: no timer and nothing in the registry may be left of it. */
  end() {
    const { keepalives, lateHeartbeats } = this.#tracker.snapshot();
    const accounted = this.#calls.made + keepalives.skipped + keepalives.withheld;
    this.#findings.check(
      accounted === this.#beats + this.#signals,
      () => `${this.#beats} beats and ${this.#signals} signals, but ${accounted} keep-alives accounted for`,
    );
    for (const outcome of Object.keys(keepalives)) this.#totals[outcome] += keepalives[outcome];
    this.#totals.late += lateHeartbeats;
    this.#totals.sessions++;
    this.#tracker.dispose();
    const { pendingTimers } = this.#clock;
    this.#findings.check(pendingTimers === 0, () => `${pendingTimers} timers pending after dispose`);
    for (const handle of this.#handles) handle.stop();
    for (const registration of this.#lateUnregisters) registration.unregister();
    this.#findings.check(this.#tracker.snapshot().refcount === 0, () => 'something runs after dispose');
  }

  #begin() {
    const options = {
      cadence: this.#random.below(2) === 0 ? 'restart' : 'steady',
      jitter: this.#random.below(2) / 2,
      ...(this.#random.below(3) === 0 && { maxActivityMs: 10 * MINUTE_MS }),
    };
    const diagnostics = { log: (level, event) => this.#onEvent(event) };
    const gate = { isOpen: () => this.#askGate() };
    this.#tracker = new SessionActivityTracker(this.#clock, diagnostics, gate, this.#registry, options);
    this.#running = { api_call: 0, tool_exec: 0 };
    this.#handles = [];
    this.#lateUnregisters = [];
    this.#beats = this.#signals = 0;
    this.#calls = { made: 0 };
    this.#connect();
  }

  #act(dice) {
    const reason = REASONS[this.#random.below(2)];
    if (dice < 30) this.#start(reason);
    else if (dice < 60) this.#stopHandle();
    else if (dice < 68) this.#stop(reason);
    else if (dice < 74) this.#connect();
    else if (dice < 76) this.#disconnect();
    else if (dice < 81) this.#lateUnregisters.shift()?.unregister();
    else if (dice < 86) this.#signal();
    else if (dice < 89) this.#isGateOpen = this.#random.below(4) > 0;
    else if (dice < 98) this.#stopAll();
    else if (!this.#isLasting && this.#random.below(3) === 0) {
      this.end();
      this.#begin();
    }
  }

  #start(reason) {
    this.#handles.push(this.#tracker.start(reason));
    this.#running[reason]++;
    if (this.#handles.length > MOST_HANDLES) this.#stopHandle();
  }

  #stopHandle() {
    const [handle] = this.#handles.splice(this.#random.below(this.#handles.length), 1);
    if (!handle) return;
    handle.stop();
    this.#noteStop(handle.reason);
    // A second stop is to change nothing.
    if (this.#random.below(4) === 0) handle.stop();
  }

  #stop(reason) {
    this.#tracker.stop(reason);
    this.#noteStop(reason);
  }

  #noteStop(reason) {
    if (this.#running[reason] > 0) this.#running[reason]--;
    else this.#totals.unmatched++;
  }

  #stopAll() {
    while (this.#handles.length > 0) this.#stopHandle();
    for (const reason of REASONS) while (this.#running[reason] > 0) this.#stop(reason);
  }

  /** A new transport takes over; the old one unregisters some time later, or never. */
  #connect() {
    if (this.#connection) this.#lateUnregisters.push(this.#connection);
    if (this.#lateUnregisters.length > MOST_HANDLES) this.#lateUnregisters.shift();
    this.#connection = this.#tracker.registerCallback(createSender(this.#random, this.#calls));
    this.#totals.reconnects++;
  }

  #disconnect() {
    if (this.#random.below(2) === 0) this.#tracker.unregisterCallback();
    else this.#connection?.unregister();
    this.#connection = undefined;
    this.#findings.check(this.#clock.pendingTimers === 0, () => 'a timer is pending without a sender');
  }

  #signal() {
    if (this.#tracker.isTrackingActive) this.#signals++;
    this.#tracker.sendSignal();
  }

  #askGate() {
    if (this.#random.below(50) === 0) throw new Error('The gate is out of order');
    return this.#isGateOpen;
  }

  #onEvent(event) {
    this.#totals.events++;
    if (event === 'session_keepalive_heartbeat') this.#beats++;
    if (event === 'session_activity_unmatched_stop') this.#totals.unmatchedEvents++;
    if (this.#random.below(50) === 0) throw new Error('The disk is full');
  }

  #check() {
    const { refcount, active, tracking } = this.#tracker.snapshot();
    const { api_call, tool_exec } = this.#running;
    const sum = Object.values(active).reduce((total, count) => total + count, 0);
    this.#findings.check(refcount === sum, () => `refcount ${refcount}, but the counts sum to ${sum}`);
    this.#findings.check(
      (active.api_call ?? 0) === api_call && (active.tool_exec ?? 0) === tool_exec,
      () => `${JSON.stringify(active)} run, expected ${JSON.stringify(this.#running)}`,
    );
    this.#findings.check(tracking === (this.#connection !== undefined), () => `tracking is ${tracking}`);
    const { pendingTimers } = this.#clock;
    this.#findings.check(pendingTimers <= 1, () => `${pendingTimers} timers pending for one tracker`);
  }
}
