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

/** File access for profiles. */
export interface ProfileIo extends LibraryIo {
  /** Folder of the built-in profiles, NAME.json. */
  readonly profilesFolder: string;
  /** Folder of the configuration, from which relative paths of an operator's own profile files start. */
  readonly folder?: string;
}

/** Facts about a profile that do not change the behaviour. */
export type ProfileMetadata = Pick<ProfileInput, 'supportLevel' | 'verifiedOn' | 'auth' | 'notes' | 'url'>;

/** A profile, or a message that states why it is invalid. */
export type ProfileResult =
  | { readonly kind: 'profile'; readonly profile: Profile; readonly about: ProfileMetadata }
  | { readonly kind: 'wrong'; readonly message: string };

/**
 * Reads a profile completely: settings that it omits come from the profiles that it extends.
 *
 * @param written a built-in name, the path of an operator's own `.json` file, or an inline profile
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

/**
 * The support level is that of the last layer only: verified settings that it extends do not verify its own settings.
 */
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
