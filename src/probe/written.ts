import type { Profile } from '../model/profile.ts';
import { isoTime } from '../model/time.ts';
import type { Instant } from '../model/ids.ts';
import type { Finding } from './finding.ts';

/** A profile as a file holds it: only the words that differ from the one that it extends. */
export interface Written {
  readonly name: string;
  readonly extends: 'generic';
  readonly description: string;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
  readonly verifiedOn: string;
  readonly supportLevel: 'probed';
  readonly holds?: Partial<Profile['holds']>;
  readonly speaks?: Partial<Profile['speaks']>;
  readonly allows?: Partial<Profile['allows']>;
}

/**
 * What was found out, as a profile that can be used from the next pass on.
 *
 * @param generic what it extends; a word that is the same there is left out
 */
export function writtenProfile(
  probed: { readonly at: Instant; readonly findings: readonly Finding[]; readonly profile: Profile },
  generic: Profile,
  target: { readonly name: string; readonly url: string },
): Written {
  const day = isoTime(probed.at).slice(0, 10);
  const { host } = new URL(target.url);
  const parts = {
    holds: differing(probed.profile.holds, generic.holds),
    speaks: differing(probed.profile.speaks, generic.speaks),
    allows: differing(probed.profile.allows, generic.allows),
  };
  return {
    name: `${target.name}-probed`,
    extends: 'generic',
    description: `What the application at ${host} was seen to do on ${day}.`,
    sources: [`probe of ${host} on ${day}`],
    notes: probed.findings
      .filter(({ undecided }) => undecided === true)
      .map(({ about, sentence }) => `not decided (${about}): ${sentence}`),
    verifiedOn: day,
    supportLevel: 'probed',
    ...Object.fromEntries(Object.entries(parts).filter(([, words]) => Object.keys(words).length > 0)),
  };
}

function differing<T extends object>(words: T, generic: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(words).filter(
      ([word, value]) => JSON.stringify(value) !== JSON.stringify((generic as Record<string, unknown>)[word]),
    ),
  ) as Partial<T>;
}
