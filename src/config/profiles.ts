import { join } from 'node:path';
import type { z } from 'zod';
import type { Profile } from '../model/profile.ts';
import { formatIssue } from './issues.ts';
import { JsonSyntaxError, parseJson } from './json.ts';
import { jsonSchema } from './json-schema.ts';
import { suggestion } from './nearest.ts';
import { inPlainWords } from './plain-words.ts';
import { completeProfileSchema, profileSchema, type WrittenProfile } from './profile-schema.ts';

export interface ProfileIo {
  /** The text of a file, or throws. */
  readonly readFile: (path: string) => string;
  /** The names of the files in a folder. */
  readonly listFolder: (path: string) => readonly string[];
  /** Where the built-in profiles are: NAME.json. */
  readonly profilesFolder: string;
}

export type ReadProfile = { readonly kind: 'profile'; readonly profile: Profile } | { readonly kind: 'wrong'; readonly message: string };

/** What every profile extends in the end. */
const base = 'generic';

/** The profile of that name, or the one that stands in place: complete, everything that it leaves out filled in from what it extends. */
export function readProfile(written: string | WrittenProfile, io: ProfileIo): ReadProfile {
  try {
    const layers = typeof written === 'string' ? chain(written, io, []) : [...chain(written.extends ?? base, io, []), written];
    return { kind: 'profile', profile: merge(layers) };
  } catch (error) {
    if (error instanceof WrongProfile) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

class WrongProfile extends Error {}

/** The profile and all that it extends, the most general one first. */
function chain(name: string, io: ProfileIo, below: readonly string[]): readonly WrittenProfile[] {
  if (below.includes(name)) throw new WrongProfile(`profile ${JSON.stringify(name)} extends itself: ${[...below, name].join(' → ')}`);
  const written = builtIn(name, io);
  if (name === base) return [written];
  return [...chain(written.extends ?? base, io, [...below, name]), { name, ...written }];
}

function builtIn(name: string, io: ProfileIo): WrittenProfile {
  const names = io.listFolder(io.profilesFolder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []));
  // Only what is listed is opened: a name is no way to any other file.
  if (!names.includes(name)) {
    const near = suggestion(name, names) || `; there are: ${[...names].sort().join(', ')}`;
    throw new WrongProfile(`there is no profile ${JSON.stringify(name)}${near}`);
  }
  const value = parse(name, io.readFile(join(io.profilesFolder, `${name}.json`)));
  const result = profileSchema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new WrongProfile(sentences(name, result.error, profileSchema, value));
}

function parse(name: string, text: string): unknown {
  try {
    return parseJson(text).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new WrongProfile(`profile ${JSON.stringify(name)}: ${error.message}`);
    throw error;
  }
}

function merge(layers: readonly WrittenProfile[]): Profile {
  const pick = (part: 'holds' | 'speaks' | 'allows'): object => Object.assign({}, ...layers.map((layer) => layer[part] ?? {})) as object;
  const name = layers.findLast((layer) => layer.name !== undefined)?.name ?? base;
  const merged = { holds: pick('holds'), speaks: pick('speaks'), allows: pick('allows') };
  const result = completeProfileSchema.safeParse(merged, { reportInput: true });
  if (result.success) return { name, ...result.data };
  throw new WrongProfile(sentences(name, result.error, completeProfileSchema, merged));
}

function sentences(name: string, error: z.ZodError, schema: z.ZodType, value: unknown): string {
  const refusals = inPlainWords(error.issues, { schema: jsonSchema(schema), value });
  return `profile ${JSON.stringify(name)}: ${refusals.map(formatIssue).join('; ')}`;
}
