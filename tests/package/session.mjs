import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { createSessionContainer, registerSessionActivity, SessionActivityTracker } from 'session-activity-tracker';
import { SessionActivityHub } from 'session-activity-tracker/hub';
import { container } from 'tsyringe';

/**
 * A session from the container, on real timers: one keep-alive goes out, and the gate withholds one.
 *
 * @throws when anything else happens.
 */
export async function runSession() {
  let heartbeats = 0;
  let onHeartbeat = () => {};
  subscribe('session-activity-tracker', ({ event }) => {
    if (event !== 'session_keepalive_heartbeat') return;
    heartbeats++;
    onHeartbeat();
  });
  const nextHeartbeat = () => new Promise((resolve) => (onHeartbeat = resolve));
  // The tracker's timers do not keep the process alive.
  const keepAlive = setInterval(() => {}, 1000);

  let isOpen = true;
  registerSessionActivity(container, { gate: { isOpen: () => isOpen }, options: { intervalMs: 20 } });
  const session = createSessionContainer(container);
  const tracker = session.resolve(SessionActivityTracker);
  const hub = new SessionActivityHub();
  hub.add('session', tracker);

  let received = 0;
  tracker.registerCallback(() => void received++);
  const activity = tracker.start('tool_exec');
  await nextHeartbeat();
  isOpen = false;
  await nextHeartbeat();
  activity.stop();
  const { sent, withheld } = hub.totals().keepalives;
  await session.dispose();

  clearInterval(keepAlive);
  assert.deepEqual({ heartbeats, received, sent, withheld }, { heartbeats: 2, received: 1, sent: 1, withheld: 1 });
  assert.ok(tracker instanceof SessionActivityTracker);
}
