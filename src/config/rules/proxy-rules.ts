import { errorAt, warningAt, type Diagnostic, type Step } from '../issues.ts';
import { proxyUrlMistake } from '../proxy/proxy-url.ts';
import type { PartialConfig } from '../schema/config-schema.ts';
import { forEachTarget, type ConfigRule, type PartialTarget } from './config-rule.ts';

/** The URL of a proxy is complete, and has no credentials: these have places of their own. */
export const proxiesAreUsable: ConfigRule = (draft) => [
  ...checkProxy(proxyOfSource(draft), ['source', 'proxy']),
  ...forEachTarget(draft, ({ proxy }, at) => checkProxy(proxy, [...at, 'proxy'])),
];

const proxyOfSource = ({ source }: PartialConfig): PartialTarget['proxy'] =>
  source?.type === 'http' || source?.type === 'scim' ? source.proxy : undefined;

function checkProxy(proxy: PartialTarget['proxy'], at: readonly Step[]): readonly Diagnostic[] {
  if (proxy === undefined || proxy === false) return [];
  const [text, place] = typeof proxy === 'string' ? [proxy, at] : [proxy.url, [...at, 'url']];
  if (text === undefined) return [];
  const mistake = proxyUrlMistake(text);
  if (mistake !== undefined) return [errorAt('config.proxy', place, mistake)];
  const { username, password, protocol } = new URL(text);
  if (username !== '' || password !== '')
    return [
      errorAt(
        'config.credentialsInUrl',
        place,
        'must not contain a user name or password; write {"url": "…", "username": "…", "password": {"env": "NAME"}}',
      ),
    ];
  return typeof proxy === 'object' && protocol === 'http:'
    ? [
        warningAt(
          'config.notEncrypted',
          place,
          'is not encrypted (http): the credentials of the proxy are exposed on the network; use https if it can',
        ),
      ]
    : [];
}
