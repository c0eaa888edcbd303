import type { Config } from '../config.ts';
import { formatPath } from '../issues.ts';
import type { NotifyConfig } from '../notify-config.ts';
import type { EnvironmentProxies } from '../proxy/environment-proxies.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';
import type { Secret } from '../secrets/secrets.ts';
import { requireDefined } from './require-defined.ts';

/** The channels of notifications: references become secrets. */
export const notifyConfig = ({
  parsed,
  secrets,
  proxies,
}: {
  readonly parsed: ParsedConfig;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly proxies: EnvironmentProxies;
}): Pick<Config, 'notify'> => ({
  notify: parsed.notify.map((channel, index): NotifyConfig => {
    const { name, events, targets, detail, perHour, timeoutSeconds } = channel;
    const rules = { name, events, targets, detail, perHour, timeoutMs: timeoutSeconds * 1000 };
    if (channel.type === 'command') return { ...rules, type: 'command', run: channel.run };
    const secretOf = (field: string): Secret | undefined => secrets.get(formatPath(['notify', index, field]));
    return {
      ...rules,
      ...{ type: 'webhook', url: requireDefined(secretOf('url')), shape: channel.shape, secret: secretOf('secret') },
      proxy: proxies.rules,
    };
  }),
});
