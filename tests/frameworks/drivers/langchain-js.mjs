import { FakeListChatModel } from '@langchain/core/utils/testing';
import { tool } from '@langchain/core/tools';
import { createTestTracker } from 'session-activity-tracker/testing';
import { report } from './host.mjs';
import { ActivityCallbacks } from './pages/langchain-js.js';

const { tracker, clock } = createTestTracker({ maxSilenceMs: 60_000 });
const callbacks = [new ActivityCallbacks(tracker)];
const now = () => ({ ...tracker.snapshot().active });
const facts = {};

class Model extends FakeListChatModel {
  async _generate(...args) {
    facts.duringInvoke = now();
    return super._generate(...args);
  }
}

const model = new Model({ responses: ['forty-two'] });
await model.invoke('why?', { callbacks });
facts.afterInvoke = now();

class FailingModel extends FakeListChatModel {
  async _generate() {
    facts.duringFailure = now();
    throw new Error('overloaded');
  }
}
await new FailingModel({ responses: [''], maxRetries: 0 }).invoke('why?', { callbacks }).catch(() => undefined);
facts.afterFailure = now();

const look = tool(() => (facts.duringTool = now()) && 'done', { name: 'look', description: 'Looks.', schema: {} });
await look.invoke({}, { callbacks });
facts.afterTool = now();
const drop = tool(
  () => {
    facts.duringToolError = now();
    throw new Error('dropped');
  },
  { name: 'drop', description: 'Fails.', schema: {} },
);
await drop.invoke({}, { callbacks }).catch(() => undefined);
facts.afterToolError = now();

const read = await model.stream('why?', { callbacks });
await read.next();
facts.duringStream = now();
while (!(await read.next()).done);
facts.afterStream = now();

const left = await model.stream('why?', { callbacks });
await left.next();
await left.next();
await left.return();
facts.leftEarly = now();
let sent = 0;
tracker.registerCallback(() => sent++);
clock.advance(300_000);
facts.keepalivesForTheLeft = sent;
tracker.dispose();
report(facts);
