import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The directory servers of the tests, by their program. scripts/test installs them as root. */
const programs = { slapd: 'slapd', samba: 'samba', '389ds': 'ns-slapd' } as const;

export type ServerName = keyof typeof programs;

/** Where Debian puts servers; an ordinary user's PATH may lack it. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** The program's path; undefined where it is not installed. */
export function programPath(name: string): string | undefined {
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Samba keeps the identities of files, and wants to be root for that. */
const needsRoot: readonly ServerName[] = ['samba'];

export function isInstalled(server: ServerName): boolean {
  return programPath(programs[server]) !== undefined && (process.getuid?.() === 0 || !needsRoot.includes(server));
}
