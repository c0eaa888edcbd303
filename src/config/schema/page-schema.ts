import * as z from 'zod';
import { fileName, secret, text } from './fields.ts';

/** The status page and the metrics of the daemon. */
export const pageSchema = z
  .strictObject({
    listen: text()
      .default('127.0.0.1:9464')
      .describe('Address and port. Other machines reach it only with token, and certFile with keyFile or proxy.'),
    token: secret()
      .describe('What a request must contain: "Authorization: Bearer TOKEN", or as password in a browser.')
      .exactOptional(),
    certFile: fileName().describe('Certificate of the server (PEM), with its chain.').exactOptional(),
    keyFile: fileName().describe('Key of that certificate (PEM).').exactOptional(),
    proxy: text()
      .describe('Name or address of the proxy that terminates TLS. Requests of other machines are refused.')
      .exactOptional(),
  })
  .describe('Status page, metrics and health of the daemon. Default: none.');
