import type { Profile } from '../model/profile.ts';
import { formatTime } from '../model/time.ts';
import type { Instant } from '../model/ids.ts';
import type { Finding } from './finding.ts';

/** The content of a profile file: only settings that differ from the profile that it extends. */
export interface ProfileFile {
  readonly name: string;
  readonly extends: 'generic';
  readonly description: string;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
  readonly verifiedOn: string;
  readonly supportLevel: 'probed';
  readonly supports?: Partial<Profile['supports']>;
  readonly protocol?: Partial<Profile['protocol']>;
  readonly limits?: Partial<Profile['limits']>;
}

/**
 * The probe's findings as a profile that a configuration can use.
 *
 * @param generic the profile that it extends; equal settings are omitted
 */
export function toProfileFile(
  probed: { readonly at: Instant; readonly findings: readonly Finding[]; readonly profile: Profile },
  generic: Profile,
  target: { readonly name: string; readonly url: string },
): ProfileFile {
  const day = formatTime(probed.at).slice(0, 10);
  const { host } = new URL(target.url);
  const sections = {
    supports: differingSettings(probed.profile.supports, generic.supports),
    protocol: differingSettings(probed.profile.protocol, generic.protocol),
    limits: differingSettings(probed.profile.limits, generic.limits),
  };
  return {
    name: `${target.name}-probed`,
    extends: 'generic',
    description: `Behaviour of the application at ${host}, probed on ${day}.`,
    sources: [`probe of ${host} on ${day}`],
    notes: probed.findings
      .filter(({ undecided }) => undecided === true)
      .map(({ topic, sentence }) => `not decided (${topic}): ${sentence}`),
    verifiedOn: day,
    supportLevel: 'probed',
    ...Object.fromEntries(Object.entries(sections).filter(([, settings]) => Object.keys(settings).length > 0)),
  };
}

function differingSettings<T extends object>(settings: T, generic: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify((generic as Record<string, unknown>)[name]),
    ),
  ) as Partial<T>;
}
