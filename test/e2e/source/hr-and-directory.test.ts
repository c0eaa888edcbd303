import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'recipes.md'), 'utf8');
const recipe = page.slice(page.indexOf('## HR decides, AD has the mail'));
const blocks = (language: string): readonly string[] =>
  [...recipe.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

/** userName → title and e-mail addresses. */
const accounts = ({ users }: StrictServer): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(
    [...users.values()].map(({ data }) => [
      String(data['userName']),
      [data['title'], (data['emails'] as readonly { value: string }[] | undefined)?.map(({ value }) => value)],
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
