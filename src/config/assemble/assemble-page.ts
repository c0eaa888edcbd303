import { absolutePath } from '../absolute-path.ts';
import { parseListenAddress } from '../listen-address.ts';
import type { Config } from '../config.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';
import type { Secret } from '../secrets/secrets.ts';
import { requireDefined } from './require-defined.ts';

/** The status page: paths become absolute, the token a secret. */
export function pageConfig({
  parsed,
  folder,
  secrets,
}: {
  readonly parsed: Pick<ParsedConfig, 'http'>;
  readonly folder: string;
  readonly secrets: ReadonlyMap<string, Secret>;
}): Pick<Config, 'page'> {
  const { http } = parsed;
  if (http === undefined) return {};
  const { certFile, keyFile, proxy } = http;
  return {
    page: {
      listen: requireDefined(parseListenAddress(http.listen)),
      token: secrets.get('http.token'),
      tls:
        certFile === undefined || keyFile === undefined
          ? undefined
          : { certFile: absolutePath(certFile, folder), keyFile: absolutePath(keyFile, folder) },
      proxy,
    },
  };
}
