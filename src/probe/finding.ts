import { decide, errorSummary } from '../scim/judge/judge-response.ts';
import type { Response } from '../scim/transport/message.ts';
import type { ProfileLimits, Supports, Profile, Protocol } from '../model/profile.ts';

/** Profile settings that a finding decides. */
export interface ProfileSettings {
  readonly supports?: Partial<Supports>;
  readonly protocol?: Partial<Protocol>;
  readonly limits?: Partial<ProfileLimits>;
}

/** One result of the probe: a sentence for the operator, and the profile settings that follow from it. */
export interface Finding {
  /** The subject in one or two words: the first column of the printed table. */
  readonly topic: string;
  readonly sentence: string;
  readonly settings?: ProfileSettings;
  /** The experiment gave no answer: the initial profile's setting remains. */
  readonly undecided?: true;
}

/** All findings of a probe, in the order of the experiments. */
export interface Findings {
  readonly all: readonly Finding[];
  add(...findings: readonly Finding[]): void;
  /** The initial profile with all settings decided so far; a later finding overrides an earlier one. */
  profile(): Profile;
}

/** Collects findings on top of an initial profile. */
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

/** A finding that may decide settings of the profile. */
export const finding = (topic: string, sentence: string, settings?: ProfileSettings): Finding => ({
  topic,
  sentence,
  ...(settings === undefined ? {} : { settings }),
});
/** A finding that decides no setting, because the experiment had no clear result. */
export const undecided = (topic: string, sentence: string): Finding => ({ topic, sentence, undecided: true });

/** Describes a request that did not work: the target refused it, or accepted it without effect. */
export const failureText = (response: Response): string =>
  decide(response) === 'accept' ? `answered ${response.status}, without effect` : `refused, ${errorSummary(response)}`;
