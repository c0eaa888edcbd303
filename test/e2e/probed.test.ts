import { expect, jest, test } from '@jest/globals';
import type { Profile } from '../../src/model/profile.ts';
import { happenings, inLowerCase, realLife, requests, same, undone, type AsKept } from '../world/real-life.ts';
import type { RealApplication } from '../world/real-application.ts';
import { describeAt, startServer } from '../world/real-servers.ts';
import { startScimmy } from '../world/scimmy.ts';
import { desk, type Desk } from '../world/scimsync.ts';
import { configuration, expectCode, target } from '../world/setup.ts';
import { builtIn } from '../world/profile.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(90_000);

/** Probes it. @returns the file that the profile is in */
async function probed(application: RealApplication, at: Desk): Promise<string> {
  at.configure(configuration([target(application.url)]));
  expectCode(await at.run('probe', 'app', '--yes', '--write', 'app.json'), 0);
  return at.path('app.json');
}

/** A company lives there on nothing but what the probe found out: it converges, and a second pass asks nothing. */
async function livesOnProbe(
  application: RealApplication,
  asKept: AsKept,
  name: string,
  differences: readonly string[],
): Promise<void> {
  await using at = desk({ APP_TOKEN: application.token });
  const file = await probed(application, at);
  expect(differing(builtIn(file), builtIn(name))).toEqual(differences);
  await using life = await realLife(application, file);
  for (const title of happenings) {
    const chapter = life.chapter(title);
    expectCode(chapter.run, 0);
    expect([title, undone(chapter)]).toEqual([title, []]);
    expect(chapter.state).toEqual(asKept(expectedState(chapter.made)));
    expect([title, requests(chapter.again)]).toEqual([title, []]);
  }
}

/** Words that two profiles say differently. */
function differing(probed_: Profile, known: Profile): readonly string[] {
  return (['holds', 'speaks', 'allows'] as const).flatMap((part) => {
    const [one, other] = [probed_[part], known[part]] as const;
    return Object.entries(one).flatMap(([word, value]) => {
      const there = (other as unknown as Readonly<Record<string, unknown>>)[word];
      return JSON.stringify(value) === JSON.stringify(there)
        ? []
        : [`${word}: ${JSON.stringify(value)} instead of ${JSON.stringify(there)}`];
    });
  });
}

test('SCIMMY is probed, and a company lives there on what was found out', async () => {
  await using scimmy = await startScimmy();
  await livesOnProbe(scimmy, same, 'scimmy', [
    // What is stored, and how, is the business of whoever uses the package; ours keeps the case of names.
    'foldsCase: [] instead of ["userName"]',
  ]);
});

describeAt('better-auth', 'a probe', () => {
  test('finds out enough for a company to live there', async () => {
    await using application = await startServer('better-auth');
    await livesOnProbe(application, inLowerCase, 'better-auth', [
      // It has no such attribute, which no page of its documentation says.
      'drops: ["nickName"] instead of []',
      // It makes an address up for whoever has none, so that nobody is refused; the profile would rather have real ones.
      'needs: [] instead of ["userName","emails"]',
      // Sizes are documented, and larger than what a probe tries.
      'lists: {} instead of {"emails":{"most":20,"primary":true}}',
      // Both work.
      'valuePaths: true instead of false',
      'membersPerGroup: null instead of 1000',
    ]);
  });
});

describeAt('polis', 'a probe', () => {
  test('finds out enough for a company to live there', async () => {
    await using application = await startServer('polis');
    await livesOnProbe(application, same, 'ory-polis', [
      // People are written by PUT, so that only the names of groups are said by PATCH, and those in either form.
      'patchPaths: "always" instead of "nested"',
      'valuePaths: true instead of false',
      // A userName is found only where it is an address as well.
      'matchUsers: ["emails.value"] instead of ["emails.value","userName"]',
    ]);
  });
});
