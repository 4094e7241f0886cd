// An agent on the SDK of Amazon Bedrock AgentCore, polled while it works. Prints the answers as JSON.
import { BedrockAgentCoreApp } from 'bedrock-agentcore/runtime';
import { agentCorePing } from 'session-activity-tracker/hub';
import { createTestTracker } from 'session-activity-tracker/testing';

let wallMs = 1_700_000_000_000;
Date.now = () => wallMs;

const { tracker, clock } = createTestTracker({ maxActivityMs: 60_000 });
const ping = agentCorePing(tracker);

const origin = new Promise((resolve) => {
  const stream = { write: (line) => resolve(/listening at (http:[^"]+)/.exec(line)?.[1]) };
  new BedrockAgentCoreApp({
    invocationHandler: {
      process: () => {
        tracker.start('tool_exec');
        return 'started';
      },
    },
    pingHandler: () => ping().status,
    config: { logging: { options: { stream } } },
  }).run({ port: 0, host: '127.0.0.1' });
});

const answers = [];
async function poll() {
  const response = await fetch(`${await origin}/ping`);
  answers.push({ sdk: await response.json(), own: ping() });
  clock.advance(10_000);
  wallMs += 10_000;
}

async function invoke() {
  const response = await fetch(`${await origin}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-amzn-bedrock-agentcore-runtime-session-id': 's-1' },
    body: '{}',
  });
  answers.push(await response.text());
}

await poll();
await invoke();
await poll();
await poll();
tracker.stop('tool_exec');
await poll();
await invoke();
clock.advance(60_001);
await poll();
console.log(JSON.stringify(answers));
process.exit();
