import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'recipes.md'), 'utf8');
const recipe = page.slice(page.indexOf('## Start and end dates'));
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(recipe)?.[1] ?? 'nothing';

/** userName → active and title. */
const accounts = ({ users }: StrictServer): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(
    [...users.values()].map(({ data }) => [String(data['userName']), [data['active'], data['title']]]),
  );

/** A day some days from now, as in the file of the recipe. */
const inDays = (days: number): string => {
  const [year, month, day] = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10).split('-');
  return `${day}.${month}.${year}`;
};

test('the recipe "start and end dates" works as it is written', async () => {
  const people = block('csv');
  await using server = await startStrictServer();
  await using cli = createCliWorkspace({ CRM_TOKEN: server.token });
  cli.configure(JSON.parse(block('json').replace('https://crm.example.com/scim/v2', server.url)) as object);
  writeFileSync(cli.path('people.csv'), people);

  expectExitCode(await cli.run('sync'), 0);
  expect(accounts(server)).toEqual({
    'ada@example.com': [true, 'since 2020-03-01'],
    'cyd@example.com': [true, 'since 2020-06-15'],
  });

  // The text of the page is what the command prints.
  const explained = await cli.run('explain', '3');
  expectExitCode(explained, 0);
  const shown = recipe.split('```\n').find((text) => text.startsWith('    access')) ?? 'nothing';
  expect(explained.stdout).toContain(shown.trimEnd());
  expect(explained.stdout).toContain('    next change by date: 2100-01-01 00:00 Europe/Berlin\n');

  writeFileSync(
    cli.path('people.csv'),
    people.replace('31.12.2099', inDays(-2)).replace('01.04.2099', inDays(3)).replace('31.12.2021', inDays(2)),
  );
  expectExitCode(await cli.run('sync'), 0);
  const active = Object.entries(accounts(server)).map(([name, [isActive]]) => [name, isActive]);
  expect(Object.fromEntries(active)).toEqual({
    'ada@example.com': true,
    'bob@example.com': true,
    'cyd@example.com': false,
    'dan@example.com': false,
  });
});
