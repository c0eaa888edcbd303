import type { ProxyRules } from '../model/http/proxy.ts';
import type { IncidentKind } from '../model/notify/incident.ts';
import type { Secret } from './secrets/secrets.ts';

/** A channel that is notified of what a person must know. */
export type NotifyConfig = NotifyRules & (WebhookConfig | NotifyCommandConfig);

/** What it is notified of. */
interface NotifyRules {
  readonly name: string;
  readonly events: readonly IncidentKind[] | undefined;
  readonly targets: readonly string[] | undefined;
  readonly detail: 'counts' | 'names';
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

interface NotifyCommandConfig {
  readonly type: 'command';
  readonly run: readonly string[];
}
