import { failure, formatPath, warning, type Finding, type Step } from './issues.ts';
import { eachTarget, type TargetDraft } from './rule.ts';
import type { Draft } from './schema.ts';
import { readSecret, type Secret, type SecretIo, type SecretReference } from './secrets.ts';

export interface Credentials {
  /** By their paths: `targets[0].auth.token`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly findings: readonly Finding[];
}

/** Reads every secret of the configuration that can be read, and says which cannot. */
export function readCredentials(draft: Draft, io: SecretIo): Credentials {
  const secrets = new Map<string, Secret>();
  const findings = eachTarget(draft, ({ auth }, at) =>
    secretFields(auth).flatMap(([name, reference]) => {
      const path = [...at, 'auth', name];
      const read = readSecret(reference, io);
      if (read.kind === 'missing') return [failure(path, read.message)];
      secrets.set(formatPath(path), read.secret);
      return typeof reference === 'string' ? [literalWarning(path)] : [];
    }),
  );
  return { secrets, findings };
}

/** Names of users and clients are no secrets: they may stand in the file as text, and then nothing is to be read or hidden. */
function secretFields(auth: TargetDraft['auth']): readonly (readonly [string, SecretReference])[] {
  switch (auth?.type) {
    case 'bearer':
      return given({ token: auth.token });
    case 'oauth2':
      return given({ clientId: unlessText(auth.clientId), clientSecret: auth.clientSecret });
    case 'basic':
      return given({ username: unlessText(auth.username), password: auth.password });
    case 'header':
      return given({ value: auth.value });
    case 'none':
    case undefined:
      return [];
  }
}

type Written = string | { readonly env?: string | undefined } | { readonly file?: string | undefined } | undefined;

function given(fields: Readonly<Record<string, Written>>): readonly (readonly [string, SecretReference])[] {
  return Object.entries(fields).flatMap(([name, written]) => (isWhole(written) ? [[name, written] as const] : []));
}

function isWhole(written: Written): written is SecretReference {
  if (typeof written !== 'object') return written !== undefined;
  return 'env' in written ? written.env !== undefined : 'file' in written && written.file !== undefined;
}

function unlessText(written: Written): Written {
  return typeof written === 'string' ? undefined : written;
}

function literalWarning(path: readonly Step[]): Finding {
  return warning(path, 'stands in the file as text: whoever reads the file can use it; write {"env": "NAME"} or {"file": "path"}');
}
