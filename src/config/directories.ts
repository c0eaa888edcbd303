import { formatPath, parsePath, PathSyntaxError } from '../model/path.ts';
import {
  completeDirectorySchema,
  directorySchema,
  type DirectoryConfig,
  type WrittenDirectory,
} from './directory-schema.ts';
import { builtInNames, checked, layersOf, nameOf, WrongLayer, type LayerIo, type Library } from './layers.ts';

export interface DirectoryIo extends LayerIo {
  /** Where the built-in kinds of directories are: NAME.json. */
  readonly directoriesFolder: string;
}

export interface Directories {
  /** The one that was asked for; undefined: it is found out when the source is opened. */
  readonly chosen: DirectoryConfig | undefined;
  /** All that are built in, by name. */
  readonly builtIn: ReadonlyMap<string, DirectoryConfig>;
}

export type ReadDirectories =
  | { readonly kind: 'directories'; readonly directories: Directories }
  | { readonly kind: 'wrong'; readonly message: string };

/** The word for a kind that is to be found out. */
export const auto = 'auto';

/** The kind of that name, or the one that stands in place, complete; and all that `auto` chooses from. */
export function readDirectories(written: string | WrittenDirectory, io: DirectoryIo): ReadDirectories {
  const library: Library<WrittenDirectory> = {
    noun: 'kind of directory',
    folder: io.directoriesFolder,
    schema: directorySchema,
  };
  try {
    const chosen = written === auto ? undefined : merge(layersOf(written, library, io, [auto]), library);
    const builtIn = new Map(
      builtInNames(library, io).map((name) => [name, merge(layersOf(name, library, io), library)]),
    );
    return { kind: 'directories', directories: { chosen, builtIn } };
  } catch (error) {
    if (error instanceof WrongLayer) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

const wholes = ['key', 'inactive', 'references', 'binary', 'changes'] as const;

function merge(layers: readonly WrittenDirectory[], library: Library<WrittenDirectory>): DirectoryConfig {
  const name = nameOf(layers);
  const whole = (part: (typeof wholes)[number]): object => {
    const said = layers.findLast((layer) => layer[part] !== undefined)?.[part];
    return said === undefined ? {} : { [part]: said };
  };
  const pick = (part: 'id' | 'users' | 'groups'): object =>
    Object.assign({}, ...layers.map((layer) => layer[part] ?? {})) as object;
  const lines = (kind: 'user' | 'group'): Lines =>
    layers.reduce<Lines>((below, { mapping }) => joined(below, mapping?.[kind] ?? {}), {});
  const merged = {
    ...(Object.assign({}, ...wholes.map(whole)) as object),
    id: pick('id'),
    users: pick('users'),
    groups: pick('groups'),
    mapping: { user: lines('user'), group: lines('group') },
  };
  return { name, ...checked(completeDirectorySchema, merged, library, name) };
}

type Lines = Readonly<Record<string, string>>;

/** A path takes the place of the same path below it, however either is spelled. */
function joined(below: Lines, above: Readonly<Record<string, string | null>>): Lines {
  const replaced = new Set(Object.keys(above).map(place));
  const kept = Object.entries(below).filter(([path]) => !replaced.has(place(path)));
  const added = Object.entries(above).filter((line): line is [string, string] => line[1] !== null);
  return Object.fromEntries([...kept, ...added]);
}

function place(path: string): string {
  try {
    return formatPath(parsePath(path)).toLowerCase();
  } catch (error) {
    // What is no path is reported where it is compiled.
    if (error instanceof PathSyntaxError) return path;
    throw error;
  }
}
