import { fileURLToPath } from 'node:url';
import { createTestTracker } from 'session-activity-tracker/testing';
import { report } from './host.mjs';
import { runAgent } from './pages/claude-agent-sdk.js';

const { tracker, diagnostics } = createTestTracker({ trace: true });
await runAgent(tracker, 'Look around.', {
  pathToClaudeCodeExecutable: fileURLToPath(new URL('claude-cli.mjs', import.meta.url)),
});
const events = diagnostics.events
  .filter(({ event }) => /_(started|stopped)$/.test(event))
  .map(({ event, data }) => `${event.replace('session_activity_', '')} ${data.reason}, now ${data.refcount}`);
report({ events, active: tracker.snapshot().active });
tracker.dispose();
