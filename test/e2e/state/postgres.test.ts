import { existsSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import type { CliResult } from '../../world/cli-workspace.ts';
import { byId, createCompany, hire, leave, type Company } from '../../world/company.ts';
import { drainLog, expectExitCode, writes } from '../../world/fixture.ts';
import { describeWithPostgres } from '../../world/postgres/cluster.ts';
import { expectedState } from '../../world/state.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { install } from './installation.ts';

jest.setTimeout(120_000);

/** What differs between two runs of the same command: places, times, durations, and ids that the application drew. */
const comparable = ({ stdout, code }: CliResult): unknown => ({
  code,
  lines: stdout
    .replaceAll(/127\.0\.0\.1:\d+/g, 'PLACE')
    .replaceAll(/"(?:file|state)":"[^"]*"/g, '"PLACE"')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'ID')
    .replaceAll(/("(?:seconds|milliseconds)":)[\d.]+/g, '$1N')
    .split('\n'),
});

/** A joiner, a mover, and a leaver. */
function change(company: Company): void {
  hire(company);
  byId(company, 'e00003').department = 'Moved';
  leave(company, 'e00002');
}

describeWithPostgres('a state in PostgreSQL', (cluster) => {
  test('gives the same results as one in a file: first load, movers, leavers, history', async () => {
    await using file = await install(cluster().url(), 'file');
    await using database = await install(cluster().url(), { schema: 'same' });
    const company = createCompany(7, 50, 4);
    const both = async (...args: string[]): Promise<CliResult> => {
      file.cli.export(company);
      database.cli.export(company);
      const [expected, result] = [await file.cli.run(...args), await database.cli.run(...args)];
      expect(comparable(result)).toEqual(comparable(expected));
      return result;
    };
    expectExitCode(await both('status', '--json'), 0);
    expectExitCode(await both('plan', '--json'), 0);
    expectExitCode(await both('sync', '--json'), 0);
    expect(database.state()).toEqual(expectedState(company));
    drainLog(database.server);
    expectExitCode(await both('sync', '--json'), 0);
    expect(writes(drainLog(database.server))).toEqual([]);
    change(company);
    expectExitCode(await both('plan', '--json'), 0);
    expectExitCode(await both('sync', '--json'), 0);
    for (const command of ['history', 'status', 'passes']) await both(command, '--json');
    await both('explain', 'e00003');
    await both('evidence', '--user', 'e00002', '--json');
    expectExitCode(await both('pause', 'app', '--reason', 'maintenance'), 0);
    expectExitCode(await both('resume', 'app'), 0);
    expectExitCode(await both('check', '--json'), 0);
    expect(existsSync(database.cli.path('scimsync.db'))).toBe(false);
  });

  test('is moved from a file and back, and nothing is sent afterwards', async () => {
    await using one = await install(cluster().url(), 'file');
    const place = { schema: 'moved' };
    const company = createCompany(8, 20, 2);
    const sync = async (): Promise<number> => {
      one.cli.export(company);
      expectExitCode(await one.cli.run('sync'), 0);
      expect(one.state()).toEqual(expectedState(company));
      return writes(drainLog(one.server)).length;
    };
    await sync();
    one.keepStateIn(place);
    const there = await one.cli.run('state', 'copy', 'scimsync.db', 'postgres');
    expectExitCode(there, 0);
    expect(there.stdout).toMatch(/Copied [\d,]+ rows of \d+ tables from .* to schema moved of the database postgres/);
    expect(await sync()).toBe(0);
    change(company);
    expect(await sync()).toBeGreaterThan(2);
    const again = await one.cli.run('state', 'copy', 'scimsync.db', 'postgres');
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining('has a state already') });
    expectExitCode(await one.cli.run('state', 'copy', 'postgres', 'back.db'), 0);
    one.keepStateIn('file');
    expectExitCode(await one.cli.run('restore', 'back.db'), 0);
    expect(await sync()).toBe(0);
    one.keepStateIn(place);
    expectExitCode(await one.cli.run('restore', 'back.db'), 0);
    expect(await sync()).toBe(0);
  });

  test('goes on where the database restarts in the middle of a pass, and sends nothing twice', async () => {
    await using database = await install(cluster().url(), { schema: 'restarted' });
    const company = createCompany(9, 120, 2);
    database.cli.export(company);
    const pass = database.cli.start('sync', '--json');
    await waitUntil('accounts', () => database.server.users.size > 10);
    await cluster().crash();
    await cluster().start();
    expectExitCode(await pass.exited, 0);
    expect(database.state()).toEqual(expectedState(company));
    const posts = drainLog(database.server).filter(({ method }) => method === 'POST');
    expect(posts.length).toBe(120 + 2);
    expectExitCode(await database.cli.run('sync'), 0);
    expect(writes(drainLog(database.server))).toEqual([]);
  });

  test.each([
    ['a wrong password', 'wrong-4711', 'it refuses the user or the password'],
    ['no right to create the schema', 'secret-4711', 'it must own the schema'],
  ])('%s is stated, and no password', async (_, password, sentence) => {
    await cluster().query(`do $$ begin create role least login password 'secret-4711'; exception
      when duplicate_object then null; end $$`);
    await using database = await install(cluster().url('least', password), { schema: 'denied' });
    database.cli.export(createCompany(1, 3));
    const { code: exit, stderr } = await database.cli.run('sync', '--log-level', 'error');
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: expect.stringContaining(sentence) });
    expect(stderr).not.toContain(password);
  });

  test('a database that does not answer is an error at once', async () => {
    await using database = await install('postgres://me@127.0.0.1:1/postgres', { schema: 'gone' });
    const { code, stderr } = await database.cli.run('status');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('cannot be reached (') });
  });
});
