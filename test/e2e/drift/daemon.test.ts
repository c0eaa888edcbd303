import { expect, jest, test } from '@jest/globals';
import { createCompany } from '../../world/company.ts';
import { createFixture, expectExitCode, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

const activeOf = ({ server }: Fixture, key: string): unknown =>
  [...server.users.values()].find(({ data }) => data['externalId'] === key)?.data['active'];

test('the daemon closes the account of a reactivated leaver, and status, explain and history show it', async () => {
  await using fixture = await createFixture({
    target: { guard: unlimitedGuard, drift: { requestsPerHour: 36_000, policy: { 'name.givenName': 'report' } } },
  });
  const { cli, server } = fixture;
  const company = createCompany(7, 8);
  expectExitCode(await fixture.pass(company), 0);
  const [mover = ''] = company.people.keys();
  const leaver = [...company.people.keys()].at(-1) ?? '';
  const person = company.people.get(leaver);
  if (person !== undefined) person.active = false;
  expectExitCode(await fixture.pass(company), 0);
  for (const { data } of server.users.values()) {
    if (data['externalId'] === leaver) data['active'] = true;
    if (data['externalId'] === mover) data['name'] = { ...(data['name'] as object), givenName: 'Changed' };
  }

  const daemon = cli.start('daemon');
  await waitUntil('closed account', () => activeOf(fixture, leaver) === false);
  await waitUntil('reported change', () => daemon.output().stderr.includes('is \\"Changed\\"'));
  // The slice after the repair reads the account once more.
  await waitUntil('ended difference', async () =>
    (await cli.run('history', '--user', leaver)).stdout.includes('→ ended'),
  );
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);

  const status = await cli.run('status', '--json');
  expect(status.lines.find(({ type }) => type === 'target')).toMatchObject({
    drift: { counts: { changed: 1 }, running: null },
  });
  expect((await cli.run('status')).stdout).toContain('1 changed attribute; "scimsync drift --target app" lists them');
  expect((await cli.run('explain', mover)).stdout).toContain('name.givenName is "Changed"');
  const history = await cli.run('history', '--user', leaver, '--json');
  expect(history.lines.slice(-3)).toMatchObject([
    { type: 'action', action: 'driftFound', kind: 'reactivated' },
    { type: 'operation', action: 'deactivate', outcome: 'done' },
    { type: 'action', action: 'driftEnded' },
  ]);
});
