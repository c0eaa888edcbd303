import { closeSync, openSync, readSync, statSync, type Stats } from 'node:fs';

/** The longest secret, in bytes. Tokens have at most some thousand. */
const maxBytes = 64 * 1024;

/** Access to the files of secrets. */
export interface SecretFiles {
  /** The text of a file. @throws SecretFileError, or the error of the system */
  read(path: string): string;
  /** Changes with the content; undefined: there is no file, or it cannot be watched, such as a pipe. */
  stamp(path: string): string | undefined;
  /** Whether every user of the machine may read the file. */
  isReadableByAll(path: string): boolean;
}

/** A file that cannot hold a secret, as the end of a sentence. */
export class SecretFileError extends Error {
  override readonly name = 'SecretFileError';
}

/** The files of this machine. */
export const secretFiles: SecretFiles = {
  read(path) {
    const file = openSync(path, 'r');
    try {
      return readBounded(file);
    } finally {
      closeSync(file);
    }
  },
  stamp(path) {
    const facts = factsOf(path);
    if (facts?.isFile() !== true) return undefined;
    const { dev, ino, size, mtimeMs, ctimeMs } = facts;
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  },
  isReadableByAll(path) {
    const facts = factsOf(path);
    return facts?.isFile() === true && (facts.mode & 0o004) !== 0;
  },
};

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A folder on the way cannot be read.
    return undefined;
  }
}

/** A secret may come from a pipe (`/dev/fd/63`), which has no size. */
function readBounded(file: number): string {
  const buffer = Buffer.alloc(maxBytes + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read)
    read = readSync(file, buffer, length, buffer.length - length, null);
  if (length > maxBytes)
    throw new SecretFileError(
      `is longer than ${maxBytes / 1024} KB, so it is no secret; name the file with the secret`,
    );
  return buffer.toString('utf8', 0, length);
}
