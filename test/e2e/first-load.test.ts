import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { addTeam, createCompany, hire } from '../world/company.ts';
import { toCsv, userColumns, userRow } from '../world/export.ts';
import { seededRandom, shuffled } from '../world/random.ts';
import {
  configuration,
  countRequests,
  enterpriseUser,
  expectExitCode,
  operationLines,
  summaryLines,
  drainLog,
  target,
  createFixture,
  writes,
} from '../world/fixture.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

describe('the first load of an empty application', () => {
  test.concurrent(
    'ends in the expected state with one POST for each user and group, and the next pass sends no request',
    async () => {
      await using fixture = await createFixture();
      const company = createCompany(1, 60, 5);
      addTeam(company, 'all', 'All teams', ['t1', 't2', 'e00001']);
      const membershipCount = [...company.teams.values()].reduce((sum, { members }) => sum + members.size, 0);
      const random = seededRandom(1);
      fixture.cli.export(company, { order: (rows) => shuffled(random, rows) });

      const first = await fixture.cli.run('sync', '--json');
      expectExitCode(first, 0);
      expect(fixture.state()).toEqual(expectedState(company));
      const log = drainLog(fixture.server);
      expect({
        users: countRequests(log, 'POST', '/Users'),
        userChanges: countRequests(log, 'PATCH', /^\/Users/),
        groups: countRequests(log, 'POST', '/Groups'),
      }).toEqual({ users: 60, userChanges: 0, groups: 6 });
      expect(countRequests(log, 'PATCH', /^\/Groups/)).toBeLessThanOrEqual(6);
      expect(countRequests(log, 'GET', /./)).toBeLessThanOrEqual(5);
      expect(log.every(({ status }) => status < 300)).toBe(true);

      expect(summaryLines(first)).toMatchObject([
        {
          target: 'app',
          held: null,
          succeeded: expect.any(Number),
          failed: 0,
          skipped: 0,
          requests: log.length,
          retries: 0,
          counts: {
            create: 66,
            update: 0,
            deactivate: 0,
            reactivate: 0,
            delete: 0,
            addMembers: membershipCount,
            removeMembers: 0,
          },
        },
      ]);
      const creates = operationLines(first).filter(
        ({ action, resource }) => action === 'create' && resource === 'User',
      );
      expect(creates).toHaveLength(60);
      expect(creates.find(({ key }) => key === 'e00007')).toMatchObject({
        target: 'app',
        name: 'p7@corp.example',
        outcome: 'done',
        status: 201,
        changes: expect.any(Array),
      });

      expectExitCode(await fixture.cli.run('sync', '--json'), 0);
      expect(drainLog(fixture.server)).toEqual([]);
    },
  );

  test.concurrent.each([
    ['rows in another order', 'rows'],
    ['columns in another order', 'columns'],
    ['the same bytes with a new modification time', 'same'],
    ['a full comparison', 'full'],
  ] as const)('an unchanged export sends no request: %s', async (_what, change) => {
    await using fixture = await createFixture();
    const company = createCompany(2, 30, 3);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    const random = seededRandom(2);
    fixture.cli.export(company, {
      ...(change === 'rows' ? { order: (rows) => shuffled(random, rows) } : {}),
      ...(change === 'columns' ? { columns: shuffled(random, userColumns) } : {}),
    });
    const again = await fixture.cli.run('sync', '--json', ...(change === 'full' ? ['--full'] : []));
    expectExitCode(again, 0);
    const requests = drainLog(fixture.server).map(({ method, path }) => `${method} ${path}`);
    expect(requests).toEqual(change === 'full' ? ['GET /ServiceProviderConfig'] : []);
    expect(operationLines(again)).toEqual([]);
  });

  test.concurrent(
    'sets managers in any order: a cycle, a user who is their own manager, and a manager who joins later',
    async () => {
      await using fixture = await createFixture();
      const company = createCompany(3, 0);
      const managed = (id: string, manager: string | undefined): void => void hire(company, { id, manager });
      managed('a', 'b');
      managed('b', 'a');
      managed('c', 'd');
      managed('d', 'e');
      managed('e', 'c');
      managed('f', 'f');
      managed('g', 'later');
      managed('h', 'g');
      expectExitCode(await fixture.pass(company), 0);
      expect(fixture.state()).toEqual(expectedState(company));
      expect(countRequests(fixture.server.log, 'POST', '/Users')).toBe(8);

      drainLog(fixture.server);
      managed('later', 'a');
      expectExitCode(await fixture.pass(company), 0);
      expect(fixture.state()).toEqual(expectedState(company));
      expect(
        writes(drainLog(fixture.server))
          .map(({ method }) => method)
          .sort(),
      ).toEqual(['PATCH', 'POST']);
      expectExitCode(await fixture.cli.run('sync'), 0);
      expect(drainLog(fixture.server)).toEqual([]);
    },
  );

  test.concurrent('groups can come from a column of the users', async () => {
    await using fixture = await createFixture({
      source: { groups: { column: 'teams', separator: ';' } },
      target: { mapping: undefined },
    });
    const settings = target(fixture.server.url);
    fixture.cli.configure(
      configuration([{ ...settings, mapping: { user: (settings['mapping'] as { user: object }).user } }], {
        groups: { column: 'teams', separator: ';' },
      }),
    );
    const company = createCompany(4, 25, 4);
    expectExitCode(await fixture.pass(company), 0);
    const byName = Object.fromEntries(
      Object.values(expectedState(company).groups).map(({ displayName, members }) => [displayName, members]),
    );
    expect(
      Object.fromEntries(
        Object.values(fixture.state().groups).map(({ displayName, members }) => [displayName, members]),
      ),
    ).toEqual(byName);
  });

  test.concurrent('headers that are SCIM paths need no mapping', async () => {
    await using fixture = await createFixture({ source: {} });
    const { mapping: _mapping, ...plain } = target(fixture.server.url);
    fixture.cli.configure(configuration([plain], {}));
    const company = createCompany(5, 12);
    const headers = {
      email: 'emails[type eq "work"].value',
      department: `${enterpriseUser}:department`,
      manager: `${enterpriseUser}:manager`,
    };
    const rows = [...company.people.values()].map((person) => ({
      id: person.id,
      userName: person.userName,
      'name.givenName': person.givenName,
      'name.familyName': person.familyName,
      title: person.title,
      [headers.email]: person.email,
      [headers.department]: person.department,
      [headers.manager]: person.manager ?? '',
    }));
    writeFileSync(fixture.cli.path('users.csv'), toCsv(Object.keys(rows[0] ?? {}), rows));
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test.concurrent.each<[string, object, (text: string) => Buffer]>([
    ['UTF-8 with a BOM and CRLF', {}, (text) => Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`)],
    ['UTF-16 with a BOM', { encoding: 'utf-16le' }, (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['semicolons', { delimiter: ';' }, (text) => Buffer.from(text)],
    ['no newline at the end of the file', {}, (text) => Buffer.from(text.trimEnd())],
  ])('an export can have %s', async (_what, settings, encode) => {
    await using fixture = await createFixture({ source: { users: { file: 'users.csv', key: 'id', ...settings } } });
    const company = createCompany(7, 10);
    fixture.cli.export(company);
    const comma = readFileSync(fixture.cli.path('users.csv'), 'utf8');
    const rows = [...company.people.values()].map((person) => userRow(company, person));
    const text = 'delimiter' in settings ? toCsv(userColumns, rows, ';') : comma;
    writeFileSync(fixture.cli.path('users.csv'), encode(text));
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test.concurrent('two applications are provisioned from one read of the source, each with its own scope', async () => {
    await using fixture = await createFixture();
    await using other = await createFixture();
    fixture.cli.configure(
      configuration([
        target(fixture.server.url),
        {
          ...target(other.server.url),
          name: 'other',
          scope: { users: "user.department == 'Sales'", groups: "group.displayName == 'Team 1'" },
        },
      ]),
    );
    const company = createCompany(6, 40, 3);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    const sales = [...company.people.values()].filter(({ department }) => department === 'Sales').map(({ id }) => id);
    expect(Object.keys(other.state().users).sort()).toEqual(sales.sort());
    expect(other.state().groups).toEqual({
      t1: {
        displayName: 'Team 1',
        members: [...(company.teams.get('t1')?.members ?? [])].filter((id) => sales.includes(id)).sort(),
      },
    });
  });
});
