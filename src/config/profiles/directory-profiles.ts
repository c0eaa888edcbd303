import { formatPath, parsePath, PathSyntaxError } from '../../model/path.ts';
import {
  completeDirectoryProfileSchema,
  directoryProfileSchema,
  type DirectoryProfile,
  type DirectoryProfileInput,
} from '../schema/directory-schema.ts';
import {
  builtInNames,
  validate,
  resolveExtends,
  layerName,
  ExtendsError,
  type LibraryIo,
  type Library,
} from './extends.ts';

/** File access for directory profiles. */
export interface DirectoryProfileIo extends LibraryIo {
  /** Folder of the built-in directory profiles, NAME.json. */
  readonly directoriesFolder: string;
}

/** The configured directory profile, and those from which `auto` selects. */
export interface DirectoryProfiles {
  /** The configured one. Undefined: it is detected when the source is opened. */
  readonly selected: DirectoryProfile | undefined;
  /** All built-in ones, by name. */
  readonly builtIn: ReadonlyMap<string, DirectoryProfile>;
}

/** Directory profiles, or a message that states why they are invalid. */
export type DirectoryProfilesResult =
  | { readonly kind: 'directories'; readonly directories: DirectoryProfiles }
  | { readonly kind: 'wrong'; readonly message: string };

/** The value of `source.directory` that requests detection. */
export const autoDetect = 'auto';

/** Reads the configured directory profile (a name or an inline profile) completely, and all built-in ones. */
export function readDirectoryProfiles(
  written: string | DirectoryProfileInput,
  io: DirectoryProfileIo,
): DirectoryProfilesResult {
  const library: Library<DirectoryProfileInput> = {
    noun: 'kind of directory',
    folder: io.directoriesFolder,
    schema: directoryProfileSchema,
  };
  try {
    const selected =
      written === autoDetect ? undefined : mergeLayers(resolveExtends(written, library, io, [autoDetect]), library);
    const builtIn = new Map(
      builtInNames(library, io).map((name) => [name, mergeLayers(resolveExtends(name, library, io), library)]),
    );
    return { kind: 'directories', directories: { selected, builtIn } };
  } catch (error) {
    if (error instanceof ExtendsError) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

const replacedParts = ['key', 'inactive', 'references', 'unicodeForms', 'binary', 'changes'] as const;

function mergeLayers(
  layers: readonly DirectoryProfileInput[],
  library: Library<DirectoryProfileInput>,
): DirectoryProfile {
  const name = layerName(layers);
  const lastOf = (part: (typeof replacedParts)[number]): object => {
    const value = layers.findLast((layer) => layer[part] !== undefined)?.[part];
    return value === undefined ? {} : { [part]: value };
  };
  const mergePart = (part: 'id' | 'users' | 'groups'): object =>
    Object.assign({}, ...layers.map((layer) => layer[part] ?? {})) as object;
  const mergeMapping = (section: 'user' | 'group'): MappingEntries =>
    layers.reduce<MappingEntries>((inherited, { mapping }) => mergeEntries(inherited, mapping?.[section] ?? {}), {});
  const merged = {
    ...(Object.assign({}, ...replacedParts.map(lastOf)) as object),
    id: mergePart('id'),
    users: mergePart('users'),
    groups: mergePart('groups'),
    mapping: { user: mergeMapping('user'), group: mergeMapping('group') },
  };
  return { name, ...validate(completeDirectoryProfileSchema, merged, library, name) };
}

type MappingEntries = Readonly<Record<string, string>>;

/** An entry replaces the inherited entry of the same path; case does not count (RFC 7643 section 2.1). */
function mergeEntries(inherited: MappingEntries, own: Readonly<Record<string, string | null>>): MappingEntries {
  const replacedPaths = new Set(Object.keys(own).map(canonicalPath));
  const retained = Object.entries(inherited).filter(([path]) => !replacedPaths.has(canonicalPath(path)));
  const additions = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries([...retained, ...additions]);
}

function canonicalPath(path: string): string {
  try {
    return formatPath(parsePath(path)).toLowerCase();
  } catch (error) {
    // An invalid path is reported when the mapping is compiled.
    if (error instanceof PathSyntaxError) return path;
    throw error;
  }
}
