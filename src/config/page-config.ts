import type { ListenAddress } from './listen-address.ts';
import type { TlsConfig } from './connection-config.ts';
import type { Secret } from './secrets/secrets.ts';

/** Where the daemon serves its status page, and who may read it. */
export interface PageConfig {
  readonly listen: ListenAddress;
  /** Undefined: each process of this computer may read the page. */
  readonly token: Secret | undefined;
  /** PEM files of the server, absolute; undefined: HTTP without TLS. */
  readonly tls: Required<Pick<TlsConfig, 'certFile' | 'keyFile'>> | undefined;
  /** Name or address of the proxy that terminates TLS. */
  readonly proxy: string | undefined;
}
