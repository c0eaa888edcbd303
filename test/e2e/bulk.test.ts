import { expect, jest, test } from '@jest/globals';
import { byId, company, hire, leave, withoutReports } from '../world/company.ts';
import { configuration, expectCode, target } from '../world/setup.ts';
import { startScimmy } from '../world/scimmy.ts';
import { desk } from '../world/scimsync.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

test('a company at a server with Bulk, in few requests: people point to managers, and groups to people, who are only being created', async () => {
  await using scimmy = await startScimmy();
  await using at = desk({ APP_TOKEN: scimmy.token });
  at.configure(
    configuration([target(scimmy.url, { profile: 'scimmy', limits: { requestsPerSecond: 100, concurrency: 4 } })]),
  );
  const made = company(152, 300, 5);
  let seen = 0;
  const step = async (): Promise<readonly string[]> => {
    at.export(made);
    expectCode(await at.run('sync', '--json'), 0);
    expect(await scimmy.state()).toEqual(expectedState(made));
    const log = await scimmy.log();
    const fresh = log
      .slice(seen)
      .map(({ method, url, status }) => `${method} ${url.replace(/^.*\/v2/, '').replace(/\?.*$/, '')} ${status}`);
    seen = log.length;
    return fresh.filter((line) => !/^GET \/ServiceProviderConfig/.test(line));
  };

  const first = await step();
  expect(first.filter((line) => line === 'POST /Bulk 200').length).toBeGreaterThan(1);
  expect(first.filter((line) => /^(POST|PATCH) \/(Users|Groups)/.test(line)).length).toBeLessThan(5);
  expect(first.length).toBeLessThan(25);

  const [one, two] = withoutReports(made, 2);
  if (one === undefined || two === undefined) throw new Error('nobody');
  leave(made, one.id);
  leave(made, two.id);
  for (let turn = 0; turn < 30; turn += 1) made.teams.get('t1')?.members.add(hire(made).id);
  Object.assign(byId(made, 'e00003'), { title: 'Astronaut' });
  expect((await step()).length).toBeLessThan(15);
  expect(await step()).toEqual([]);
});
