import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '../../model/errors.ts';
import { requireWritableFolder } from '../output/require-writable-folder.ts';
import { configText, type Draft } from './draft-config.ts';

/** @throws OperatorError where the configuration could not be written at the end */
export function requireWritable(file: string, force: boolean): void {
  if (!force && existsSync(file)) throw fileExists(file);
  requireWritableFolder(file);
}

/**
 * Writes the secrets that were typed, each to a new file that only its owner can read, and then the configuration. Each
 * file has its name only once it is complete, and without the configuration no secret stays.
 *
 * @param force whether an existing configuration is replaced; its rights stay
 * @throws OperatorError where a file exists
 */
export function writeConfig({ file, settings, secrets }: Draft, force: boolean): void {
  const written: string[] = [];
  try {
    for (const [path, secret] of secrets) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeWhole(path, `${secret}\n`, { mode: 0o600, force: false });
      written.push(path);
    }
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0o644;
    writeWhole(file, configText(settings), { mode: mode & 0o777, force });
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error;
  }
}

function writeWhole(
  file: string,
  text: string,
  { mode, force }: { readonly mode: number; readonly force: boolean },
): void {
  const part = `${file}.${process.pid}.part`;
  try {
    const descriptor = openSync(part, 'wx', mode);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (force) return renameSync(part, file);
    // Unlike a rename, a link does not replace a file that another process has written meanwhile.
    linkSync(part, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw fileExists(file);
    throw error;
  } finally {
    rmSync(part, { force: true });
  }
}

const fileExists = (file: string): OperatorError =>
  new OperatorError('commandLine.fileExists', `${file} exists already; nothing was written. --force overwrites it`, 4);
