import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { hire } from '../../world/company.ts';
import {
  stepTitles,
  runServerLifecycle,
  requestLines,
  asIs,
  testServerLifecycle,
  type ServerLifecycle,
} from '../../world/third-party/lifecycle.ts';
import type { ThirdPartyServer } from '../../world/third-party/server-process.ts';
import { describeWithServer, startServer } from '../../world/third-party-servers.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { expectedState } from '../../world/state.ts';

jest.setTimeout(60_000);

const profile = 'ory-polis';

describeWithServer('polis', 'a lifecycle at the directory synchronisation of Polis', () => {
  let application: ThirdPartyServer;
  let lifecycle: ServerLifecycle;
  beforeAll(async () => {
    application = await startServer('polis');
    lifecycle = await runServerLifecycle(application, profile);
  });
  afterAll(async () => {
    await lifecycle[Symbol.asyncDispose]();
    await application[Symbol.asyncDispose]();
  });

  testServerLifecycle(() => lifecycle, asIs);

  test('ServiceProviderConfig is never requested, because the server does not have it', () => {
    expect(
      stepTitles
        .flatMap((title) => requestLines(lifecycle.step(title).log))
        .filter((line) => line.includes('ServiceProviderConfig')),
    ).toEqual([]);
  });

  // A list of this server has at most 50 users and does not report that there are more.
  // The server finds a group only by the name with which it was created.
  test('without the state file all 90 users and their groups are adopted, without duplicates', async () => {
    await using fresh = await startServer('polis');
    await using first = await runServerLifecycle(fresh, profile, stepTitles.slice(0, 1));
    for (let turn = 0; turn < 60; turn += 1) hire(first.company);
    const before = await first.runStep();
    expect(before.state).toEqual(expectedState(first.company));
    first.deleteState();
    const { run, log, state, secondPassLog } = await first.runStep();
    expectExitCode(run, 0);
    expect(state).toEqual(before.state);
    expect(log.filter(({ method, status }) => method === 'POST' && status === 201)).toEqual([]);
    expect(requestLines(secondPassLog)).toEqual([]);
  });
});
