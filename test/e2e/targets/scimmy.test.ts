import { expect, jest, test } from '@jest/globals';
import { byId, createCompany, hire, leave, rehire, peopleWithoutReports } from '../../world/company.ts';
import { configuration, expectExitCode, target } from '../../world/fixture.ts';
import { startScimmy } from '../../world/third-party/scimmy.ts';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { expectedState } from '../../world/state.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

test('joiners, movers, leavers and a rehire at SCIMMY, a third-party server', async () => {
  await using scimmy = await startScimmy();
  await using cli = createCliWorkspace({ APP_TOKEN: scimmy.token });
  cli.configure(configuration([target(scimmy.url, { guard: unlimitedGuard, leavers: { groups: 'delete' } })]));
  const company = createCompany(151, 80, 5);
  const step = async (): Promise<void> => {
    cli.export(company);
    expectExitCode(await cli.run('sync', '--json'), 0);
    expect(await scimmy.state()).toEqual(expectedState(company));
  };
  await step();
  const posts = (await scimmy.log()).filter(({ method }) => method === 'POST');
  expect(posts).toHaveLength(85);

  const [one, two] = peopleWithoutReports(company, 2);
  if (one === undefined || two === undefined) throw new Error('too few people');
  const teams = [...company.teams.values()].filter(({ members }) => members.has(one.id)).map(({ id }) => id);
  leave(company, one.id);
  leave(company, two.id);
  for (let turn = 0; turn < 5; turn += 1) hire(company);
  Object.assign(byId(company, 'e00003'), {
    title: 'Astronaut',
    department: 'Space',
    email: 'moon@mail.example',
    familyName: 'Ünal "the" Great',
  });
  Object.assign(company.teams.get('t1') ?? {}, { displayName: 'Renamed' });
  company.teams.get('t2')?.members.add('t3');
  await step();

  rehire(company, one.id, teams);
  company.teams.delete('t5');
  byId(company, 'e00004').manager = 'e00070';
  await step();

  const before = (await scimmy.log()).length;
  await step();
  expect((await scimmy.log()).slice(before)).toEqual([]);
});
