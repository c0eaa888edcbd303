import { failure, formatPath, warning, type Finding, type Step } from './issues.ts';
import { eachTarget, ldapOf, type TargetDraft } from './rule.ts';
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
  const read = (fields: Fields, at: readonly Step[]): readonly Finding[] =>
    fields.flatMap(([name, reference]) => {
      const path = [...at, name];
      const outcome = readSecret(reference, io);
      if (outcome.kind === 'missing') return [failure(path, outcome.message)];
      secrets.set(formatPath(path), outcome.secret);
      return typeof reference === 'string' ? [literalWarning(path)] : [];
    });
  const bind = ldapOf(draft)?.bind;
  const ofSource = read(bind !== undefined && 'password' in bind ? given({ password: bind.password }) : [], [
    'source',
    'bind',
  ]);
  return {
    secrets,
    findings: [...ofSource, ...eachTarget(draft, ({ auth }, at) => read(secretFields(auth), [...at, 'auth']))],
  };
}

type Fields = readonly (readonly [string, SecretReference])[];

/** Names of users and clients are no secrets: they may stand in the file as text, and then nothing is to be read or hidden. */
function secretFields(auth: TargetDraft['auth']): Fields {
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

function given(fields: Readonly<Record<string, Written>>): Fields {
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
  return warning(
    path,
    'stands in the file as text: whoever reads the file can use it; write {"env": "NAME"} or {"file": "path"}',
  );
}
