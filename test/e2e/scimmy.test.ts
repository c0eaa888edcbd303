import { expect, jest, test } from '@jest/globals';
import { byId, company, hire, leave, rehire, withoutReports } from '../world/company.ts';
import { configuration, expectCode, target } from '../world/setup.ts';
import { startScimmy } from '../world/scimmy.ts';
import { desk } from '../world/scimsync.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

test("a company's life at a server that nobody here wrote", async () => {
  await using scimmy = await startScimmy();
  await using at = desk({ APP_TOKEN: scimmy.token });
  at.configure(configuration([target(scimmy.url)]));
  const made = company(151, 80, 5);
  const step = async (): Promise<void> => {
    at.export(made);
    expectCode(await at.run('sync', '--json'), 0);
    expect(await scimmy.state()).toEqual(expectedState(made));
  };
  await step();
  const posts = (await scimmy.log()).filter(({ method }) => method === 'POST');
  expect(posts).toHaveLength(85);

  const [one, two] = withoutReports(made, 2);
  if (one === undefined || two === undefined) throw new Error('nobody');
  const teams = [...made.teams.values()].filter(({ members }) => members.has(one.id)).map(({ id }) => id);
  leave(made, one.id);
  leave(made, two.id);
  for (let turn = 0; turn < 5; turn += 1) hire(made);
  Object.assign(byId(made, 'e00003'), {
    title: 'Astronaut',
    department: 'Space',
    email: 'moon@mail.example',
    familyName: 'Ünal "the" Great',
  });
  Object.assign(made.teams.get('t1') ?? {}, { displayName: 'Renamed' });
  made.teams.get('t2')?.members.add('t3');
  await step();

  rehire(made, one.id, teams);
  made.teams.delete('t5');
  byId(made, 'e00004').manager = 'e00070';
  await step();

  const before = (await scimmy.log()).length;
  await step();
  expect((await scimmy.log()).slice(before)).toEqual([]);
});
