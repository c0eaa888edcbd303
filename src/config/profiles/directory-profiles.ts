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

export interface DirectoryProfileIo extends LibraryIo {
  /** Where the built-in kinds of directories are: NAME.json. */
  readonly directoriesFolder: string;
}

export interface DirectoryProfiles {
  /** The one that was asked for; undefined: it is found out when the source is opened. */
  readonly selected: DirectoryProfile | undefined;
  /** All that are built in, by name. */
  readonly builtIn: ReadonlyMap<string, DirectoryProfile>;
}

export type DirectoryProfilesResult =
  | { readonly kind: 'directories'; readonly directories: DirectoryProfiles }
  | { readonly kind: 'wrong'; readonly message: string };

/** The word for a kind that is to be found out. */
export const autoDetect = 'auto';

/** The kind of that name, or the one that stands in place, complete; and all that `auto` chooses from. */
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

const replacedParts = ['key', 'inactive', 'references', 'binary', 'changes'] as const;

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

/** A path takes the place of the same path below it, however either is spelled. */
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
    // What is no path is reported where it is compiled.
    if (error instanceof PathSyntaxError) return path;
    throw error;
  }
}
