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

/** Probes the application and returns the path of the profile. */
async function probeProfile(application: ThirdPartyServer, at: CliWorkspace): Promise<string> {
  at.configure(configuration([target(application.url)]));
  expectExitCode(await at.run('probe', 'app', '--yes', '--write', 'app.json'), 0);
  return at.path('app.json');
}

/** Runs the lifecycle with the probed profile alone: each step converges, and a second pass sends no request. */
async function syncsWithProbedProfile(
  application: ThirdPartyServer,
  toStoredState: ToStoredState,
  name: string,
  differences: readonly string[],
): Promise<void> {
  await using at = createCliWorkspace({ APP_TOKEN: application.token });
  const file = await probeProfile(application, at);
  expect(differingSettings(builtInProfile(file), builtInProfile(name))).toEqual(differences);
  await using lifecycle = await runServerLifecycle(application, file);
  for (const title of stepTitles) {
    const step = lifecycle.step(title);
    expectExitCode(step.run, 0);
    expect([title, unsuccessfulOperations(step)]).toEqual([title, []]);
    expect(step.state).toEqual(toStoredState(expectedState(step.company)));
    expect([title, requestLines(step.secondPassLog)]).toEqual([title, []]);
  }
}

/** Settings that differ between two profiles. */
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

test('the lifecycle succeeds at SCIMMY with the probed profile', async () => {
  await using scimmy = await startScimmy();
  await syncsWithProbedProfile(scimmy, asIs, 'scimmy', []);
});

describeWithServer('better-auth', 'a probe', () => {
  test('writes a profile with which the lifecycle succeeds', async () => {
    await using application = await startServer('better-auth');
    await syncsWithProbedProfile(application, withLowerCaseEmails, 'better-auth', [
      // The server does not support the attribute. Its documentation does not mention this.
      'unsupportedAttributes: ["nickName"] instead of []',
      // The server invents an address for a user without one and rejects no user. The profile requires real addresses.
      'requiredAttributes: [] instead of ["userName","emails"]',
      // The probe saw no userName that the server stores in another letter case.
      'caseInsensitive: ["emails"] instead of ["userName","emails"]',
      // The documented limits are larger than the sizes that a probe tries.
      'lists: {} instead of {"emails":{"maxItems":20,"primary":true}}',
      // Both forms of PATCH paths work.
      'valuePaths: true instead of false',
      'membersPerGroup: null instead of 1000',
    ]);
  });
});

describeWithServer('polis', 'a probe', () => {
  test('writes a profile with which the lifecycle succeeds', async () => {
    await using application = await startServer('polis');
    await syncsWithProbedProfile(application, asIs, 'ory-polis', [
      // Users are updated by PUT. PATCH is used for the names of groups only, and the server accepts both path forms.
      'patchPaths: "always" instead of "nested"',
      'valuePaths: true instead of false',
      // The probe did not see whether the server shows members, and keeps the default.
      'returnsMembers: true instead of false',
      // The server finds a userName only if it equals an e-mail address.
      'matchUsers: ["emails.value"] instead of ["emails.value","userName"]',
    ]);
  });
});
