import type { ErrorCode } from '../../model/error-codes.ts';
import { OperatorError } from '../../model/errors.ts';

/** Why the operating system refused to read or write, by the codes of SQLite and of Node.js. */
const failures: readonly { readonly codes: RegExp; readonly code: ErrorCode; readonly text: string }[] = [
  {
    codes: /^(?:SQLITE_FULL|ENOSPC)/,
    code: 'state.noSpace',
    text:
      'there is no space left for it. Free some space on its file system, and in the temporary folder (TMPDIR), ' +
      'where plans keep large copies',
  },
  {
    codes: /^(?:EDQUOT|EFBIG)/,
    code: 'state.noSpace',
    text: 'a quota or the limit of the size of files is reached. Raise it, or free some space',
  },
  {
    codes: /^(?:SQLITE_READONLY|SQLITE_PERM|SQLITE_CANTOPEN|EROFS|EACCES|EPERM)/,
    code: 'state.notWritable',
    text:
      'the file, its folder or its file system does not allow it. The user of scimsync must be able to write the ' +
      'file, and to create files beside it',
  },
  {
    codes: /^(?:SQLITE_IOERR|EIO)/,
    code: 'state.ioError',
    text:
      'the operating system reports an error of the disk, of a network file system, or a quota or limit of file ' +
      'sizes that is reached. Its log has the reason; afterwards, "scimsync check" reads the whole state',
  },
];

/**
 * The error for a state that the disk does not let us read or write.
 *
 * @param error what a statement, or the opening of the file, threw
 * @returns undefined: it has another reason
 */
export function diskFailure(file: string, error: unknown): OperatorError | undefined {
  const { code, message, path } = (error ?? {}) as Partial<Readonly<Record<'code' | 'message' | 'path', unknown>>>;
  const isOfState = String(code).startsWith('SQLITE_') || String(path).startsWith(file);
  if (!isOfState) return undefined;
  const failure = failures.find(({ codes }) => codes.test(String(code)));
  if (failure === undefined) return undefined;
  return new OperatorError(
    failure.code,
    `the state file ${file} cannot be read or written (${String(code)}: ${String(message)}): ${failure.text}. ` +
      'Nothing is half done: what was being written is taken back, and the next pass finds what is left.',
    1,
    { cause: error },
  );
}
