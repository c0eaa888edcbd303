import { join } from 'node:path';
import type * as z from 'zod';
import { formatIssue } from '../issues.ts';
import { JsonSyntaxError, parseJson } from '../parse/json.ts';
import { jsonSchema } from '../schema/json-schema.ts';
import { suggestion } from '../../model/nearest-name.ts';
import { describeZodIssues } from '../parse/zod-messages.ts';

/** File access for built-in profiles. */
export interface LibraryIo {
  /** The text of a file. Throws if it cannot be read. */
  readonly readFile: (path: string) => string;
  /** The names of the files in a folder. */
  readonly listFolder: (path: string) => readonly string[];
}

/**
 * A folder of built-in NAME.json files. Each inherits the settings that it omits from the file that it extends, and
 * finally from `generic`.
 */
export interface Library<Layer extends Extendable> {
  /** The noun for one of them in messages: "profile". */
  readonly noun: string;
  /** Absolute. */
  readonly folder: string;
  readonly schema: z.ZodType<Layer>;
}

interface Extendable {
  readonly name?: string;
  readonly extends?: string;
}

/** The root of every chain of `extends`. */
export const rootName = 'generic';

/** The system's error code as the end of a message: " (ENOENT)". */
export const errorCodeSuffix = (error: unknown): string =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';

/** A profile is invalid, or its name is unknown. The message is one sentence. */
export class ExtendsError extends Error {
  override readonly name = 'ExtendsError';
}

/**
 * The layers of a profile, the most general one first: all that it extends, then itself.
 *
 * @param written the name of a built-in profile, or an inline profile
 * @param otherNames further valid names, for suggestions
 * @throws ExtendsError
 */
export function resolveExtends<Layer extends Extendable>(
  written: string | Layer,
  library: Library<Layer>,
  io: LibraryIo,
  otherNames: readonly string[] = [],
): readonly Layer[] {
  if (typeof written === 'string') return resolveByName(written, library, io, otherNames, []);
  return [...resolveByName(written.extends ?? rootName, library, io, [], []), written];
}

/** The name of the merged profile: that of the last layer with a name. */
export function layerName(layers: readonly Extendable[]): string {
  return layers.findLast(({ name }) => name !== undefined)?.name ?? rootName;
}

/** Names of all built-in profiles, in alphabetical order. */
export function builtInNames({ folder }: { readonly folder: string }, io: LibraryIo): readonly string[] {
  return io
    .listFolder(folder)
    .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
    .sort();
}

/** The value as its schema parses it. @throws ExtendsError that lists all issues */
export function validate<T>(
  schema: z.ZodType<T>,
  value: unknown,
  { noun }: { readonly noun: string },
  name: string,
): T {
  const result = schema.safeParse(value, { reportInput: true, jitless: true });
  if (result.success) return result.data;
  const schemaIssues = describeZodIssues(result.error.issues, { schema: jsonSchema(schema), value });
  throw new ExtendsError(`${noun} ${JSON.stringify(name)}: ${schemaIssues.map(formatIssue).join('; ')}`);
}

function resolveByName<Layer extends Extendable>(
  name: string,
  library: Library<Layer>,
  io: LibraryIo,
  otherNames: readonly string[],
  descendants: readonly string[],
): readonly Layer[] {
  if (descendants.includes(name))
    throw new ExtendsError(
      `${library.noun} ${JSON.stringify(name)} extends itself: ${[...descendants, name].join(' → ')}`,
    );
  const written = readBuiltIn(name, library, io, otherNames);
  if (name === rootName) return [written];
  return [...resolveByName(written.extends ?? rootName, library, io, [], [...descendants, name]), { name, ...written }];
}

function readBuiltIn<Layer extends Extendable>(
  name: string,
  library: Library<Layer>,
  io: LibraryIo,
  otherNames: readonly string[],
): Layer {
  const { noun, folder } = library;
  const names = builtInNames(library, io);
  // Only listed files are opened, so a name cannot lead to another file.
  if (!names.includes(name)) {
    const hint =
      suggestion(name, [...otherNames, ...names]) || `; valid names: ${[...otherNames, ...names].join(', ')}`;
    throw new ExtendsError(`there is no ${noun} ${JSON.stringify(name)}${hint}`);
  }
  return parseLayer(io.readFile(join(folder, `${name}.json`)), library, name);
}

/** Parses the text of a profile file. @param name its name in messages. @throws ExtendsError */
export function parseLayer<Layer extends Extendable>(text: string, library: Library<Layer>, name: string): Layer {
  return validate(library.schema, parseLayerJson(text, library, name), library, name);
}

function parseLayerJson(text: string, { noun }: { readonly noun: string }, name: string): unknown {
  try {
    return parseJson(text).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new ExtendsError(`${noun} ${JSON.stringify(name)}: ${error.message}`);
    throw error;
  }
}
