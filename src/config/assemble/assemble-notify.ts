import { defaultIncidentLimits, type IncidentLimits } from '../../model/notify/incident.ts';
import type { Config } from '../config.ts';
import { formatPath } from '../issues.ts';
import type { NotifyConfig } from '../notify-config.ts';
import type { EnvironmentProxies } from '../proxy/environment-proxies.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';
import { parseDuration } from '../schema/percent.ts';
import type { Secret } from '../secrets/secrets.ts';
import { mailEndpoint } from '../mail-endpoint.ts';
import { textOrSecret, tlsConfig } from './assemble-connection.ts';
import { requireDefined } from './require-defined.ts';

/** The channels of notifications, with secrets instead of references, and what is an incident. */
export const notifyConfig = ({
  parsed,
  folder,
  secrets,
  proxies,
}: {
  readonly parsed: ParsedConfig;
  readonly folder: string;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly proxies: EnvironmentProxies;
}): Pick<Config, 'notify' | 'incidents'> => ({
  incidents: incidentLimits(parsed.incidents),
  notify: parsed.notify.map((channel, index): NotifyConfig => {
    const { name, events, targets, detail, digest, perHour, timeoutSeconds } = channel;
    const rules = { name, events, targets, detail, digest, perHour, timeoutMs: timeoutSeconds * 1000 };
    if (channel.type === 'command') return { ...rules, type: 'command', run: channel.run };
    const secretOf = (...path: readonly string[]): Secret | undefined =>
      secrets.get(formatPath(['notify', index, ...path]));
    if (channel.type === 'mail') {
      const { url, startTls, tls, auth, from, to } = channel;
      return {
        ...rules,
        ...{ type: 'mail', ...requireDefined(mailEndpoint(url, startTls)), from, to },
        tls: tls === undefined ? undefined : tlsConfig(tls, folder),
        auth:
          auth === undefined
            ? undefined
            : {
                username: textOrSecret('username', auth.username, (field) => secretOf('auth', field)),
                password: requireDefined(secretOf('auth', 'password')),
              },
      };
    }
    return {
      ...rules,
      ...{ type: 'webhook', url: requireDefined(secretOf('url')), shape: channel.shape, secret: secretOf('secret') },
      proxy: proxies.rules,
    };
  }),
});

function incidentLimits(parsed: ParsedConfig['incidents'] = {}): IncidentLimits {
  const { failingAfter, openLeaverAfter, staleAfter, expiryDays } = parsed;
  const { failingMs, openLeaverMs, staleMs, expiryDays: defaultDays } = defaultIncidentLimits;
  const msOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDuration(text));
  return {
    failingMs: msOf(failingAfter) ?? failingMs,
    openLeaverMs: msOf(openLeaverAfter) ?? openLeaverMs,
    staleMs: msOf(staleAfter) ?? staleMs,
    expiryDays: (expiryDays ?? defaultDays).toSorted((one, other) => other - one),
  };
}
