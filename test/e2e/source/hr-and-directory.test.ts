import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'recipes.md'), 'utf8');
const recipe = page.slice(page.indexOf('## HR decides, AD has the mail'));
const blocks = (language: string): readonly string[] =>
  [...recipe.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

interface Settings {
  readonly sources: object;
  readonly targets: readonly object[];
}

/** userName → title and e-mail addresses. */
const accounts = ({ users }: StrictServer): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(
    [...users.values()].map(({ data }) => [
      String(data['userName']),
      [data['title'], (data['emails'] as readonly { value: string }[] | undefined)?.map(({ value }) => value)],
    ]),
  );

/** displayName → userNames of the members. */
const groups = ({ users, groups }: StrictServer): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    [...groups.values()].map(({ data }) => [
      String(data['displayName']),
      ((data['members'] ?? []) as readonly { value: string }[])
        .map(({ value }) => String(users.get(value)?.data['userName']))
        .sort(),
    ]),
  );

test('the recipe "HR decides, AD has the mail" works as it is written', async () => {
  const [people = '', directory = ''] = blocks('csv');
  const [configuration = ''] = blocks('json');
  await using server = await startStrictServer();
  await using cli = createCliWorkspace({ CRM_TOKEN: server.token });
  cli.configure(JSON.parse(configuration.replace('https://crm.example.com/scim/v2', server.url)) as object);
  writeFileSync(cli.path('people.csv'), people);
  writeFileSync(cli.path('directory.csv'), directory);

  expectExitCode(await cli.run('sync'), 0);
  expect(accounts(server)).toEqual({
    'ada@example.com': ['Sales', ['Ada@example.com']],
    bob: ['Support', undefined],
  });

  // The text of the page is what the command prints.
  const shown = recipe.split('```\n').find((text) => text.startsWith('    source ad')) ?? 'nothing';
  expect((await cli.run('explain', '00001')).stdout).toContain(shown.trimEnd());

  writeFileSync(cli.path('directory.csv'), `${directory}b2,02,bob@example.com,\n`);
  expectExitCode(await cli.run('sync'), 0);
  expect(Object.keys(accounts(server)).sort()).toEqual(['ada@example.com', 'bob@example.com']);
});

test('its groups follow the directory, for users of HR', async () => {
  const page = recipe.slice(recipe.indexOf('### And the groups'));
  const [people = ''] = blocks('csv');
  const [, , directory = ''] = blocks('csv');
  const [configuration = ''] = blocks('json');
  const ad = blocks('json').find((text) => text.includes('"memberOf"')) ?? '';
  await using server = await startStrictServer();
  await using cli = createCliWorkspace({ CRM_TOKEN: server.token });
  const configure = (scope?: object): void => {
    const parsed = JSON.parse(configuration.replace('https://crm.example.com/scim/v2', server.url)) as Settings;
    const [target] = parsed.targets;
    const withGroups = JSON.parse(`{${ad}}`) as object;
    cli.configure({
      ...parsed,
      sources: { ...parsed.sources, ...withGroups },
      targets: [{ ...target, ...(scope === undefined ? {} : { scope, guard: unlimitedGuard }) }],
    });
  };
  writeFileSync(cli.path('people.csv'), people);
  writeFileSync(cli.path('directory.csv'), directory);

  configure();
  expectExitCode(await cli.run('sync'), 0);
  expect(groups(server)).toEqual({
    'CRM users': ['ada@example.com'],
    'Sales team': ['ada@example.com', 'bob@example.com'],
  });
  const shown = page.split('```\n').find((text) => text.startsWith('    member of:')) ?? 'nothing';
  expect((await cli.run('explain', '00001')).stdout).toContain(shown.trimEnd());

  const [, scope = ''] = /^- `"scope": (\{.*?\})` in the target/m.exec(page) ?? [];
  configure(JSON.parse(scope) as object);
  expectExitCode(await cli.run('sync'), 0);
  const active = [...server.users.values()].filter(({ data }) => data['active'] !== false);
  expect(active.map(({ data }) => data['userName'])).toEqual(['ada@example.com']);
});
