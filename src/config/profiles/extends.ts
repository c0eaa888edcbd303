import { join } from 'node:path';
import type { z } from 'zod';
import { formatIssue } from '../issues.ts';
import { JsonSyntaxError, parseJson } from '../parse/json.ts';
import { jsonSchema } from '../schema/json-schema.ts';
import { suggestion } from '../../model/nearest-name.ts';
import { describeZodIssues } from '../parse/zod-messages.ts';

export interface LibraryIo {
  /** The text of a file, or throws. */
  readonly readFile: (path: string) => string;
  /** The names of the files in a folder. */
  readonly listFolder: (path: string) => readonly string[];
}

/** What is built in as data: a folder of NAME.json, each of which fills in what it leaves out from another one, and in the end from `generic`. */
export interface Library<Layer extends Extendable> {
  /** What messages call one of them: "profile". */
  readonly noun: string;
  /** Absolute. */
  readonly folder: string;
  readonly schema: z.ZodType<Layer>;
}

interface Extendable {
  readonly name?: string;
  readonly extends?: string;
}

/** What everything extends in the end. */
export const rootName = 'generic';

/** Why a file cannot be read, as a message says it: " (ENOENT)". */
export const errorCodeSuffix = (error: unknown): string =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';

/** A mistake in what is built in, or in its use; one sentence. */
export class ExtendsError extends Error {
  override readonly name = 'WrongLayer';
}

/**
 * What is called so, or what stands in place, after all that it extends; the most general one first.
 *
 * @param otherNames what else might have been meant by a name
 * @throws WrongLayer
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

/** What messages call the result: the name that the last layer gives it. */
export function layerName(layers: readonly Extendable[]): string {
  return layers.findLast(({ name }) => name !== undefined)?.name ?? rootName;
}

/** Names of all that is built in, in alphabetical order. */
export function builtInNames({ folder }: { readonly folder: string }, io: LibraryIo): readonly string[] {
  return io
    .listFolder(folder)
    .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
    .sort();
}

/** @throws WrongLayer with all that the schema refuses */
export function validate<T>(
  schema: z.ZodType<T>,
  value: unknown,
  { noun }: { readonly noun: string },
  name: string,
): T {
  const result = schema.safeParse(value, { reportInput: true });
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
  // Only what is listed is opened: a name is no way to any other file.
  if (!names.includes(name)) {
    const hint = suggestion(name, [...otherNames, ...names]) || `; there are: ${[...otherNames, ...names].join(', ')}`;
    throw new ExtendsError(`there is no ${noun} ${JSON.stringify(name)}${hint}`);
  }
  return parseLayer(io.readFile(join(folder, `${name}.json`)), library, name);
}

/** What a file says. @param name what messages call it. @throws WrongLayer */
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
