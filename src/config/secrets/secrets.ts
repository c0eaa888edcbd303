import { join } from 'node:path';
import type { IssueCode } from '../../model/error-codes.ts';
import { textRedactor, type Redact } from '../../model/redaction/redactor.ts';
import { absolutePath } from '../absolute-path.ts';
import { Secret } from './secret.ts';
import { SecretFileError, type SecretFiles } from './secret-files.ts';

export { Secret };

/**
 * Where a secret is, as in the configuration file. A text is the secret itself. A `credential` is a file that systemd
 * provides (`LoadCredential=`, systemd.exec(5)).
 */
export type SecretReference =
  string | { readonly env: string } | { readonly file: string } | { readonly credential: string };

/** A secret, or why it is missing. */
export type SecretResult =
  | { readonly kind: 'secret'; readonly secret: Secret; readonly isReadableByAll: boolean }
  | { readonly kind: 'missing'; readonly code: IssueCode; readonly message: string };

/** Where secrets are read from. */
export interface SecretIo {
  readonly secretFiles: SecretFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder from which relative paths start. */
  readonly folder: string;
  /** Nothing is sent, so secrets may be missing: none is read. */
  readonly withoutCredentials?: boolean | undefined;
}

/**
 * Reads a secret. If that fails, the message names the place and never a value. The last line break of a file is not
 * part of the secret. A file is read again when it changed; a file that became unusable changes nothing.
 */
export function readSecret(reference: SecretReference, io: SecretIo): SecretResult {
  if (io.withoutCredentials === true) return secretFrom('a secret that is not read', 'is empty');
  if (typeof reference === 'string') return secretFrom(reference, 'is empty');
  if ('env' in reference) {
    const value = io.env[reference.env];
    if (value === undefined)
      return missingSecret(
        'config.secretMissing',
        `the environment variable ${reference.env} is not set; set it for the process that runs scimsync`,
      );
    return secretFrom(value, `the environment variable ${reference.env} is empty`);
  }
  if ('file' in reference) return readFile(absolutePath(reference.file, io.folder), io.secretFiles);
  const folder = io.env['CREDENTIALS_DIRECTORY'];
  if (folder === undefined)
    return missingSecret(
      'config.secretMissing',
      `the credential ${reference.credential} needs systemd, which sets CREDENTIALS_DIRECTORY: add ` +
        `"LoadCredential=${reference.credential}:PATH" to the unit`,
    );
  // systemd protects these files by their folder.
  const ofFolder = { ...io.secretFiles, isReadableByAll: () => false };
  return readFile(join(folder, reference.credential), ofFolder);
}

function readFile(path: string, files: SecretFiles): SecretResult {
  // Before the content: a change between the two is read again.
  let stamp = files.stamp(path);
  const first = readOnce(path, files);
  if (first.kind === 'missing') return first;
  const changed = (): string | undefined => {
    const now = files.stamp(path);
    if (now === undefined || now === stamp) return undefined;
    stamp = now;
    const again = readOnce(path, files);
    return again.kind === 'secret' ? again.secret.reveal() : undefined;
  };
  return {
    kind: 'secret',
    secret: new Secret(first.secret.reveal(), changed),
    isReadableByAll: files.isReadableByAll(path),
  };
}

function readOnce(path: string, files: SecretFiles): SecretResult {
  try {
    return secretFrom(files.read(path).replace(/\r?\n$/, ''), `the file ${path} is empty`);
  } catch (error) {
    if (error instanceof SecretFileError)
      return missingSecret('config.secretInvalid', `the file ${path} ${error.message}`);
    return missingSecret('config.secretMissing', `the file ${path} cannot be read (${errorCode(error)})`);
  }
}

/** Hides every secret of these in a text, also what they were before a change. More may be added to the list later. */
export function redactor(secrets: readonly Secret[]): Redact {
  let known = -1;
  let redact: Redact = (text) => text;
  return (text) => {
    const values = secrets.flatMap(({ seen }) => seen);
    if (values.length !== known) redact = textRedactor(values);
    known = values.length;
    return redact(text);
  };
}

function secretFrom(value: string, whenEmpty: string): SecretResult {
  if (value.trim() === '') return missingSecret('config.secretEmpty', whenEmpty);
  // The secret becomes part of a header, where a line break would begin a second header.
  if (/[\u0000-\u001f\u007f]/.test(value))
    return missingSecret(
      'config.secretInvalid',
      'contains a line break or another control character; a secret is one line',
    );
  return { kind: 'secret', secret: new Secret(value), isReadableByAll: false };
}

function missingSecret(code: IssueCode, message: string): SecretResult {
  return { kind: 'missing', code, message };
}

/** The system's short code ("ENOENT") if there is one: it is precise, and cannot contain file content. */
function errorCode(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string') return 'it is not readable';
  return code === 'EISDIR' ? 'it is a folder; name a file in it' : code;
}
