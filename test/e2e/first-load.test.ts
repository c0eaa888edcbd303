import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { addTeam, company, hire } from '../world/company.ts';
import { table, userColumns, userRow } from '../world/export.ts';
import { seeded, shuffled } from '../world/random.ts';
import {
  configuration,
  count,
  enterpriseUser,
  expectCode,
  operations,
  summaries,
  taken,
  target,
  world,
  writes,
} from '../world/setup.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

describe('the first load of an empty application', () => {
  test.concurrent(
    'ends in the exact state, with one POST for each person and each group, and the next pass asks nothing',
    async () => {
      await using at = await world();
      const made = company(1, 60, 5);
      addTeam(made, 'all', 'All teams', ['t1', 't2', 'e00001']);
      const edges = [...made.teams.values()].reduce((sum, { members }) => sum + members.size, 0);
      const random = seeded(1);
      at.desk.export(made, { order: (rows) => shuffled(random, rows) });

      const first = await at.desk.run('sync', '--json');
      expectCode(first, 0);
      expect(at.state()).toEqual(expectedState(made));
      const log = taken(at.server);
      expect({
        users: count(log, 'POST', '/Users'),
        userChanges: count(log, 'PATCH', /^\/Users/),
        groups: count(log, 'POST', '/Groups'),
      }).toEqual({ users: 60, userChanges: 0, groups: 6 });
      expect(count(log, 'PATCH', /^\/Groups/)).toBeLessThanOrEqual(6);
      expect(count(log, 'GET', /./)).toBeLessThanOrEqual(5);
      expect(log.every(({ status }) => status < 300)).toBe(true);

      expect(summaries(first)).toMatchObject([
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
            addMembers: edges,
            removeMembers: 0,
          },
        },
      ]);
      const creates = operations(first).filter(({ action, resource }) => action === 'create' && resource === 'User');
      expect(creates).toHaveLength(60);
      expect(creates.find(({ key }) => key === 'e00007')).toMatchObject({
        target: 'app',
        name: 'p7@corp.example',
        outcome: 'done',
        status: 201,
        changes: expect.any(Array),
      });

      expectCode(await at.desk.run('sync', '--json'), 0);
      expect(taken(at.server)).toEqual([]);
    },
  );

  test.concurrent.each([
    ['rows in another order', 'rows'],
    ['columns in another order', 'columns'],
    ['the same bytes written again', 'same'],
    ['a full comparison', 'full'],
  ] as const)('an unchanged export asks nothing: %s', async (_what, change) => {
    await using at = await world();
    const made = company(2, 30, 3);
    expectCode(await at.pass(made), 0);
    taken(at.server);
    const random = seeded(2);
    at.desk.export(made, {
      ...(change === 'rows' ? { order: (rows) => shuffled(random, rows) } : {}),
      ...(change === 'columns' ? { columns: shuffled(random, userColumns) } : {}),
    });
    const again = await at.desk.run('sync', '--json', ...(change === 'full' ? ['--full'] : []));
    expectCode(again, 0);
    expect(taken(at.server)).toEqual([]);
    expect(operations(again)).toEqual([]);
  });

  test.concurrent('completes managers whatever their order: rings, oneself, and one who comes later', async () => {
    await using at = await world();
    const made = company(3, 0);
    const managed = (id: string, manager: string | undefined): void => void hire(made, { id, manager });
    managed('a', 'b');
    managed('b', 'a');
    managed('c', 'd');
    managed('d', 'e');
    managed('e', 'c');
    managed('f', 'f');
    managed('g', 'later');
    managed('h', 'g');
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    expect(count(at.server.log, 'POST', '/Users')).toBe(8);

    taken(at.server);
    managed('later', 'a');
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    expect(
      writes(taken(at.server))
        .map(({ method }) => method)
        .sort(),
    ).toEqual(['PATCH', 'POST']);
    expectCode(await at.desk.run('sync'), 0);
    expect(taken(at.server)).toEqual([]);
  });

  test.concurrent('teams may stand in a column of the people', async () => {
    await using at = await world({
      source: { groups: { column: 'teams', separator: ';' } },
      target: { mapping: undefined },
    });
    const settings = target(at.server.url);
    at.desk.configure(
      configuration([{ ...settings, mapping: { user: (settings['mapping'] as { user: object }).user } }], {
        groups: { column: 'teams', separator: ';' },
      }),
    );
    const made = company(4, 25, 4);
    expectCode(await at.pass(made), 0);
    const byName = Object.fromEntries(
      Object.values(expectedState(made).groups).map(({ displayName, members }) => [displayName, members]),
    );
    expect(
      Object.fromEntries(Object.values(at.state().groups).map(({ displayName, members }) => [displayName, members])),
    ).toEqual(byName);
  });

  test.concurrent('headers that are SCIM paths map themselves', async () => {
    await using at = await world({ source: {} });
    const { mapping: _mapping, ...plain } = target(at.server.url);
    at.desk.configure(configuration([plain], {}));
    const made = company(5, 12);
    const headers = {
      email: 'emails[type eq "work"].value',
      department: `${enterpriseUser}:department`,
      manager: `${enterpriseUser}:manager`,
    };
    const rows = [...made.people.values()].map((person) => ({
      id: person.id,
      userName: person.userName,
      'name.givenName': person.givenName,
      'name.familyName': person.familyName,
      title: person.title,
      [headers.email]: person.email,
      [headers.department]: person.department,
      [headers.manager]: person.manager ?? '',
    }));
    writeFileSync(at.desk.path('users.csv'), table(Object.keys(rows[0] ?? {}), rows));
    expectCode(await at.desk.run('sync'), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test.concurrent.each<[string, object, (text: string) => Buffer]>([
    ['UTF-8 with a BOM and CRLF', {}, (text) => Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`)],
    ['UTF-16 with a BOM', { encoding: 'utf-16le' }, (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['semicolons', { delimiter: ';' }, (text) => Buffer.from(text)],
    ['no line end at the end', {}, (text) => Buffer.from(text.trimEnd())],
  ])('an export may come as %s', async (_what, settings, encode) => {
    await using at = await world({ source: { users: { file: 'users.csv', key: 'id', ...settings } } });
    const made = company(7, 10);
    at.desk.export(made);
    const comma = readFileSync(at.desk.path('users.csv'), 'utf8');
    const rows = [...made.people.values()].map((person) => userRow(made, person));
    const text = 'delimiter' in settings ? table(userColumns, rows, ';') : comma;
    writeFileSync(at.desk.path('users.csv'), encode(text));
    expectCode(await at.desk.run('sync'), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test.concurrent('two applications are served from one reading, each with its own scope', async () => {
    await using at = await world();
    await using other = await world();
    at.desk.configure(
      configuration([
        target(at.server.url),
        {
          ...target(other.server.url),
          name: 'other',
          scope: { users: "user.department == 'Sales'", groups: "group.displayName == 'Team 1'" },
        },
      ]),
    );
    const made = company(6, 40, 3);
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    const sales = [...made.people.values()].filter(({ department }) => department === 'Sales').map(({ id }) => id);
    expect(Object.keys(other.state().users).sort()).toEqual(sales.sort());
    expect(other.state().groups).toEqual({
      t1: {
        displayName: 'Team 1',
        members: [...(made.teams.get('t1')?.members ?? [])].filter((id) => sales.includes(id)).sort(),
      },
    });
  });
});
