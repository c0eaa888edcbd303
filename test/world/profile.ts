import { readdirSync, readFileSync } from 'node:fs';
import { readProfile } from '../../src/config/profiles/profiles.ts';
import type { Profile } from '../../src/model/profile.ts';
import { profilesFolder } from '../config/fixtures.ts';

export interface ProfileOverrides {
  readonly supports?: Partial<Profile['supports']>;
  readonly protocol?: Partial<Profile['protocol']>;
  readonly limits?: Partial<Profile['limits']>;
}

/** Reads a built-in profile, or the file if the name ends in `.json`. */
export function builtInProfile(name: string): Profile {
  const read = readProfile(name, {
    readFile: (path) => readFileSync(path, 'utf8'),
    listFolder: (path) => readdirSync(path),
    profilesFolder,
  });
  if (read.kind === 'wrong') throw new Error(read.message);
  return read.profile;
}

const generic = builtInProfile('generic');

/** The generic profile with overridden settings. */
export function profileWith({ supports, protocol, limits }: ProfileOverrides = {}, name = 'plain'): Profile {
  return {
    ...generic,
    name,
    supports: { ...generic.supports, ...supports },
    protocol: { ...generic.protocol, ...protocol },
    limits: { ...generic.limits, ...limits },
  };
}
