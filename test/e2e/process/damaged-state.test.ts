import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { createCompany } from '../../world/company.ts';
import { createFixture, drainLog, expectExitCode } from '../../world/fixture.ts';

jest.setTimeout(60_000);

const pageSize = 4096;

const damages: readonly (readonly [string, (file: string) => void])[] = [
  [
    'overwritten pages',
    (file) => {
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(7, 2 * pageSize, 4 * pageSize));
    },
  ],
  ['a file that was cut off', (file) => truncateSync(file, Math.floor(statSync(file).size / 3))],
  [
    'an overwritten table of tables',
    (file) => {
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(7, 100, pageSize));
    },
  ],
];

describe.each(damages)('a damaged state: %s', (_, damage) => {
  test('ends each command that needs it with what to do, and sends nothing', async () => {
    await using fixture = await createFixture();
    expectExitCode(await fixture.pass(createCompany(71, 60, 3)), 0);
    damage(fixture.cli.path('scimsync.db'));
    drainLog(fixture.server);
    for (const args of [['plan'], ['sync'], ['status'], ['check'], ['history'], ['explain', 'e1']]) {
      const run = await fixture.cli.run(...args);
      expectExitCode(run, 1);
      for (const part of ['(code: state.damaged)', 'backup', 'scimsync orphans']) expect(run.stderr).toContain(part);
      expect(run.stderr).not.toMatch(/internal error|\n\s+at /);
    }
    expect(drainLog(fixture.server).filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});
