import type { Config } from '../../config/config.ts';
import type { AuthSettings } from '../../model/http/auth-settings.ts';
import { proxyFor, type ProxyRules } from '../../model/http/proxy.ts';

/** How requests to one URL of a target or a source are sent. */
export interface ProxyFact {
  /** `app`, or `source`. */
  readonly label: string;
  /** The name of the target; undefined: it is about the source. */
  readonly target: string | undefined;
  readonly purpose: 'requests' | 'requests for tokens';
  readonly url: string;
  /** The URL of the proxy, without credentials; undefined: directly. */
  readonly proxy: string | undefined;
}

/** One fact for each URL for which a proxy is configured, or named by the environment. */
export const proxyFacts = ({ source, sources, targets }: Config): readonly ProxyFact[] => [
  ...proxiesOf({ label: 'source', target: undefined }, source),
  ...(sources?.joined ?? []).flatMap((joined) =>
    proxiesOf({ label: `source "${joined.name}"`, target: undefined }, joined.source),
  ),
  ...targets.flatMap((target) => proxiesOf({ label: target.name, target: target.name }, { ...target, type: 'scim' })),
];

export const proxyText = ({ label, purpose, proxy }: ProxyFact): string =>
  proxy === undefined
    ? `${label}: ${purpose} are sent directly: the proxies of the environment do not serve this address`
    : `${label}: ${purpose} go through the proxy ${proxy}`;

type Connected =
  | Exclude<Config['source'], { readonly type: 'scim' }>
  | { readonly type: 'scim'; readonly url: string; readonly auth: AuthSettings; readonly proxy?: ProxyRules };

function proxiesOf(about: Pick<ProxyFact, 'label' | 'target'>, server: Connected): readonly ProxyFact[] {
  if ((server.type !== 'scim' && server.type !== 'http') || server.proxy === undefined) return [];
  const { auth, proxy: rules } = server;
  // The URLs of all parts of a source are at one server.
  const url = server.type === 'scim' ? server.url : server.users.url;
  const fact = (purpose: ProxyFact['purpose'], at: string): ProxyFact => ({
    ...about,
    ...{ purpose, url: at, proxy: proxyFor(new URL(at), rules)?.url },
  });
  return [fact('requests', url), ...(auth.type === 'oauth2' ? [fact('requests for tokens', auth.tokenUrl)] : [])];
}
