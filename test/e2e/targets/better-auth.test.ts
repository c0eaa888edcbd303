import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  withLowerCaseEmails,
  runServerLifecycle,
  requestLines,
  testServerLifecycle,
  type ServerLifecycle,
} from '../../world/third-party/lifecycle.ts';
import type { ThirdPartyServer } from '../../world/third-party/server-process.ts';
import { describeWithServer, startServer } from '../../world/third-party-servers.ts';
import { expectExitCode, operationLines } from '../../world/fixture.ts';
import type { CliResult } from '../../world/cli-workspace.ts';

jest.setTimeout(60_000);

const profile = 'better-auth';

describeWithServer('better-auth', 'a lifecycle at the SCIM plugin of better-auth', () => {
  let application: ThirdPartyServer;
  let lifecycle: ServerLifecycle;
  beforeAll(async () => {
    application = await startServer('better-auth');
    lifecycle = await runServerLifecycle(application, profile);
  });
  afterAll(async () => {
    await lifecycle[Symbol.asyncDispose]();
    await application[Symbol.asyncDispose]();
  });

  testServerLifecycle(() => lifecycle, withLowerCaseEmails);

  test('without the state file all users are adopted, despite lower-case e-mail addresses', async () => {
    const before = await application.state();
    lifecycle.deleteState();
    const { run, log, state, secondPassLog } = await lifecycle.runStep();
    expectExitCode(run, 0);
    expect(state).toEqual(before);
    expect(log.filter(({ method, status }) => method === 'POST' && status === 201)).toEqual([]);
    expect(operationLines(run).filter(({ action, outcome }) => action === 'create' && outcome !== 'adopted')).toEqual(
      [],
    );
    expect(changedPaths(run).filter((path) => path.startsWith('emails'))).toEqual([]);
    expect(requestLines(secondPassLog)).toEqual([]);
  });
});

const changedPaths = (run: CliResult): readonly string[] =>
  operationLines(run)
    .filter(({ action }) => action === 'update')
    .flatMap((line) => (line['changes'] as readonly { readonly path: string }[]).map(({ path }) => path));
