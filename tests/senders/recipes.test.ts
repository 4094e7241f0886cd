import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { SessionActivityTracker } from '../../src/index.js';
import type { Lease } from '../../src/senders/index.js';
import { createTestTracker, type TestTracker } from '../../src/testing/index.js';
import { createProject } from '../support/project.js';
import { until } from '../support/until.js';
import { closeAfterwards, startHttpServer } from './peers.js';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

type Recipe<Args extends unknown[]> = (tracker: SessionActivityTracker<string>, ...args: Args) => Lease | undefined;

const ROOT = new URL('../../', import.meta.url);

/** A function that docs/platforms.md defines under that heading, as it is written there. */
async function recipe<Args extends unknown[]>(heading: string, name: string): Promise<Recipe<Args>> {
  const page = await readFile(new URL('docs/platforms.md', ROOT), 'utf8');
  const section = page.split(/^#+ /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const code = /```ts\n(.*?)```/s.exec(section)?.[1] ?? '';
  const directory = createProject([]);
  closeAfterwards(() => rm(directory, { recursive: true }));
  const file = join(directory, 'recipe.ts');
  await writeFile(file, code.replace(`'session-activity-tracker/senders'`, `'${ROOT.pathname}src/senders/index.ts'`));
  const module = (await import(file)) as Record<string, Recipe<Args>>;
  const found = module[name];
  if (found === undefined) throw new Error(`docs/platforms.md has no ${name} under "${heading}"`);
  return found;
}

/** A server that stands in for a platform, and what it received. */
async function platform(answer: (response: ServerResponse, request: Received) => void): Promise<{
  url: string;
  received: Received[];
}> {
  const received: Received[] = [];
  const { url } = await startHttpServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    void once(request, 'end').then(() => {
      const { method = '', url: path = '', headers } = request;
      const each = { method, path, headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
      received.push(each);
      answer(response, each);
    });
  });
  return { url, received };
}

function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Works through two beats of a session that uses the recipe, and stops. The session becomes idle 30 seconds later. */
function steadyTracker(): TestTracker<string> & { workThroughTwoBeats: () => Promise<void> } {
  const test = createTestTracker<string>({ cadence: 'steady' });
  const { tracker, clock } = test;
  closeAfterwards(() => {
    tracker.dispose();
    return Promise.resolve();
  });
  const settled = (): number => {
    const { sent, failed, unsent } = tracker.snapshot().keepalives;
    return sent + failed + unsent;
  };
  const workThroughTwoBeats = async (): Promise<void> => {
    const activity = tracker.start('tool_exec');
    for (const [beats, ms] of [0, 30_000].entries()) {
      clock.advance(ms);
      await until(() => settled() === beats + 1);
    }
    activity.stop();
  };
  return { ...test, workThroughTwoBeats };
}

