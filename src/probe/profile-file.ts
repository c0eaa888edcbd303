import type { Profile } from '../model/profile.ts';
import { formatTime } from '../model/time.ts';
import type { Instant } from '../model/ids.ts';
import type { Finding } from './finding.ts';

/** A profile as a file holds it: only the words that differ from the one that it extends. */
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
 * What was found out, as a profile that can be used from the next pass on.
 *
 * @param generic what it extends; a word that is the same there is left out
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
    description: `What the application at ${host} was seen to do on ${day}.`,
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
