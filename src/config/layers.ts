import { join } from 'node:path';
import type { z } from 'zod';
import { formatIssue } from './issues.ts';
import { JsonSyntaxError, parseJson } from './json.ts';
import { jsonSchema } from './json-schema.ts';
import { suggestion } from './nearest.ts';
import { inPlainWords } from './plain-words.ts';

export interface LayerIo {
  /** The text of a file, or throws. */
  readonly readFile: (path: string) => string;
  /** The names of the files in a folder. */
  readonly listFolder: (path: string) => readonly string[];
}

/** What is built in as data: a folder of NAME.json, each of which fills in what it leaves out from another one, and in the end from `generic`. */
export interface Library<Layer extends Extending> {
  /** What messages call one of them: "profile". */
  readonly noun: string;
  /** Absolute. */
  readonly folder: string;
  readonly schema: z.ZodType<Layer>;
}

interface Extending {
  readonly name?: string;
  readonly extends?: string;
}

/** What everything extends in the end. */
export const base = 'generic';

/** Why a file cannot be read, as a message says it: " (ENOENT)". */
export const whyUnreadable = (error: unknown): string =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';

/** A mistake in what is built in, or in its use; one sentence. */
export class WrongLayer extends Error {
  override readonly name = 'WrongLayer';
}

/**
 * What is called so, or what stands in place, after all that it extends; the most general one first.
 *
 * @param words what else might have been meant by a name
 * @throws WrongLayer
 */
export function layersOf<Layer extends Extending>(
  written: string | Layer,
  library: Library<Layer>,
  io: LayerIo,
  words: readonly string[] = [],
): readonly Layer[] {
  if (typeof written === 'string') return chain(written, library, io, words, []);
  return [...chain(written.extends ?? base, library, io, [], []), written];
}

/** What messages call the result: the name that the last layer gives it. */
export function nameOf(layers: readonly Extending[]): string {
  return layers.findLast(({ name }) => name !== undefined)?.name ?? base;
}

/** Names of all that is built in, in alphabetical order. */
export function builtInNames({ folder }: { readonly folder: string }, io: LayerIo): readonly string[] {
  return io
    .listFolder(folder)
    .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
    .sort();
}

/** @throws WrongLayer with all that the schema refuses */
export function checked<T>(schema: z.ZodType<T>, value: unknown, { noun }: { readonly noun: string }, name: string): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const refusals = inPlainWords(result.error.issues, { schema: jsonSchema(schema), value });
  throw new WrongLayer(`${noun} ${JSON.stringify(name)}: ${refusals.map(formatIssue).join('; ')}`);
}

function chain<Layer extends Extending>(
  name: string,
  library: Library<Layer>,
  io: LayerIo,
  words: readonly string[],
  below: readonly string[],
): readonly Layer[] {
  if (below.includes(name))
    throw new WrongLayer(`${library.noun} ${JSON.stringify(name)} extends itself: ${[...below, name].join(' → ')}`);
  const written = builtIn(name, library, io, words);
  if (name === base) return [written];
  return [...chain(written.extends ?? base, library, io, [], [...below, name]), { name, ...written }];
}

function builtIn<Layer extends Extending>(
  name: string,
  library: Library<Layer>,
  io: LayerIo,
  words: readonly string[],
): Layer {
  const { noun, folder } = library;
  const names = builtInNames(library, io);
  // Only what is listed is opened: a name is no way to any other file.
  if (!names.includes(name)) {
    const near = suggestion(name, [...words, ...names]) || `; there are: ${[...words, ...names].join(', ')}`;
    throw new WrongLayer(`there is no ${noun} ${JSON.stringify(name)}${near}`);
  }
  return readLayer(io.readFile(join(folder, `${name}.json`)), library, name);
}

/** What a file says. @param name what messages call it. @throws WrongLayer */
export function readLayer<Layer extends Extending>(text: string, library: Library<Layer>, name: string): Layer {
  return checked(library.schema, parsed(text, library, name), library, name);
}

function parsed(text: string, { noun }: { readonly noun: string }, name: string): unknown {
  try {
    return parseJson(text).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new WrongLayer(`${noun} ${JSON.stringify(name)}: ${error.message}`);
    throw error;
  }
}
