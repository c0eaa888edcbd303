import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports } from '../../world/company.ts';
import { createFixture, expectExitCode } from '../../world/fixture.ts';

jest.setTimeout(60_000);

test('"plan --html" writes the whole plan as one page, or nothing', async () => {
  await using fixture = await createFixture({ target: { guard: { maxRemovals: 0, floor: 0 } } });
  const company = createCompany(615, 15, 2);
  expectExitCode(await fixture.pass(company), 0);
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('there is no such person');
  leave(company, leaver.id);
  fixture.cli.export(company);
  const plan = await fixture.cli.run('plan', '--html', 'plan.html');
  expectExitCode(plan, 3);
  const page = readFileSync(fixture.cli.path('plan.html'), 'utf8');
  const [, id = ''] = /Plan (\w+)\. Nothing was changed/.exec(plan.stdout) ?? [];
  const [, command = ''] = /if it is right: (scimsync approve \w+)/.exec(plan.stdout) ?? [];
  expect(page).toContain(`scimsync sync --plan ${id}`);
  expect(page).toContain(command);
  expect(page).toContain(leaver.userName);
  expect(page).toContain('<strong>held</strong>');
  expect(page.trimEnd()).toMatch(/<\/main><\/body><\/html>$/);
  // Each element is closed once, and rows are in a table.
  for (const name of ['html', 'body', 'main', 'section', 'details', 'table', 'tbody', 'tr', 'td'])
    expect([name, page.split(`</${name}>`).length]).toEqual([name, page.split(new RegExp(`<${name}[ >]`)).length]);
  expect(page).toMatch(/<tbody>\s*<tr class="held">/);
  mkdirSync(fixture.cli.path('folder'));
  const refused = await fixture.cli.run('plan', '--html', 'folder');
  expectExitCode(refused, 4);
  expect(refused.stderr).toContain('it is a directory');
  expectExitCode(await fixture.cli.run('plan', '--html', 'nowhere/plan.html'), 4);
  expect(readdirSync(fixture.cli.folder).filter((name) => name.includes('.part'))).toEqual([]);
});
