import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OperatorError } from '../../model/errors.ts';

/** The configuration of one tenant. */
export interface TenantFile {
  /** The name of the file without `.json`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  /** Differs after each write. */
  readonly stamp: string;
}

/** The settings that all tenants share are in this file, beside their configurations. */
export const settingsName = 'tenants.json';

const extension = '.json';

/**
 * The configurations in a folder, in the order of their names: each file NAME.json is that of the tenant NAME. Hidden
 * files are those of editors and of mounts.
 *
 * @throws OperatorError if the folder cannot be read
 */
export function listTenantFiles(folder: string): readonly TenantFile[] {
  return namesIn(folder)
    .filter((name) => name.endsWith(extension) && name !== settingsName && !name.startsWith('.'))
    .sort((one, other) => (one < other ? -1 : 1))
    .flatMap((name) => {
      const file = resolve(folder, name);
      // A link of a mount leads to its file.
      const facts = statSync(file, { throwIfNoEntry: false });
      if (facts === undefined || facts.isDirectory()) return [];
      return [{ name: name.slice(0, -extension.length), file, stamp: `${facts.ino} ${facts.size} ${facts.mtimeMs}` }];
    });
}

/** The file with the settings of all tenants; undefined: there is none. */
export function findSettings(folder: string): string | undefined {
  const file = join(resolve(folder), settingsName);
  return statSync(file, { throwIfNoEntry: false }) === undefined ? undefined : file;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code = 'it is not readable' } = error as { readonly code?: string };
    throw new OperatorError(
      'tenants.folderUnreadable',
      `the folder ${folder} cannot be read (${code}); --configs names a folder with one configuration for each tenant`,
      4,
      { cause: error },
    );
  }
}
