import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

const ownerOnlyMode = 0o600;

/** SQLite gives its -wal and -shm files the mode of the main file, so creating that one privately is enough. */
export function createPrivateFile(file: string): void {
  if (existsSync(file)) {
    chmodSync(file, ownerOnlyMode);
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', ownerOnlyMode));
}
