import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { CliResult } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { createTwoTargets, type TwoTargets } from '../suspensions/two-targets.ts';

jest.setTimeout(60_000);

const hourMs = 3_600_000;

/** Runs SQL on a copy of the state, as an editor with access to the file does. */
function tamper({ cli }: TwoTargets, sql: string): () => void {
  const db = new Database(cli.path('scimsync.db'));
  const before = db.serialize();
  db.exec(sql);
  db.close();
  return () => writeFileSync(cli.path('scimsync.db'), before);
}

const findings = ({ stdout }: CliResult): readonly string[] =>
  stdout.split('\n').filter((line) => line.startsWith('FOUND: '));

test('an honest journal agrees with its chain, also after looks, relink and renames; any change is found', async () => {
  await using world = await createTwoTargets();
  const { cli } = world;
  world.people('1,ada,a,', '2,bob,b,1', '3,cyd,c,1');
  world.groups('g1,Red');
  world.members('g1,1', 'g1,2');
  expectExitCode(await cli.run('sync'), 0);
  world.people('1,ada,a2,', '3,cyd,c,1');
  world.members('g1,1', 'g1,3');
  expectExitCode(await cli.runAhead(hourMs, 'sync'), 0);
  expectExitCode(await cli.run('pause', 'wiki', '--reason', 'migration'), 0);
  expectExitCode(await cli.run('resume', 'wiki'), 0);
  world.people('1,ada,a2,', 'c-3,cyd,c,1');
  world.members('g1,1', 'g1,c-3');
  writeFileSync(cli.path('pairs.csv'), '3,c-3\n');
  expectExitCode(await cli.run('relink', 'pairs.csv'), 0);
  expectExitCode(await cli.runAhead(3 * hourMs, 'sync'), 0);
  const honest = await cli.run('history', '--verify');
  expect(findings(honest)).toEqual([]);
  expectExitCode(honest, 0);
  expect(honest.stdout).toMatch(/Head: entry \d+, [0-9a-f]{64}\nThe journal agrees with its chain\./);

  const done = `(select min(id) from operation where state = 'done' and action = 'deactivate')`;
  for (const [sql, expected] of [
    [`update operation set status = 500 where id = ${done}`, /operation \d+ of pass 2 was changed/],
    [`update operation_member set key = '9' where key = '2' and removed = 0`, /operation \d+ of pass 1 was changed/],
    [
      `delete from operation_payload where operation = ${done}; delete from verification where operation = ${done};
      delete from operation where id = ${done}`,
      /operation \d+ of pass 2 was removed/,
    ],
    [
      `insert into operation (pass, target, round, phase, action, resource_type, key, name, reason, state)
      values (2, 1, 0, 1, 'deactivate', 'User', '7', 'eve', 'left the source', 'done')`,
      /operation \d+ of pass 2 was inserted/,
    ],
    [`update pass set note = 'mallory did it' where id = 3`, /pass 3 was changed/],
    [`update pass_target set summary = '{}' where pass = 1`, /pass 1 was changed/],
    [`delete from chain_entry where seq = (select min(seq) from chain_entry)`, /entries before 2 .* are missing/],
    [`delete from chain_entry where seq = (select max(seq) from chain_entry)`, /end of the chain is missing/],
    ['delete from chain_entry', /end of the chain is missing/],
    [`update chain_entry set content = zeroblob(7) where seq = 2`, /entry 2 of the chain was changed/],
  ] as const) {
    const undo = tamper(world, sql);
    const run = await cli.run('history', '--verify');
    expectExitCode(run, 1);
    expect(findings(run).join('\n')).toMatch(expected);
    undo();
  }
  expectExitCode(await cli.run('history', '--verify', '--json'), 0);
});
