import { expect, jest, test } from '@jest/globals';
import type { Profile } from '../../src/model/profile.ts';
import {
  stepTitles,
  withLowerCaseEmails,
  runServerLifecycle,
  requestLines,
  asIs,
  unsuccessfulOperations,
  type ToStoredState,
} from '../world/third-party/lifecycle.ts';
import type { ThirdPartyServer } from '../world/third-party/server-process.ts';
import { describeWithServer, startServer } from '../world/third-party-servers.ts';
import { startScimmy } from '../world/third-party/scimmy.ts';
import { createCliWorkspace, type CliWorkspace } from '../world/cli-workspace.ts';
import { configuration, expectExitCode, target } from '../world/fixture.ts';
import { builtInProfile } from '../world/profile.ts';
import { expectedState } from '../world/state.ts';

jest.setTimeout(90_000);

/** Probes it. @returns the file that the profile is in */
async function probeProfile(application: ThirdPartyServer, at: CliWorkspace): Promise<string> {
  at.configure(configuration([target(application.url)]));
  expectExitCode(await at.run('probe', 'app', '--yes', '--write', 'app.json'), 0);
  return at.path('app.json');
}

/** A company lives there on nothing but what the probe found out: it converges, and a second pass asks nothing. */
async function syncsWithProbedProfile(
  application: ThirdPartyServer,
  toStoredState: ToStoredState,
  name: string,
  differences: readonly string[],
): Promise<void> {
  await using at = createCliWorkspace({ APP_TOKEN: application.token });
  const file = await probeProfile(application, at);
  expect(differingSettings(builtInProfile(file), builtInProfile(name))).toEqual(differences);
  await using life = await runServerLifecycle(application, file);
  for (const title of stepTitles) {
    const step = life.step(title);
    expectExitCode(step.run, 0);
    expect([title, unsuccessfulOperations(step)]).toEqual([title, []]);
    expect(step.state).toEqual(toStoredState(expectedState(step.company)));
    expect([title, requestLines(step.secondPassLog)]).toEqual([title, []]);
  }
}

/** Settings that two profiles say differently. */
function differingSettings(probed: Profile, known: Profile): readonly string[] {
  return (['supports', 'protocol', 'limits'] as const).flatMap((part) => {
    const [one, other] = [probed[part], known[part]] as const;
    return Object.entries(one).flatMap(([name, value]) => {
      const knownValue = (other as unknown as Readonly<Record<string, unknown>>)[name];
      return JSON.stringify(value) === JSON.stringify(knownValue)
        ? []
        : [`${name}: ${JSON.stringify(value)} instead of ${JSON.stringify(knownValue)}`];
    });
  });
}

test('SCIMMY is probed, and a company lives there on what was found out', async () => {
  await using scimmy = await startScimmy();
  await syncsWithProbedProfile(scimmy, asIs, 'scimmy', [
    // What is stored, and how, is the business of whoever uses the package; ours keeps the case of names.
    'caseInsensitive: [] instead of ["userName"]',
  ]);
});

describeWithServer('better-auth', 'a probe', () => {
  test('finds out enough for a company to live there', async () => {
    await using application = await startServer('better-auth');
    await syncsWithProbedProfile(application, withLowerCaseEmails, 'better-auth', [
      // It has no such attribute, which no page of its documentation says.
      'unsupportedAttributes: ["nickName"] instead of []',
      // It makes an address up for whoever has none, so that nobody is refused; the profile would rather have real ones.
      'requiredAttributes: [] instead of ["userName","emails"]',
      // Sizes are documented, and larger than what a probe tries.
      'lists: {} instead of {"emails":{"maxItems":20,"primary":true}}',
      // Both work.
      'valuePaths: true instead of false',
      'membersPerGroup: null instead of 1000',
    ]);
  });
});

describeWithServer('polis', 'a probe', () => {
  test('finds out enough for a company to live there', async () => {
    await using application = await startServer('polis');
    await syncsWithProbedProfile(application, asIs, 'ory-polis', [
      // People are written by PUT, so that only the names of groups are said by PATCH, and those in either form.
      'patchPaths: "always" instead of "nested"',
      'valuePaths: true instead of false',
      // A userName is found only where it is an address as well.
      'matchUsers: ["emails.value"] instead of ["emails.value","userName"]',
    ]);
  });
});
