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

describeWithServer('polis', "a company's life at the directory synchronisation of Polis", () => {
  let application: ThirdPartyServer;
  let life: ServerLifecycle;
  beforeAll(async () => {
    application = await startServer('polis');
    life = await runServerLifecycle(application, profile);
  });
  afterAll(async () => {
    await life[Symbol.asyncDispose]();
    await application[Symbol.asyncDispose]();
  });

  testServerLifecycle(() => life, asIs);

  test('it is never asked to describe itself, which it cannot', () => {
    expect(
      stepTitles
        .flatMap((title) => requestLines(life.step(title).log))
        .filter((line) => line.includes('ServiceProviderConfig')),
    ).toEqual([]);
  });

  // No list of it shows more than 50 people, or says that there are more; and it knows a team only by the name that it was made with.
  test('without its state it takes over all of 90 people and their teams, and nobody is there twice', async () => {
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
