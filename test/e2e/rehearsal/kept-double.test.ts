import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import type { CliProcess } from '../../world/cli-workspace.ts';
import { createSandboxWorld, type SandboxWorld } from '../../world/sandbox-world.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

async function createWorld(): Promise<SandboxWorld & { readonly temporary: string }> {
  const temporary = mkdtempSync(join(tmpdir(), 'scimsync-e2e-'));
  const company = { header: 'id,userName', mapping: {} };
  const world = await createSandboxWorld(company, {}, [], { TMPDIR: temporary });
  world.people('1,ada@x.example');
  world.configure();
  world.sandbox.seed({
    users: [{ id: 'a1', userName: 'ada@x.example', password: 'their-password' }],
    groups: [{ id: 'g1', displayName: 'Admins', members: [{ value: 'a1' }] }],
  });
  return Object.assign(world, {
    temporary,
    async [Symbol.asyncDispose]() {
      await world.cli[Symbol.asyncDispose]();
      await world.sandbox.close();
      rmSync(temporary, { recursive: true });
    },
  });
}

/** The address and the token that a command prints once the double is served. */
async function servedBy(command: CliProcess): Promise<{ readonly url: string; readonly token: string }> {
  const found = (): RegExpExecArray | null =>
    /url {4}(http:\/\/127\.0\.0\.1:\d+\/scim\/v2)\ntoken {2}(\w+)\npage {3}/.exec(command.output().stdout);
  await waitUntil('the double', () => found() !== null || command.child.exitCode !== null);
  const [, url = '', token = ''] = found() ?? [];
  return { url, token };
}

const get = async (url: string, token: string): Promise<{ readonly status: number; readonly text: string }> => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, text: await response.text() };
};

test('a kept double shows its accounts to the holder of its own token only, until a signal', async () => {
  await using world = await createWorld();
  const command = world.cli.start('rehearse', '--keep');
  const { url, token } = await servedBy(command);
  const origin = new URL(url).origin;
  expect(token).not.toBe(world.token);

  const user = await get(`${url}/Users/a1`, token);
  expect(JSON.parse(user.text)).toMatchObject({ id: 'a1', userName: 'ada@x.example', externalId: '1' });
  expect(user.text).not.toContain('their-password');
  for (const path of ['/scim/v2/Users', '/', '/_sandbox/state', '/_sandbox/log'])
    expect((await get(origin + path, world.token)).status).toBe(401);
  const log = await get(`${origin}/_sandbox/log`, token);
  expect(log.text).toContain('/Users/a1');
  expect(log.text).not.toContain('ada@x.example');
  expect((await get(`${origin}/?token=${token}`, '')).text).toContain('This is a copy of the accounts of app.');
  expect(readdirSync(world.temporary)).toHaveLength(1);

  command.child.kill('SIGINT');
  expect((await command.exited).code).toBe(0);
  expect(readdirSync(world.temporary)).toEqual([]);
});

test('sandbox --from serves a copy, and needs no state of its own', async () => {
  await using world = await createWorld();
  const command = world.cli.start('sandbox', '--from', 'app', '--port', '0', '--token', 'mine');
  const { url, token } = await servedBy(command);
  expect(token).toBe('mine');
  expect(command.output().stdout).toContain('app: copied 1 user, 1 group and 1 membership');
  expect(readdirSync(world.temporary)).toEqual([]);
  expect(JSON.parse((await get(`${url}/Groups/g1`, 'mine')).text)).toMatchObject({
    displayName: 'Admins',
    members: [{ value: 'a1', type: 'User', $ref: `${url}/Users/a1` }],
  });
  expect(world.sandbox.log.every(({ method }) => method === 'GET')).toBe(true);
  command.child.kill('SIGTERM');
  expect((await command.exited).code).toBe(0);
});

test.each([
  [['--from', 'ap'], 4, 'unknown target: ap'],
  [['--from', 'app', '--profile', 'generic'], 4, "'--from <target>' cannot be used with option '--profile <name>'"],
  [['--from', 'app', '--misbehave', '999'], 4, 'commandLine.unknownMisbehaviour'],
])('sandbox %j is refused', async (args, code, part) => {
  await using world = await createWorld();
  const run = await world.cli.run('sandbox', '--port', '0', ...args);
  expect(run.code).toBe(code);
  expect(run.stderr).toContain(part);
});
