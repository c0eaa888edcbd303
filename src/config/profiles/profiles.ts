import type { Profile } from '../../model/profile.ts';
import { absolutePath } from '../absolute-path.ts';
import {
  validate,
  resolveExtends,
  layerName,
  parseLayer,
  errorCodeSuffix,
  ExtendsError,
  type LibraryIo,
  type Library,
} from './extends.ts';
import { completeProfileSchema, profileSchema, type ProfileInput } from '../schema/profile-schema.ts';

export interface ProfileIo extends LibraryIo {
  /** Where the built-in profiles are: NAME.json. */
  readonly profilesFolder: string;
  /** From which the names of an operator's own files start: that of the configuration. */
  readonly folder?: string;
}

/** What is said of a profile, and changes nothing: of its last layer that says it. */
export type ProfileMetadata = Pick<ProfileInput, 'supportLevel' | 'verifiedOn' | 'auth' | 'notes' | 'url'>;

export type ProfileResult =
  | { readonly kind: 'profile'; readonly profile: Profile; readonly about: ProfileMetadata }
  | { readonly kind: 'wrong'; readonly message: string };

/**
 * The profile of that name, of that file, or the one that stands in place: complete, everything that it leaves out filled in from what it extends.
 *
 * @param written a name that ends in `.json` is a file of the operator's
 */
export function readProfile(written: string | ProfileInput, io: ProfileIo): ProfileResult {
  const library: Library<ProfileInput> = { noun: 'profile', folder: io.profilesFolder, schema: profileSchema };
  try {
    const layers = resolveExtends(
      typeof written === 'string' && written.endsWith('.json') ? readProfileFile(written, library, io) : written,
      library,
      io,
    );
    return { kind: 'profile', profile: mergeLayers(layers, library), about: metadataOf(layers) };
  } catch (error) {
    if (error instanceof ExtendsError) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

function readProfileFile(file: string, library: Library<ProfileInput>, io: ProfileIo): ProfileInput {
  const path = absolutePath(file, io.folder ?? '.');
  let text: string;
  try {
    text = io.readFile(path);
  } catch (error) {
    throw new ExtendsError(`the profile ${path} cannot be read${errorCodeSuffix(error)}`);
  }
  return parseLayer(text, library, file);
}

/** A profile that adds words of its own is as well known as those: what it extends does not vouch for it. */
function metadataOf(layers: readonly ProfileInput[]): ProfileMetadata {
  const { supportLevel, verifiedOn } = layers.at(-1) ?? {};
  const { auth, notes, url } = Object.assign({}, ...layers.slice(1)) as ProfileMetadata;
  const about = { supportLevel, verifiedOn, auth, notes, url };
  return Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
}

function mergeLayers(layers: readonly ProfileInput[], library: Library<ProfileInput>): Profile {
  const mergePart = (part: 'supports' | 'protocol' | 'limits'): object =>
    Object.assign({}, ...layers.map((layer) => layer[part] ?? {})) as object;
  const name = layerName(layers);
  const endpoints = Object.assign({}, ...layers.map(({ protocol }) => protocol?.endpoints ?? {})) as object;
  const misbehaviours = layers.findLast((layer) => layer.misbehaviours !== undefined)?.misbehaviours;
  const merged = {
    supports: mergePart('supports'),
    protocol: { ...mergePart('protocol'), endpoints },
    limits: mergePart('limits'),
    misbehaviours,
  };
  return { name, ...validate(completeProfileSchema, merged, library, name) };
}
