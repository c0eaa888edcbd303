import { describe, expect, jest, test } from '@jest/globals';
import { createCliWorkspace, type CliProcess } from '../../world/cli-workspace.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

const urlPattern = /http:\/\/127\.0\.0\.1:\d+\/scim\/v2/;

/** What a sandbox says once it listens. */
async function waitForStart(cliProcess: CliProcess): Promise<string> {
  await waitUntil(
    'the sandbox',
    () => /page {3}http/.test(cliProcess.output().stdout) || cliProcess.child.exitCode !== null,
  );
  return cliProcess.output().stdout;
}

describe('scimsync sandbox', () => {
  test.concurrent('plays a profile and misbehaviours, and says so', async () => {
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
    expect((await call('/Users?filter=userName%20eq%20%22nobody%22')).status).toBe(404);
    expect((await call('/Users/nobody')).status).toBe(401);
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
    ).toEqual(Array.from({ length: 85 }, (_, number) => number + 1));
    expect(stdout).toMatch(/^71 .+ \(cannot be played: .+\)$/m);
  });

  test.concurrent.each([
    [['--profile', 'atlasian'], /there is no profile "atlasian"; did you mean "atlassian"\?/],
    [['--profile', 'missing.json'], /missing\.json/],
    [['--misbehave', '99'], /There is no misbehaviour 99/],
    [['--misbehave', '71'], /Misbehaviour 71 cannot be played/],
    [['--misbehave', 'all'], /whole number/],
  ])('%j is a mistake', async (args, says) => {
    await using cli = createCliWorkspace({});
    const { code, stderr } = await cli.run('sandbox', '--port', '0', ...args);
    expect(code).toBe(4);
    expect(stderr).toMatch(says);
  });
});
