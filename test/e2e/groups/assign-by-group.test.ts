import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { drainLog, expectExitCode, writes } from '../../world/fixture.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'recipes.md'), 'utf8');
const recipe = page.slice(page.indexOf('## Assign by group'));
const blocks = (language: string): readonly string[] =>
  [...recipe.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

/** userName → active and roles. */
const accounts = ({ users }: StrictServer): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...users.values()].map(({ data }) => [
      String(data['userName']),
      [data['active'], ...((data['roles'] ?? []) as { value: string }[]).map(({ value }) => value)].join(' '),
    ]),
  );

describe('the recipe "assign by group"', () => {
  test('works as it is written', async () => {
    const [configuration = ''] = blocks('json');
    const [people = '', groups = '', members = ''] = blocks('csv');
    await using server = await startStrictServer();
    await using cli = createCliWorkspace({ CRM_TOKEN: server.token });
    cli.configure(JSON.parse(configuration.replace('https://crm.example.com/scim/v2', server.url)) as object);
    for (const [name, text] of Object.entries({ people, groups, members }))
      writeFileSync(cli.path(`${name}.csv`), text);

    expectExitCode(await cli.run('sync'), 0);
    expect(accounts(server)).toEqual({
      'ada@example.com': 'true member',
      'bob@example.com': 'true member',
      'cyd@example.com': 'true admin',
    });
    expect([...server.groups.values()].map(({ data }) => data['displayName']).toSorted()).toEqual([
      'CRM admins',
      'CRM users',
    ]);

    // The text of the page is what the command prints.
    const explained = await cli.run('explain', '1');
    expectExitCode(explained, 0);
    const shown = recipe.split('```\n').find((text) => text.startsWith('  at crm')) ?? 'nothing';
    expect(explained.stdout).toContain(shown.trimEnd());

    drainLog(server);
    writeFileSync(cli.path('members.csv'), members.replace('g3,1\n', '').replace('g4,4', 'g3,4'));
    expectExitCode(await cli.run('sync'), 0);
    expect(accounts(server)).toEqual({
      'ada@example.com': 'false member',
      'bob@example.com': 'true member',
      'cyd@example.com': 'true admin',
      'dan@example.com': 'true member',
    });
    // Only Ada and Dan are changed.
    expect(writes(drainLog(server)).map(({ method, path }) => `${method} ${path.split('/')[1]}`)).toEqual([
      'PATCH Users',
      'POST Users',
    ]);
    expectExitCode(await cli.run('sync'), 0);
    expect(drainLog(server)).toEqual([]);
  });
});
