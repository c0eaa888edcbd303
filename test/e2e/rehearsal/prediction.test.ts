import { expect, jest, test } from '@jest/globals';
import { createCompany, hire, leave, peopleWithoutReports, rehire } from '../../world/company.ts';
import type { CliResult } from '../../world/cli-workspace.ts';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { configuration, expectExitCode, operationLines, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { startScimmy } from '../../world/third-party/scimmy.ts';

jest.setTimeout(60_000);

/** What a pass did, without the order and the ids, which the application chooses. */
const outcomes = (run: CliResult): readonly string[] =>
  operationLines(run)
    .map(({ action, resource, key, changes, outcome }) => JSON.stringify([action, resource, key, changes, outcome]))
    .sort();

test('a rehearsal does at the double what the next sync does at SCIMMY, a third-party server', async () => {
  await using scimmy = await startScimmy();
  await using cli = createCliWorkspace({ APP_TOKEN: scimmy.token });
  cli.configure(configuration([target(scimmy.url, { guard: unlimitedGuard, leavers: { groups: 'delete' } })]));
  const company = createCompany(107, 30, 4);
  const step = async (): Promise<number> => {
    cli.export(company);
    const before = (await scimmy.log()).length;
    const rehearsed = await cli.run('rehearse', '--json');
    expectExitCode(rehearsed, 0);
    expect((await scimmy.log()).slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(rehearsed.lines.filter(({ type }) => type === 'secondPass')).toMatchObject([{ silent: true }]);
    const synced = await cli.run('sync', '--json');
    expectExitCode(synced, 0);
    expect(outcomes(rehearsed)).toEqual(outcomes(synced));
    return outcomes(synced).length;
  };
  expect(await step()).toBeGreaterThan(34);

  const [one, two, mover, other] = peopleWithoutReports(company, 4);
  if (one === undefined || two === undefined || mover === undefined || other === undefined)
    throw new Error('too few people');
  const teams = [...company.teams.values()].filter(({ members }) => members.has(one.id)).map(({ id }) => id);
  leave(company, one.id);
  leave(company, two.id);
  for (let turn = 0; turn < 3; turn += 1) hire(company);
  Object.assign(mover, { title: 'Astronaut', familyName: 'Ünal "the" Great' });
  Object.assign(company.teams.get('t1') ?? {}, { displayName: 'Renamed' });
  company.teams.get('t2')?.members.add('t3');
  expect(await step()).toBeGreaterThan(8);

  rehire(company, one.id, teams);
  company.teams.delete('t4');
  other.manager = mover.id;
  expect(await step()).toBeGreaterThan(3);
});
