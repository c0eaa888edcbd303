import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { withPrefix } from '../../../src/store/joined/mirror-tables.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { createJoinedWorld } from './joined-world.ts';

jest.setTimeout(60_000);

const migrations = join(import.meta.dirname, '..', '..', '..', 'src', 'store', 'migrations');

/** The mirror of the one joined source of these tests. */
const prefix = 'joined_1_';

/**
 * Replaces a state by one of an earlier version: the tables of that version, with the rows and the columns that both
 * versions have.
 *
 * @param migration the first migration that the earlier version does not have
 */
function makeOlder(file: string, migration: string): void {
  const older = `${file}.older`;
  const applied = readdirSync(migrations)
    .filter((name) => name.endsWith('.sql') && name < migration)
    .sort();
  const db = new Database(older);
  try {
    db.pragma('journal_mode = wal');
    db.pragma('foreign_keys = off');
    for (const name of applied) db.exec(readFileSync(join(migrations, name), 'utf8'));
    db.pragma(`user_version = ${applied.length}`);
    db.prepare('attach ? as newer').run(file);
    const names = (sql: string, ...values: string[]): string[] =>
      db
        .prepare(sql)
        .pluck()
        .all(...values) as string[];
    const mirrors = names(`select name from newer.sqlite_schema where type = 'table' and name glob '${prefix}*'`);
    const definitions = names(
      `select sql from main.sqlite_schema
      where sql is not null
        and tbl_name in (select value from json_each(?))
      order by type desc, name`,
      JSON.stringify(mirrors.map((name) => name.slice(prefix.length))),
    );
    for (const sql of definitions) db.exec(withPrefix(sql, prefix));
    for (const table of names(`select name from main.sqlite_schema where type = 'table'`)) {
      const columns = names(
        `select name from pragma_table_info(?, 'main')
        intersect
        select name from pragma_table_info(?, 'newer')`,
        table,
        table,
      ).join();
      db.exec(
        `delete from main.${table}; insert into main.${table} (${columns}) select ${columns} from newer.${table}`,
      );
    }
  } finally {
    db.close();
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  renameSync(older, file);
}

test.each([
  ['0047-groups-of-joined-sources.sql', 'has no groups of joined sources', {}],
  ['0051-zones-of-users.sql', 'has no zones of users', { groups: { column: 'phones', separator: ';' } }],
  ['0053-counts.sql', 'has no counts', { groups: { column: 'phones', separator: ';' } }],
])('before %s: a state that %s migrates, and the next pass is silent', async (migration, _, ad) => {
  await using world = await createJoinedWorld();
  const { cli } = world;
  world.configure({ ad });
  world.hr('0001,ada,CTO,employed', '2,bob,Clerk,employed', '3,cy,Clerk,employed', '4,dan,Clerk,left');
  world.ad('g1,1,ada@example.com,crm;admins', 'g2,2,bob@example.com,crm', 'g4,4,dan@example.com,', 'g9,9,,crm');
  expectExitCode(await cli.run('sync'), 0);
  const [accounts, groups] = [await world.accounts(), await world.groups()];
  expect(groups.length).toBe('groups' in ad ? 2 : 0);
  makeOlder(cli.path('scimsync.db'), migration);

  // Commands that only read come first: they must not need the tables of the joined source in the present shape.
  for (const args of [['status'], ['explain', '0001'], ['explain', 'g2'], ['history', '--user', 'BOB@example.com']])
    expectExitCode(await cli.run(...args), 0);
  expectExitCode(await cli.run('plan', '--exit-code'), 0);
  for (const pass of ['the first pass', 'the second pass']) {
    const { code, lines } = await cli.run('sync', '--json');
    expect([pass, code, lines.filter(({ type }) => type === 'operation')]).toEqual([pass, 0, []]);
  }
  // Equal with `meta`: no write reached an account.
  expect([await world.accounts(), await world.groups()]).toEqual([accounts, groups]);

  world.ad('g1,1,lovelace@example.com,admins', 'g2,2,bob@example.com,crm', 'g4,4,dan@example.com,', 'g9,9,,crm');
  expectExitCode(await cli.run('sync'), 0);
  expect(await world.mails()).toEqual(['ada active lovelace@example.com', 'bob active bob@example.com', 'cy active']);
  expect(await world.groups()).toEqual('groups' in ad ? ['admins: ada', 'crm: bob'] : []);
});
