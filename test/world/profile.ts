import { readdirSync, readFileSync } from 'node:fs';
import { readProfile } from '../../src/config/profiles.ts';
import type { Profile } from '../../src/model/profile.ts';
import { profilesFolder } from '../config/written.ts';

export interface Changes {
  readonly holds?: Partial<Profile['holds']>;
  readonly speaks?: Partial<Profile['speaks']>;
  readonly allows?: Partial<Profile['allows']>;
}

/** A built-in profile; a name that ends in `.json` is a file. */
export function builtIn(name: string): Profile {
  const read = readProfile(name, {
    readFile: (path) => readFileSync(path, 'utf8'),
    listFolder: (path) => readdirSync(path),
    profilesFolder,
  });
  if (read.kind === 'wrong') throw new Error(read.message);
  return read.profile;
}

const generic = builtIn('generic');

/** The generic profile with some other words. */
export function profileWith({ holds, speaks, allows }: Changes = {}, name = 'plain'): Profile {
  return {
    ...generic,
    name,
    holds: { ...generic.holds, ...holds },
    speaks: { ...generic.speaks, ...speaks },
    allows: { ...generic.allows, ...allows },
  };
}
