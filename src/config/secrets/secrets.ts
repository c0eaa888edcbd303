import { inspect } from 'node:util';
import type { IssueCode } from '../../model/error-codes.ts';
import { mask, textRedactor, type Redact } from '../../model/redaction/redactor.ts';
import { absolutePath } from '../absolute-path.ts';

/** A value that cannot be printed by accident: only `reveal()` returns it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; only for the request that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}

/** Where a secret is, as in the configuration file. A text is the secret itself. */
export type SecretReference = string | { readonly env: string } | { readonly file: string };

/** A secret, or why it is missing. */
export type SecretResult =
  | { readonly kind: 'secret'; readonly secret: Secret }
  | { readonly kind: 'missing'; readonly code: IssueCode; readonly message: string };

/** Where secrets are read from. */
export interface SecretIo {
  /** The text of a file. Throws if it cannot be read. */
  readonly readFile: (path: string) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder from which relative paths start. */
  readonly folder: string;
}

/**
 * Reads a secret. If that fails, the message names the place and never a value. The last line break of a file is not
 * part of the secret.
 */
export function readSecret(reference: SecretReference, io: SecretIo): SecretResult {
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
  const path = absolutePath(reference.file, io.folder);
  try {
    return secretFrom(io.readFile(path).replace(/\r?\n$/, ''), `the file ${path} is empty`);
  } catch (error) {
    return missingSecret('config.secretMissing', `the file ${path} cannot be read (${errorCode(error)})`);
  }
}

/** Hides every secret of a configuration in a text. */
export const redactor = (secrets: readonly Secret[]): Redact => textRedactor(secrets.map((secret) => secret.reveal()));

function secretFrom(value: string, whenEmpty: string): SecretResult {
  if (value.trim() === '') return missingSecret('config.secretEmpty', whenEmpty);
  // The secret becomes part of a header, where a line break would begin a second header.
  if (/[\u0000-\u001f\u007f]/.test(value))
    return missingSecret(
      'config.secretInvalid',
      'contains a line break or another control character; a secret is one line',
    );
  return { kind: 'secret', secret: new Secret(value) };
}

function missingSecret(code: IssueCode, message: string): SecretResult {
  return { kind: 'missing', code, message };
}

/** The system's short code ("ENOENT") if there is one: it is precise, and cannot contain file content. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'it is not readable';
}
