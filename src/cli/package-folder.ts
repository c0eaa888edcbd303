import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the package, with the built-in profiles, the directory profiles and package.json. */
export const packageFolder = join(import.meta.dirname, '..', '..');

/** File access for profiles: the built-in ones and the operator's own. */
export const profileIo = {
  readFile: (path: string): string => readFileSync(path, 'utf8'),
  listFolder: (path: string): readonly string[] => readdirSync(path),
  profilesFolder: join(packageFolder, 'config', 'profiles'),
};

/** The version of scimsync, from package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version;
}
