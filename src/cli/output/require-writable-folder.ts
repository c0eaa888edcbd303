import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '../../model/errors.ts';

/** @throws OperatorError where no file can be written to the folder of this one */
export function requireWritableFolder(file: string): void {
  const folder = dirname(file);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new OperatorError(
      'commandLine.folderNotWritable',
      `the folder ${folder} does not exist or is not writable; nothing was written`,
      4,
    );
  }
}
