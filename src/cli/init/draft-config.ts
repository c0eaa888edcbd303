import { resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { secretFiles } from '../../config/secrets/secret-files.ts';
import { profileIo } from '../package-folder.ts';
import { readConfig } from '../program/read-config.ts';

/** A part of a configuration as it is written. */
export type Settings = Readonly<Record<string, unknown>>;

/** Secrets that a person typed: absolute path of the file → secret. The files are written with the configuration. */
export type TypedSecrets = ReadonlyMap<string, string>;

/** A configuration that is not written yet. */
export interface Draft {
  /** Absolute. */
  readonly file: string;
  readonly settings: Settings;
  readonly secrets: TypedSecrets;
}

/** The text of a configuration. */
export const configText = (settings: Settings): string => `${JSON.stringify(settings, undefined, 2)}\n`;

/** Reads a configuration that is not written yet, as if it were. @throws OperatorError that lists all issues */
export function readDraft({ file, settings, secrets }: Draft): Config {
  return readConfig([file], {
    readFile: (path) => (resolve(path) === file ? configText(settings) : profileIo.readFile(path)),
    secretFiles: {
      read: (path) => secrets.get(path) ?? secretFiles.read(path),
      stamp: (path) => (secrets.has(path) ? undefined : secretFiles.stamp(path)),
      isReadableByAll: (path) => !secrets.has(path) && secretFiles.isReadableByAll(path),
    },
  });
}
