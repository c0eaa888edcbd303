import { expect, jest, test } from '@jest/globals';
import { byId, createCompany, hire, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, expectExitCode, target } from '../../world/fixture.ts';
import { startScimmy } from '../../world/third-party/scimmy.ts';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { expectedState } from '../../world/state.ts';

jest.setTimeout(60_000);

test('a server with Bulk gets few requests, also when managers and members are new', async () => {
  await using scimmy = await startScimmy();
  await using cli = createCliWorkspace({ APP_TOKEN: scimmy.token });
  cli.configure(
    configuration([target(scimmy.url, { profile: 'scimmy', limits: { requestsPerSecond: 100, concurrency: 4 } })]),
  );
  const company = createCompany(152, 300, 5);
  let requestCount = 0;
  const step = async (): Promise<readonly string[]> => {
    cli.export(company);
    expectExitCode(await cli.run('sync', '--json'), 0);
    expect(await scimmy.state()).toEqual(expectedState(company));
    const log = await scimmy.log();
    const newRequests = log
      .slice(requestCount)
      .map(({ method, url, status }) => `${method} ${url.replace(/^.*\/v2/, '').replace(/\?.*$/, '')} ${status}`);
    requestCount = log.length;
    return newRequests.filter((line) => !/^GET \/ServiceProviderConfig/.test(line));
  };

  const first = await step();
  expect(first.filter((line) => line === 'POST /Bulk 200').length).toBeGreaterThan(1);
  expect(first.filter((line) => /^(POST|PATCH) \/(Users|Groups)/.test(line)).length).toBeLessThan(5);
  expect(first.length).toBeLessThan(25);

  const [one, two] = peopleWithoutReports(company, 2);
  if (one === undefined || two === undefined) throw new Error('too few people');
  leave(company, one.id);
  leave(company, two.id);
  for (let turn = 0; turn < 30; turn += 1) company.teams.get('t1')?.members.add(hire(company).id);
  Object.assign(byId(company, 'e00003'), { title: 'Astronaut' });
  expect((await step()).length).toBeLessThan(15);
  expect(await step()).toEqual([]);
});
