import { readFileSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import type { TlsConfig } from '../../config/connection-config.ts';
import type { SourceConfig } from '../../config/source-config.ts';
import { certificateExpiries, tokenExpiry } from '../../notify/credential-expiry.ts';
import type { AuthSettings } from '../../model/http/auth-settings.ts';
import type { Instant } from '../../model/ids.ts';

/** A credential with an end. */
export interface CredentialExpiry {
  /** Undefined: it is not one of a target. */
  readonly target: string | undefined;
  /** "the token of app", "the client certificate /etc/sync/client.pem of the source". */
  readonly label: string;
  readonly expiresAt: Instant;
}

/** The ends of all tokens and certificates of the configuration that can be read, as their files have them now. */
export function credentialExpiries({ source, sources, targets, page, notify }: Config): readonly CredentialExpiry[] {
  return [
    ...ofServer(undefined, 'the source', credentialsOf(source)),
    ...(sources?.joined ?? []).flatMap((joined) =>
      ofServer(undefined, `the source "${joined.name}"`, credentialsOf(joined.source)),
    ),
    ...targets.flatMap((target) => ofServer(target.name, target.name, target)),
    ...ofServer(undefined, 'the status page', { tls: page?.tls }, 'certificate'),
    ...notify.flatMap((channel) =>
      channel.type === 'mail' ? ofServer(undefined, `the channel ${channel.name}`, { tls: channel.tls }) : [],
    ),
  ];
}

interface Credentials {
  readonly auth?: AuthSettings | undefined;
  readonly tls?: TlsConfig | undefined;
}

const credentialsOf = (source: SourceConfig): Credentials => ({
  ...('auth' in source ? { auth: source.auth } : {}),
  ...('tls' in source ? { tls: source.tls } : {}),
});

function ofServer(
  target: string | undefined,
  owner: string,
  { auth, tls = {} }: Credentials,
  certificate = 'client certificate',
): readonly CredentialExpiry[] {
  const found = (what: string, expiresAt: number | undefined): readonly CredentialExpiry[] =>
    expiresAt === undefined || !Number.isFinite(expiresAt)
      ? []
      : [{ target, label: `the ${what} of ${owner}`, expiresAt: expiresAt as Instant }];
  const { certFile, caFile } = tls;
  return [
    ...found('token', auth === undefined ? undefined : tokenOf(auth)),
    // A chain is unusable with its first part, and a bundle of CAs with its last one.
    ...(certFile === undefined ? [] : found(`${certificate} ${certFile}`, Math.min(...expiriesIn(certFile)))),
    ...(caFile === undefined ? [] : found(`CA ${caFile}`, Math.max(...expiriesIn(caFile)))),
  ];
}

function tokenOf(auth: AuthSettings): Instant | undefined {
  if (auth.type === 'bearer') return tokenExpiry(auth.token.reveal());
  return auth.type === 'header' ? tokenExpiry(auth.value.reveal()) : undefined;
}

/** A file that cannot be read is found by the connection that needs it. */
function expiriesIn(file: string): readonly Instant[] {
  try {
    return certificateExpiries(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
}
