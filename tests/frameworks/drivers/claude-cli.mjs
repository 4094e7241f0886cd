// Stands for the program that the Claude Agent SDK starts, and plays a turn as the real one was seen to: a tool that
// succeeds, one that fails, one that waits for a permission and is denied, and one that is interrupted.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const write = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const session = { session_id: 's', uuid: '00000000-0000-4000-8000-000000000000' };

async function read(type) {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) process.exit(0);
    const message = JSON.parse(value);
    if (message.type === type) return message;
  }
}

function setState(state) {
  write({ type: 'system', subtype: 'session_state_changed', state, ...session });
}

const { request_id, request } = await read('control_request');
write({ type: 'control_response', response: { subtype: 'success', request_id, response: { commands: [] } } });
await read('user');

async function callHook(event, id) {
  for (const callback_id of request.hooks[event][0].hookCallbackIds) {
    const input = { hook_event_name: event, tool_name: 'Bash', tool_input: {}, tool_use_id: id, ...session };
    write({
      type: 'control_request',
      request_id: `${event}-${id}`,
      request: { subtype: 'hook_callback', callback_id, input, tool_use_id: id },
    });
    await read('control_response');
  }
}

if (process.env.CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS !== '1') throw new Error('Nobody asked for the state.');
setState('running');
await callHook('PreToolUse', 'succeeds');
await callHook('PostToolUse', 'succeeds');
await callHook('PreToolUse', 'fails');
await callHook('PostToolUseFailure', 'fails');
await callHook('PreToolUse', 'denied');
setState('requires_action');
setState('running');
await callHook('PreToolUse', 'interrupted');
setState('idle');
write({ type: 'result', subtype: 'success', is_error: false, result: '', ...session });
