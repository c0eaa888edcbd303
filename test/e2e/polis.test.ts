import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { hire } from '../world/company.ts';
import { happenings, realLife, requests, same, testLife, type RealLife } from '../world/real-life.ts';
import type { RealApplication } from '../world/real-application.ts';
import { describeAt, startServer } from '../world/real-servers.ts';
import { expectCode } from '../world/setup.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(60_000);

const profile = 'ory-polis';

describeAt('polis', "a company's life at the directory synchronisation of Polis", () => {
  let application: RealApplication;
  let life: RealLife;
  beforeAll(async () => {
    application = await startServer('polis');
    life = await realLife(application, profile);
  });
  afterAll(async () => {
    await life[Symbol.asyncDispose]();
    await application[Symbol.asyncDispose]();
  });

  testLife(() => life, same);

  test('it is never asked to describe itself, which it cannot', () => {
    expect(
      happenings
        .flatMap((title) => requests(life.chapter(title).log))
        .filter((line) => line.includes('ServiceProviderConfig')),
    ).toEqual([]);
  });

  // No list of it shows more than 50 people, or says that there are more; and it knows a team only by the name that it was made with.
  test('without its state it takes over all of 90 people and their teams, and nobody is there twice', async () => {
    await using fresh = await startServer('polis');
    await using first = await realLife(fresh, profile, happenings.slice(0, 1));
    for (let turn = 0; turn < 60; turn += 1) hire(first.made);
    const made = await first.next();
    expect(made.state).toEqual(expectedState(first.made));
    first.forget();
    const { run, log, state, again } = await first.next();
    expectCode(run, 0);
    expect(state).toEqual(made.state);
    expect(log.filter(({ method, status }) => method === 'POST' && status === 201)).toEqual([]);
    expect(requests(again)).toEqual([]);
  });
});
