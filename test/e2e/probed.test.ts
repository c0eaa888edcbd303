import { expect, jest, test } from '@jest/globals';
import { happenings, inLowerCase, realLife, requests, undone } from '../world/real-life.ts';
import type { RealApplication } from '../world/real-application.ts';
import { describeAt, startServer } from '../world/real-servers.ts';
import { startScimmy } from '../world/scimmy.ts';
import { desk, type Desk } from '../world/scimsync.ts';
import { configuration, expectCode, target } from '../world/setup.ts';
import { expectedState, type State } from '../world/state.ts';
import { readFileSync } from 'node:fs';

jest.setTimeout(90_000);

/** Probes it. @returns the file that the profile is in */
async function probed(application: RealApplication, at: Desk): Promise<string> {
  at.configure(configuration([target(application.url)]));
  expectCode(await at.run('probe', 'app', '--yes', '--write', 'app.json'), 0);
  return at.path('app.json');
}

/** A company lives there on nothing but what the probe found out: it converges, and a second pass asks nothing. */
async function livesOnProbe(application: RealApplication, asKept: (state: State) => State, words: object): Promise<void> {
  await using at = desk({ APP_TOKEN: application.token });
  const file = await probed(application, at);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject(words);
  await using life = await realLife(application, file);
  for (const title of happenings) {
    const chapter = life.chapter(title);
    expectCode(chapter.run, 0);
    expect([title, undone(chapter)]).toEqual([title, []]);
    expect(chapter.state).toEqual(asKept(expectedState(chapter.made)));
    expect([title, requests(chapter.again)]).toEqual([title, []]);
  }
}

const same = (state: State): State => state;

test('SCIMMY is probed, and a company lives there on what was found out', async () => {
  await using scimmy = await startScimmy();
  await livesOnProbe(scimmy, same, { speaks: { bulk: 'offered' } });
});

describeAt('better-auth', 'a probe', () => {
  test('finds out enough for a company to live there', async () => {
    await using application = await startServer('better-auth');
    await livesOnProbe(application, inLowerCase, { holds: { foldsCase: ['userName', 'emails'] }, speaks: { deletionEndsMemberships: true } });
  });
});

describeAt('polis', 'a probe', () => {
  test('finds out enough for a company to live there', async () => {
    await using application = await startServer('polis');
    await livesOnProbe(application, same, { speaks: { discovery: 'off', matchUsers: ['emails.value'], matchGroups: ['displayName'], readsMembers: false } });
  });
});
