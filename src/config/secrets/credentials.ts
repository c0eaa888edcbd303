import { errorAt, formatPath, warningAt, type Diagnostic, type Step } from '../issues.ts';
import { forEachTarget, ldapSourceOf, sourceViews, type PartialTarget, type SourceView } from '../rules/config-rule.ts';
import type { PartialConfig } from '../schema/config-schema.ts';
import { readSecret, type Secret, type SecretIo, type SecretReference } from './secrets.ts';

/** The secrets of a configuration, and the diagnostics from reading them. */
export interface Credentials {
  /** By their paths: `targets[0].auth.token`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads all secrets of the configuration. Those that cannot be read become errors; those in plain text, warnings. */
export function readCredentials(draft: PartialConfig, io: SecretIo): Credentials {
  const secrets = new Map<string, Secret>();
  const read = (fields: SecretFields, at: readonly Step[]): readonly Diagnostic[] =>
    fields.flatMap(([name, reference]) => {
      const path = [...at, name];
      const result = readSecret(reference, io);
      if (result.kind === 'missing') return [errorAt(result.code, path, result.message)];
      secrets.set(formatPath(path), result.secret);
      if (result.isReadableByAll) return [readableWarning(path)];
      return typeof reference === 'string' ? [literalWarning(path)] : [];
    });
  const sourceDiagnostics = sourceViews(draft).flatMap((view) => {
    const { source } = view.draft;
    const bind = ldapSourceOf(view.draft)?.bind;
    const fields = bind !== undefined && 'password' in bind ? definedFields({ password: bind.password }) : [];
    return [
      ...read(fields, [...view.at, 'bind']),
      ...readEnvironment(view, read),
      ...(source?.type === 'http' || source?.type === 'scim'
        ? [
            ...read(secretFields(source.auth), [...view.at, 'auth']),
            ...read(proxyFields(source.proxy), [...view.at, 'proxy']),
          ]
        : []),
    ];
  });
  return {
    secrets,
    diagnostics: [
      ...sourceDiagnostics,
      ...(typeof draft.state === 'object'
        ? read(definedFields({ url: draft.state.postgres?.url }), ['state', 'postgres'])
        : []),
      ...read(definedFields({ token: draft.http?.token }), ['http']),
      ...(draft.notify ?? []).flatMap((channel, index) => readChannel(channel, ['notify', index], read)),
      ...forEachTarget(draft, ({ auth, proxy }, at) => [
        ...read(secretFields(auth), [...at, 'auth']),
        ...read(proxyFields(proxy), [...at, 'proxy']),
      ]),
    ],
  };
}

type ReadFields = (fields: SecretFields, at: readonly Step[]) => readonly Diagnostic[];

/** The secrets of one channel of notifications. */
function readChannel(
  channel: NonNullable<PartialConfig['notify']>[number],
  at: readonly Step[],
  read: ReadFields,
): readonly Diagnostic[] {
  switch (channel?.type) {
    case 'webhook':
      return read(definedFields({ url: channel.url, secret: channel.secret }), at);
    case 'mail':
      return read(loginFields(channel.auth), [...at, 'auth']);
    case 'command':
    case undefined:
      return [];
  }
}

type SecretFields = readonly (readonly [string, SecretReference])[];

/** The environment of the programs of a source. A text there is no secret. */
function readEnvironment({ draft: { source }, at }: SourceView, read: ReadFields): readonly Diagnostic[] {
  if (source?.type !== 'command') return [];
  return read(definedFields(source.env ?? {}), [...at, 'env']).filter(({ level }) => level === 'error');
}

/** User names and client ids are not secret: as text in the file, they need no reading and no redaction. */
function secretFields(auth: PartialTarget['auth']): SecretFields {
  switch (auth?.type) {
    case 'bearer':
      return definedFields({ token: auth.token });
    case 'oauth2':
      return definedFields({ clientId: unlessLiteral(auth.clientId), clientSecret: auth.clientSecret });
    case 'basic':
      return loginFields(auth);
    case 'header':
      return definedFields({ value: auth.value });
    case 'none':
    case undefined:
      return [];
  }
}

const proxyFields = (proxy: PartialTarget['proxy']): SecretFields =>
  typeof proxy === 'object' ? loginFields(proxy) : [];

const loginFields = (
  login: { readonly username?: SecretInput; readonly password?: SecretInput } | undefined,
): SecretFields => definedFields({ username: unlessLiteral(login?.username), password: login?.password });

type SecretInput =
  | string
  | { readonly env?: string | undefined }
  | { readonly file?: string | undefined }
  | { readonly credential?: string | undefined }
  | undefined;

function definedFields(fields: Readonly<Record<string, SecretInput>>): SecretFields {
  return Object.entries(fields).flatMap(([name, reference]) =>
    isComplete(reference) ? [[name, reference] as const] : [],
  );
}

function isComplete(reference: SecretInput): reference is SecretReference {
  if (typeof reference !== 'object') return reference !== undefined;
  return Object.values(reference).some((place) => place !== undefined);
}

function unlessLiteral(reference: SecretInput): SecretInput {
  return typeof reference === 'string' ? undefined : reference;
}

function literalWarning(path: readonly Step[]): Diagnostic {
  return warningAt(
    'config.secretLiteral',
    path,
    'is plain text: any reader of the file can use it; write {"env": "NAME"} or {"file": "path"}',
  );
}

function readableWarning(path: readonly Step[]): Diagnostic {
  return warningAt(
    'config.secretReadable',
    path,
    'is in a file that every user of this machine can read; take the right away with "chmod o-rwx FILE"',
  );
}
