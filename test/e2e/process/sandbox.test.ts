import { describe, expect, jest, test } from '@jest/globals';
import { createCliWorkspace, type CliProcess } from '../../world/cli-workspace.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

const urlPattern = /http:\/\/127\.0\.0\.1:\d+\/scim\/v2/;

/** The output of a sandbox at the time it listens. */
async function waitForStart(cliProcess: CliProcess): Promise<string> {
  await waitUntil(
    'the sandbox',
    () => /page {3}http/.test(cliProcess.output().stdout) || cliProcess.child.exitCode !== null,
  );
  return cliProcess.output().stdout;
}

describe('scimsync sandbox', () => {
  test.concurrent('simulates a profile and misbehaviours, and lists them', async () => {
    await using cli = createCliWorkspace({});
    const cliProcess = cli.start(
      'sandbox',
      '--port',
      '0',
      '--token',
      'tok',
      '--profile',
      'atlassian',
      '--misbehave',
      '6,13',
      '--misbehave',
      '73',
    );
    const output = await waitForStart(cliProcess);
    expect(output).toMatch(/^This is a rehearsal of atlassian, made from public documentation\./);
    expect(output).toMatch(/^known {2}documented$/m);
    for (const number of [6, 13, 56, 73]) expect(output).toMatch(new RegExp(`^plays {2}${number}: .+$`, 'm'));
    const url = urlPattern.exec(output)?.[0] ?? '';
    const call = (path: string, method = 'GET'): Promise<Response> =>
      fetch(`${url}${path}`, { method, headers: { authorization: 'Bearer tok' } });
    expect((await call('/Users?filter=userName%20eq%20%22unknown%22')).status).toBe(404);
    expect((await call('/Users/unknown')).status).toBe(401);
    expect(((await (await call('/Users')).json()) as { totalResults: unknown }).totalResults).toBe('0');
    cliProcess.child.kill('SIGTERM');
    expect((await cliProcess.exited).code).toBe(0);
  });

  test.concurrent('lists the misbehaviours', async () => {
    await using cli = createCliWorkspace({});
    const { code, stdout } = await cli.run('sandbox', '--list-misbehaviours');
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => Number(/^ *(\d+) {2}\S/.exec(line)?.[1])),
    ).toEqual(Array.from({ length: 110 }, (_, number) => number + 1));
    expect(stdout).toMatch(/^ *71 .+ \(cannot be played: .+\)$/m);
  });

  test.concurrent.each([
    [['--profile', 'atlasian'], 'commandLine.invalidProfile', 'atlassian'],
    [['--profile', 'missing.json'], 'commandLine.invalidProfile', 'missing.json'],
    [['--misbehave', '999'], 'commandLine.unknownMisbehaviour', '999'],
    [['--misbehave', '71'], 'commandLine.unknownMisbehaviour', '71'],
  ])('%j is refused with %s', async (args, errorCode, part) => {
    await using cli = createCliWorkspace({});
    const { code, stderr } = await cli.run('sandbox', '--port', '0', ...args);
    expect(code).toBe(4);
    expect(stderr).toContain(`(code: ${errorCode})`);
    expect(stderr).toContain(part);
  });

  test.concurrent('a port that is in use is named', async () => {
    await using cli = createCliWorkspace({});
    const first = cli.start('sandbox', '--port', '0');
    const port = /:(\d+)\/scim/.exec(await waitForStart(first))?.[1] ?? '';
    const { code, stderr } = await cli.start('sandbox', '--port', port).exited;
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} of this machine is in use`);
    expect((await cli.run('sandbox', '--port', '65536')).code).toBe(4);
  });

  test.concurrent('a misbehaviour that is not a number is a usage error', async () => {
    await using cli = createCliWorkspace({});
    const { code, stderr } = await cli.run('sandbox', '--port', '0', '--misbehave', 'all');
    expect(code).toBe(4);
    expect(stderr).toContain('--misbehave');
  });
});
