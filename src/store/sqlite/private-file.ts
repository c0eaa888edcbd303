import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const ownerOnlyMode = 0o600;

/** Creates the file with mode 0600 if it is missing. SQLite gives its -wal and -shm files the mode of the main file. */
export function createPrivateFile(file: string): void {
  if (existsSync(file)) {
    if ((statSync(file).mode & 0o777) !== ownerOnlyMode) chmodSync(file, ownerOnlyMode);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', ownerOnlyMode));
}
