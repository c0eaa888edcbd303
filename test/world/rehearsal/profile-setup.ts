import type { SandboxOptions } from '../../../src/sandbox/sandbox.ts';
import { target } from '../fixture.ts';
import { builtInProfile } from '../profile.ts';

/** Attributes that some applications require and for which the export has no column. */
const requiredAttributes: Readonly<Record<string, unknown>> = {
  displayName: "user['name.familyName']",
  'name.formatted': "user['name.familyName']",
  entitlements: [{ value: 'Standard User' }],
};

/** A built-in profile: at the sandbox and in the settings of the target. */
export interface ProfileSetup {
  readonly sandbox: Pick<SandboxOptions, 'profile'>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The profile without its rate limits, which would only delay a test; all other settings are those of the profile. */
export function profileSetup(name: string): ProfileSetup {
  const profile = builtInProfile(name);
  const limits = { requestsPerSecond: 1000, quotas: [] };
  const { mapping } = target('') as { mapping: { user: object; group: object } };
  const required = Object.fromEntries(
    Object.entries(requiredAttributes).filter(([path]) => profile.supports.requiredAttributes.includes(path)),
  );
  return {
    sandbox: { profile: { ...profile, limits: { ...profile.limits, ...limits } } },
    settings: { profile: { extends: name, limits }, mapping: { ...mapping, user: { ...mapping.user, ...required } } },
  };
}
