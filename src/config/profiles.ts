import type { Profile } from '../model/profile.ts';
import { absolute } from './folder.ts';
import {
  checked,
  layersOf,
  nameOf,
  readLayer,
  whyUnreadable,
  WrongLayer,
  type LayerIo,
  type Library,
} from './layers.ts';
import { completeProfileSchema, profileSchema, type WrittenProfile } from './profile-schema.ts';

export interface ProfileIo extends LayerIo {
  /** Where the built-in profiles are: NAME.json. */
  readonly profilesFolder: string;
  /** From which the names of an operator's own files start: that of the configuration. */
  readonly folder?: string;
}

/** What is said of a profile, and changes nothing: of its last layer that says it. */
export type AboutProfile = Pick<WrittenProfile, 'supportLevel' | 'verifiedOn' | 'auth' | 'notes' | 'url'>;

export type ReadProfile =
  | { readonly kind: 'profile'; readonly profile: Profile; readonly about: AboutProfile }
  | { readonly kind: 'wrong'; readonly message: string };

/**
 * The profile of that name, of that file, or the one that stands in place: complete, everything that it leaves out filled in from what it extends.
 *
 * @param written a name that ends in `.json` is a file of the operator's
 */
export function readProfile(written: string | WrittenProfile, io: ProfileIo): ReadProfile {
  const library: Library<WrittenProfile> = { noun: 'profile', folder: io.profilesFolder, schema: profileSchema };
  try {
    const layers = layersOf(
      typeof written === 'string' && written.endsWith('.json') ? ownProfile(written, library, io) : written,
      library,
      io,
    );
    return { kind: 'profile', profile: merge(layers, library), about: aboutOf(layers) };
  } catch (error) {
    if (error instanceof WrongLayer) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

function ownProfile(file: string, library: Library<WrittenProfile>, io: ProfileIo): WrittenProfile {
  const path = absolute(file, io.folder ?? '.');
  let text: string;
  try {
    text = io.readFile(path);
  } catch (error) {
    throw new WrongLayer(`the profile ${path} cannot be read${whyUnreadable(error)}`);
  }
  return readLayer(text, library, file);
}

/** A profile that adds words of its own is as well known as those: what it extends does not vouch for it. */
function aboutOf(layers: readonly WrittenProfile[]): AboutProfile {
  const { supportLevel, verifiedOn } = layers.at(-1) ?? {};
  const { auth, notes, url } = Object.assign({}, ...layers.slice(1)) as AboutProfile;
  const about = { supportLevel, verifiedOn, auth, notes, url };
  return Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
}

function merge(layers: readonly WrittenProfile[], library: Library<WrittenProfile>): Profile {
  const pick = (part: 'holds' | 'speaks' | 'allows'): object =>
    Object.assign({}, ...layers.map((layer) => layer[part] ?? {})) as object;
  const name = nameOf(layers);
  const endpoints = Object.assign({}, ...layers.map(({ speaks }) => speaks?.endpoints ?? {})) as object;
  const plays = layers.findLast((layer) => layer.plays !== undefined)?.plays;
  const whole = { holds: pick('holds'), speaks: { ...pick('speaks'), endpoints }, allows: pick('allows'), plays };
  return { name, ...checked(completeProfileSchema, whole, library, name) };
}
