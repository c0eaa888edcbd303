import { errorAt, type Diagnostic } from '../issues.ts';
import { isLoopbackHost, parseListenAddress } from '../listen-address.ts';
import type { PartialConfig } from '../schema/config-schema.ts';
import type { ConfigRule } from './config-rule.ts';

type PartialPage = NonNullable<PartialConfig['http']>;

/** The status page names people: other machines reach it only encrypted, and with a token. */
export const pageIsProtected: ConfigRule = ({ http }) => {
  if (http === undefined) return [];
  const address = http.listen === undefined ? undefined : parseListenAddress(http.listen);
  if (http.listen !== undefined && address === undefined)
    return [errorAt('config.invalidValue', ['http', 'listen'], 'must be an address and a port: 127.0.0.1:9464')];
  const isLocal = address === undefined || isLoopbackHost(address.host);
  return protectionOf(http, isLocal);
};

function protectionOf(http: PartialPage, isLocal: boolean): readonly Diagnostic[] {
  if (isLocal)
    return 'proxy' in http && !('token' in http)
      ? [
          errorAt(
            'config.pageUnprotected',
            ['http', 'token'],
            'is missing: the proxy lets other machines read the page, which names people; ' +
              'add "token": {"env": "NAME"}',
          ),
        ]
      : [];
  const missing = [
    ...('token' in http ? [] : ['"token": {"env": "NAME"}']),
    ...('certFile' in http || 'keyFile' in http || 'proxy' in http
      ? []
      : ['"certFile" and "keyFile", or "proxy" with the name or address of the proxy that terminates TLS']),
  ];
  if (missing.length === 0) return [];
  return [
    errorAt(
      'config.pageUnprotected',
      ['http', 'listen'],
      `lets other machines read the page, which names people: add ${missing.join(', and ')}; ` +
        'or listen on 127.0.0.1',
    ),
  ];
}
