import { readFileSync } from 'node:fs';
import type { TlsConfig } from '../../config/connection-config.ts';
import { OperatorError } from '../../model/errors.ts';

/** The texts of PEM files. @throws OperatorError if one of them cannot be read, or is not PEM */
export function readPemFiles(tls: TlsConfig | undefined): {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
} {
  return {
    ...readPemFile('cert', tls?.certFile),
    ...readPemFile('key', tls?.keyFile),
    ...readPemFile('ca', tls?.caFile),
  };
}

function readPemFile<Name extends string>(name: Name, file: string | undefined): Partial<Record<Name, string>> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperatorError(
      'config.certificateUnreadable',
      `the certificate file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      4,
      { cause: error },
    );
  }
  // Node.js accepts a CA file without any certificate silently, and then trusts no server.
  if (!/^-----BEGIN /m.test(text))
    throw new OperatorError(
      'config.certificateNotPem',
      `the file ${file} contains no certificate or key in PEM form ("-----BEGIN …")`,
      4,
    );
  return { [name]: text } as Record<Name, string>;
}