describe('the recipes of docs/platforms.md', () => {
  describe('AWS ECS task protection', () => {
    it('protects the task while it works, by PUT, and ends the protection when it is idle', async () => {
      const { url, received } = await platform((response, { body }) => {
        const { ProtectionEnabled } = body as { ProtectionEnabled: boolean };
        answerJson(response, { protection: { ProtectionEnabled, TaskArn: 'arn:aws:ecs:task/1' } });
      });
      const protect = await recipe<[string]>('AWS ECS task protection', 'protectEcsTask');
      const { tracker, clock, workThroughTwoBeats } = steadyTracker();
      const lease = protect(tracker, url);
      await workThroughTwoBeats();
      clock.advance(30_000);
      await lease?.release();
      const enabled = { ProtectionEnabled: true, ExpiresInMinutes: 2 };
      expect(received.map(({ body }) => body)).toEqual([enabled, enabled, { ProtectionEnabled: false }]);
      for (const { method, path } of received) {
        expect([method, path]).toEqual(['PUT', '/task-protection/v1/state']);
      }
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 2, failed: 0 });
    });

    it('counts a refusal in a 200 as a failure', async () => {
      const { url } = await platform((response) => {
        answerJson(response, { failure: { Arn: 'arn:aws:ecs:task/1', Detail: null, Reason: 'TASK_NOT_VALID' } });
      });
      const protect = await recipe<[string]>('AWS ECS task protection', 'protectEcsTask');
      const { tracker, diagnostics, workThroughTwoBeats } = steadyTracker();
      protect(tracker, url);
      await workThroughTwoBeats();
      expect(diagnostics.events).toContainEqual({
        level: 'warn',
        event: 'session_keepalive_failed',
        data: { outcome: 'error', error_code: 'REFUSED' },
      });
    });
  });

  describe('Kubernetes cluster-autoscaler', () => {
    it('annotates the pod by a merge patch with the present token, and removes the annotation', async () => {
      const annotations: Record<string, string> = { own: 'kept' };
      const { url, received } = await platform((response, { body }) => {
        const patch = (body as { metadata: { annotations: Record<string, string | null> } }).metadata.annotations;
        for (const [name, value] of Object.entries(patch)) {
          if (value === null) Reflect.deleteProperty(annotations, name);
          else annotations[name] = value;
        }
        answerJson(response, { kind: 'Pod', metadata: { annotations } });
      });
      const directory = await mkdtemp(join(tmpdir(), 'session-activity-tracker-'));
      closeAfterwards(() => rm(directory, { recursive: true }));
      const tokenFile = join(directory, 'token');
      await writeFile(tokenFile, 'first');
      const keepPod = await recipe<[Record<string, string>]>('Kubernetes cluster-autoscaler', 'keepPod');
      const { tracker, clock, workThroughTwoBeats } = steadyTracker();
      const lease = keepPod(tracker, { namespace: 'agents', pod: 'agent-1', api: url, tokenFile });
      await workThroughTwoBeats();
      expect(annotations).toEqual({ own: 'kept', 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' });
      await writeFile(tokenFile, 'second');
      clock.advance(30_000);
      await lease?.release();
      expect(annotations).toEqual({ own: 'kept' });
      expect(received.map(({ headers }) => headers['authorization'])).toEqual([
        'Bearer first',
        'Bearer first',
        'Bearer second',
      ]);
      for (const { method, path, headers } of received) {
        expect([method, path]).toEqual(['PATCH', '/api/v1/namespaces/agents/pods/agent-1']);
        expect(headers['content-type']).toBe('application/merge-patch+json');
      }
    });
  });

  describe('deadlines that run out', () => {
    const isAhead = (date: unknown, ms: number): boolean => Date.parse(String(date)) >= Date.now() + ms;
    const isNow = (date: unknown): boolean => isAhead(date, -10_000) && !isAhead(date, 10_000);

    /** What the platform's documentation says, and what of the body it accepts. */
    const PLATFORMS: {
      heading: string;
      name: string;
      args: (url: string) => unknown;
      request: string;
      headers: Record<string, string>;
      accepts: (body: Record<string, unknown> | undefined) => boolean;
      status: number;
    }[] = [
      {
        heading: 'E2B',
        name: 'keepE2bSandbox',
        args: (api) => ({ sandboxId: 'i-1', apiKey: 'key', api }),
        request: 'POST /sandboxes/i-1/timeout',
        headers: { 'x-api-key': 'key', 'content-type': 'application/json' },
        accepts: (body) => body?.['timeout'] === 90,
        status: 204,
      },
      {
        heading: 'Vercel Sandbox',
        name: 'keepVercelSandbox',
        args: (api) => ({ sessionId: 's-1', token: 'key', api }),
        request: 'POST /v2/sandboxes/sessions/s-1/extend-timeout',
        headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
        accepts: (body) => Number(body?.['duration']) >= 1_000,
        status: 200,
      },
      {
        heading: 'Daytona',
        name: 'keepDaytonaSandbox',
        args: (api) => ({ sandboxId: 'i-1', apiKey: 'key', api }),
        request: 'POST /sandbox/i-1/last-activity',
        headers: { authorization: 'Bearer key' },
        accepts: (body) => body === undefined,
        status: 201,
      },
      {
        heading: 'Coder',
        name: 'keepCoderWorkspace',
        args: (url) => ({ url, workspaceId: 'w-1', token: 'key' }),
        request: 'PUT /api/v2/workspaces/w-1/extend',
        headers: { 'coder-session-token': 'key', 'content-type': 'application/json' },
        accepts: (body) => isAhead(body?.['deadline'], 30 * 60_000),
        status: 200,
      },
      {
        heading: 'JupyterHub',
        name: 'keepNotebook',
        args: (url) => ({ apiUrl: `${url}/hub/api`, user: 'ada@example.com', token: 'key' }),
        request: 'POST /hub/api/users/ada%40example.com/activity',
        headers: { authorization: 'token key', 'content-type': 'application/json' },
        accepts: (body) => {
          const servers = body?.['servers'] as Record<string, { last_activity: string }>;
          return isNow(body?.['last_activity']) && isNow(servers['']?.last_activity);
        },
        status: 200,
      },
    ];

    it.each(PLATFORMS)('$heading moves it when work begins and at each beat', async (each) => {
      const { url, received } = await platform((response, { body }) => {
        const isAccepted = each.accepts(body as Record<string, unknown> | undefined);
        response.writeHead(isAccepted ? each.status : 400).end();
      });
      const keep = await recipe<[unknown]>(each.heading, each.name);
      const { tracker, workThroughTwoBeats } = steadyTracker();
      keep(tracker, each.args(url));
      await workThroughTwoBeats();
      expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([each.request, each.request]);
      for (const { headers } of received) expect(headers).toMatchObject(each.headers);
      expect(tracker.snapshot().keepalives).toMatchObject({ sent: 2, failed: 0 });
    });
  });
});
