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

describeWithServer('better-auth', "a company's life at the SCIM plugin of better-auth", () => {
  let application: ThirdPartyServer;
  let life: ServerLifecycle;
  beforeAll(async () => {
    application = await startServer('better-auth');
    life = await runServerLifecycle(application, profile);
  });
  afterAll(async () => {
    await life[Symbol.asyncDispose]();
    await application[Symbol.asyncDispose]();
  });

  testServerLifecycle(() => life, withLowerCaseEmails);

  test('without its state it takes everybody over, whose addresses are in small letters now, and nobody is there twice', async () => {
    const before = await application.state();
    life.deleteState();
    const { run, log, state, secondPassLog } = await life.runStep();
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
