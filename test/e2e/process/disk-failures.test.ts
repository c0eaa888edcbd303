import { execFile } from 'node:child_process';
import { expect, jest, test } from '@jest/globals';
import { program } from '../../world/cli-workspace.ts';
import { createCompany } from '../../world/company.ts';
import { createFixture, expectExitCode, type Fixture } from '../../world/fixture.ts';
import { expectedState } from '../../world/state.ts';

jest.setTimeout(60_000);

/** Runs a command line that may write no file of more than this number of KB. */
const limited = ({ server, cli }: Fixture, kilobytes: number, ...args: readonly string[]) =>
  new Promise<{ readonly code: unknown; readonly stderr: string }>((resolve) => {
    execFile(
      'bash',
      ['-c', `ulimit -f ${kilobytes}; exec "$0" "$@"`, process.execPath, program, ...args],
      { cwd: cli.folder, env: { PATH: process.env['PATH'] ?? '', APP_TOKEN: server.token } },
      (error, _stdout, stderr) => resolve({ code: error?.code ?? 0, stderr }),
    );
  });

test.each([
  ['at the first page', 1],
  ['in the middle of the first reading', 250],
])(
  'a file system that takes no more, %s: a sentence, nothing half done, and the next pass completes it',
  async (_, kb) => {
    await using fixture = await createFixture();
    const company = createCompany(171, 300, 5);
    fixture.cli.export(company);
    const run = await limited(fixture, kb, 'sync');
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/scimsync: the state file .*cannot be .*\(code: state\.(?:ioError|noSpace)\)/);
    expect(run.stderr).not.toMatch(/internal error|\n\s+at /);
    expect(fixture.server.users.size).toBe(0);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  },
);
