import type { Profile } from '../model/profile.ts';
import { checked, layersOf, nameOf, WrongLayer, type LayerIo, type Library } from './layers.ts';
import { completeProfileSchema, profileSchema, type WrittenProfile } from './profile-schema.ts';

export interface ProfileIo extends LayerIo {
  /** Where the built-in profiles are: NAME.json. */
  readonly profilesFolder: string;
}

export type ReadProfile = { readonly kind: 'profile'; readonly profile: Profile } | { readonly kind: 'wrong'; readonly message: string };

/** The profile of that name, or the one that stands in place: complete, everything that it leaves out filled in from what it extends. */
export function readProfile(written: string | WrittenProfile, io: ProfileIo): ReadProfile {
  const library: Library<WrittenProfile> = { noun: 'profile', folder: io.profilesFolder, schema: profileSchema };
  try {
    return { kind: 'profile', profile: merge(layersOf(written, library, io), library) };
  } catch (error) {
    if (error instanceof WrongLayer) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

function merge(layers: readonly WrittenProfile[], library: Library<WrittenProfile>): Profile {
  const pick = (part: 'holds' | 'speaks' | 'allows'): object => Object.assign({}, ...layers.map((layer) => layer[part] ?? {})) as object;
  const name = nameOf(layers);
  const endpoints = Object.assign({}, ...layers.map(({ speaks }) => speaks?.endpoints ?? {})) as object;
  const plays = layers.findLast((layer) => layer.plays !== undefined)?.plays;
  const whole = { holds: pick('holds'), speaks: { ...pick('speaks'), endpoints }, allows: pick('allows'), plays };
  return { name, ...checked(completeProfileSchema, whole, library, name) };
}
