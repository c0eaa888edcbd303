/** PEM files, absolute. A client certificate needs both of its files. */
export interface TlsConfig {
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Certificate authorities of the server, if the system does not trust them already. */
  readonly caFile?: string;
}
