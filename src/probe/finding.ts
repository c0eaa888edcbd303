import type { ProfileLimits, Supports, Profile, Protocol } from '../model/profile.ts';

/** Words of a profile that something seen decides. */
export interface ProfileSettings {
  readonly supports?: Partial<Supports>;
  readonly protocol?: Partial<Protocol>;
  readonly limits?: Partial<ProfileLimits>;
}

/** One thing that is known now, as a sentence for a person and as words for a profile. */
export interface Finding {
  /** What it is about, in one word or two: the first column of the table. */
  readonly topic: string;
  readonly sentence: string;
  readonly settings?: ProfileSettings;
  /** It could not be found out: the word that the profile had before stands. */
  readonly undecided?: true;
}

export interface Findings {
  readonly all: readonly Finding[];
  add(...findings: readonly Finding[]): void;
  /** The profile to begin with, with every word that was found out so far. */
  profile(): Profile;
}

export function createFindings(start: Profile): Findings {
  const all: Finding[] = [];
  let profile = start;
  return {
    all,
    add(...added) {
      all.push(...added);
      profile = added.reduce(withSettings, profile);
    },
    profile: () => profile,
  };
}

function withSettings(profile: Profile, { settings }: Finding): Profile {
  if (settings === undefined) return profile;
  const { supports, protocol, limits } = settings;
  return {
    ...profile,
    supports: { ...profile.supports, ...supports },
    protocol: { ...profile.protocol, ...protocol },
    limits: { ...profile.limits, ...limits },
  };
}

export const finding = (topic: string, sentence: string, settings?: ProfileSettings): Finding => ({
  topic,
  sentence,
  ...(settings === undefined ? {} : { settings }),
});
export const undecided = (topic: string, sentence: string): Finding => ({ topic, sentence, undecided: true });
