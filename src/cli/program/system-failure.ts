/** What the errors of the operating system mean, and what to do. */
const sentences: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the file system; free some space, and run the command again',
  EDQUOT: 'the quota is used up; raise it or free some space, and run the command again',
  EFBIG: 'the limit of the size of files is reached (ulimit -f); raise it, and run the command again',
  EIO: 'the disk or the network file system reports an error; the log of the operating system has the reason',
  EROFS: 'the file system is read-only',
  EACCES: 'the user who runs scimsync may not do this; check the owner and the mode of the file and of its folders',
  EPERM: 'the operating system does not allow it',
  EISDIR: 'it is a folder; name a file in it',
  ENOTDIR: 'a part of its path is not a folder',
  ENOENT: 'it does not exist',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ENAMETOOLONG: 'its name is too long',
};

/**
 * The sentence for an error of the operating system about a file.
 *
 * @returns undefined: it is another error
 */
export function systemFailure(error: unknown): string | undefined {
  const { code, path, syscall } = (error ?? {}) as Partial<Readonly<Record<'code' | 'path' | 'syscall', unknown>>>;
  const sentence = typeof code === 'string' ? sentences[code] : undefined;
  if (sentence === undefined || typeof syscall !== 'string') return undefined;
  return `${typeof path === 'string' ? path : `"${syscall}"`}: ${sentence} (${String(code)})`;
}
