import type { Allows, Holds, Profile, Speaks } from '../model/profile.ts';

/** Words of a profile that something seen decides. */
export interface Words {
  readonly holds?: Partial<Holds>;
  readonly speaks?: Partial<Speaks>;
  readonly allows?: Partial<Allows>;
}

/** One thing that is known now, as a sentence for a person and as words for a profile. */
export interface Finding {
  /** What it is about, in one word or two: the first column of the table. */
  readonly about: string;
  readonly sentence: string;
  readonly words?: Words;
  /** It could not be found out: the word that the profile had before stands. */
  readonly undecided?: true;
}

export interface Notebook {
  readonly findings: readonly Finding[];
  note(...findings: readonly Finding[]): void;
  /** The profile to begin with, with every word that was found out so far. */
  profile(): Profile;
}

export function openNotebook(start: Profile): Notebook {
  const findings: Finding[] = [];
  let profile = start;
  return {
    findings,
    note(...more) {
      findings.push(...more);
      profile = more.reduce(withWords, profile);
    },
    profile: () => profile,
  };
}

function withWords(profile: Profile, { words }: Finding): Profile {
  if (words === undefined) return profile;
  const { holds, speaks, allows } = words;
  return {
    ...profile,
    holds: { ...profile.holds, ...holds },
    speaks: { ...profile.speaks, ...speaks },
    allows: { ...profile.allows, ...allows },
  };
}

export const finding = (about: string, sentence: string, words?: Words): Finding => ({
  about,
  sentence,
  ...(words === undefined ? {} : { words }),
});
export const undecided = (about: string, sentence: string): Finding => ({ about, sentence, undecided: true });
