import type { ProxyRules } from '../model/http/proxy.ts';
import type { IncidentKind } from '../model/notify/incident.ts';
import type { TlsConfig } from './connection-config.ts';
import type { Secret } from './secrets/secrets.ts';

/** A channel that is notified of what a person must know. */
export type NotifyConfig = NotifyRules & (WebhookConfig | NotifyMailConfig | NotifyCommandConfig);

/** What it is notified of. */
interface NotifyRules {
  readonly name: string;
  readonly events: readonly IncidentKind[] | undefined;
  readonly targets: readonly string[] | undefined;
  readonly detail: 'counts' | 'names';
  /** `08:00`; undefined: no digest. */
  readonly digest: string | undefined;
  readonly perHour: number;
  readonly timeoutMs: number;
}

interface WebhookConfig {
  readonly type: 'webhook';
  readonly url: Secret;
  /** Name of a file in config/notifications, without its ending. */
  readonly shape: string | undefined;
  readonly secret: Secret | undefined;
  /** Those of the environment; undefined: no proxy. */
  readonly proxy: ProxyRules | undefined;
}

/** How a mail server is reached. */
export interface MailConfig {
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first byte. `startTls`: required before anything else is sent (RFC 3207). */
  readonly encryption: 'tls' | 'startTls' | 'none';
  readonly tls: TlsConfig | undefined;
  /** Undefined: no login. */
  readonly auth: { readonly username: string; readonly password: Secret } | undefined;
  /** Limit for one message, with everything that leads to it. */
  readonly timeoutMs: number;
}

interface NotifyMailConfig extends MailConfig {
  readonly type: 'mail';
  readonly from: string;
  readonly to: readonly string[];
}

interface NotifyCommandConfig {
  readonly type: 'command';
  readonly run: readonly string[];
}
