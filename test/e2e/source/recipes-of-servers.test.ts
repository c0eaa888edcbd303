import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'recipes.md'), 'utf8');

/** The blocks of one language in a recipe. */
function blocks(title: string, language: string): readonly string[] {
  const [, recipe = ''] = page.split(`## ${title}\n`);
  const [text = ''] = recipe.split(/^## /m);
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);
}

const configurationOf = (title: string, replacements: Readonly<Record<string, string>>): object =>
  JSON.parse(
    Object.entries(replacements).reduce(
      (text, [address, local]) => text.replaceAll(address, local),
      blocks(title, 'json')[0] ?? '',
    ),
  ) as object;

/** userName → title and e-mail address of the active accounts. */
const accounts = ({ users }: StrictServer): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...users.values()]
      .filter(({ data }) => data['active'] !== false)
      .map(({ data }) => [
        String(data['userName']),
        [data['title'], (data['emails'] as readonly { value: string }[] | undefined)?.[0]?.value],
      ]),
  );

const crm = 'https://crm.example.com/scim/v2';

test('the recipe "Several exports in one list" works as it is written', async () => {
  const title = 'Several exports in one list';
  await using server = await startStrictServer();
  await using cli = createCliWorkspace({ CRM_TOKEN: server.token });
  cli.configure(configurationOf(title, { [crm]: server.url }));
  const [script = ''] = blocks(title, 'sh');
  const [berlin = '', paris = ''] = blocks(title, 'csv');
  writeFileSync(cli.path('people.sh'), script);
  chmodSync(cli.path('people.sh'), 0o755);
  mkdirSync(cli.path('exports'));
  writeFileSync(cli.path('exports/berlin.csv'), berlin);
  writeFileSync(cli.path('exports/paris.csv'), paris);
  expectExitCode(await cli.run('check'), 0);
  expectExitCode(await cli.run('sync'), 0);
  const before = accounts(server);
  expect(Object.keys(before).sort()).toEqual(['ada@example.com', 'cyd@example.com']);

  rmSync(cli.path('exports/paris.csv'));
  const incomplete = await cli.run('sync');
  expectExitCode(incomplete, 1);
  expect(incomplete.stderr).toContain('(code: command.failed)');
  expect(accounts(server)).toEqual(before);
});

test('the recipe "People from an HTTP API" works as it is written', async () => {
  const title = 'People from an HTTP API';
  const [, first = '', second = ''] = blocks(title, 'json');
  const requests: string[] = [];
  const hr = createServer((request, response) => {
    requests.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`);
    response.end(request.url?.includes('cursor=c2') === true ? second : first);
  });
  await new Promise<void>((done) => {
    hr.listen(0, '127.0.0.1', done);
  });
  const url = `http://127.0.0.1:${(hr.address() as AddressInfo).port}`;
  await using server = await startStrictServer();
  await using cli = createCliWorkspace({ CRM_TOKEN: server.token, HR_TOKEN: 'hr-token' });
  cli.configure(configurationOf(title, { [crm]: server.url, 'https://hr.example.com': url }));
  expectExitCode(await cli.run('sync'), 0);
  hr.close();
  expect(accounts(server)).toEqual({
    'ada@example.com': ['Sales', undefined],
    'cyd@example.com': ['Sales', undefined],
  });
  expect(requests).toEqual([
    '/api/people?status=all Bearer hr-token',
    '/api/people?status=all&cursor=c2 Bearer hr-token',
  ]);
});

test('the recipe "The address from another SCIM server" works as it is written', async () => {
  const title = 'The address from another SCIM server';
  await using server = await startStrictServer();
  const options: Parameters<typeof startStrictServer>[0] = { pageLimit: 2 };
  await using directory = await startStrictServer(options);
  for (const [externalId, name] of [
    ['1', 'ada'],
    ['9', 'scanner'],
    ['2', 'bob'],
  ])
    directory.seed('User', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: name,
      externalId,
      emails: [{ type: 'work', value: `${name ?? ''}@example.com` }],
    });
  await using cli = createCliWorkspace({ CRM_TOKEN: server.token, DIRECTORY_TOKEN: directory.token });
  cli.configure(configurationOf(title, { [crm]: server.url, 'https://directory.example.com/scim/v2': directory.url }));
  writeFileSync(cli.path('people.csv'), blocks(title, 'csv')[0] ?? '');
  expectExitCode(await cli.run('sync'), 0);
  const before = { ada: [undefined, 'ada@example.com'], bob: [undefined, 'bob@example.com'] };
  expect(accounts(server)).toEqual(before);
  expect(directory.log.every(({ method }) => method === 'GET')).toBe(true);

  // A list that ends early changes nothing, and a user without a record in the last one waits.
  options.fault = ({ query }) => (query.includes('startIndex=3') ? { status: 500 } : undefined);
  writeFileSync(cli.path('people.csv'), `${blocks(title, 'csv')[0] ?? ''}3,cyd\n`);
  const incomplete = await cli.run('sync');
  expectExitCode(incomplete, 1);
  expect(incomplete.stdout).toContain('source idp: not accepted');
  expect(accounts(server)).toEqual(before);
  options.fault = undefined;
  expectExitCode(await cli.run('sync'), 0);
  expect(Object.keys(accounts(server)).sort()).toEqual(['ada', 'bob', 'cyd']);
});
