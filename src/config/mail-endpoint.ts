import { isLoopbackHost } from '../model/http/loopback-host.ts';
import type { MailConfig } from './notify-config.ts';

/** Where a mail server is, and how the connection is encrypted. */
export type MailEndpoint = Pick<MailConfig, 'host' | 'port' | 'encryption'>;

/** RFC 6409 and RFC 8314. */
const ports: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

/**
 * Parses `smtp://HOST:PORT` or `smtps://HOST:PORT`. A connection is encrypted, unless it stays on this machine or the
 * operator decided otherwise.
 *
 * @param startTls undefined: not configured
 * @returns undefined if the text has another form
 */
export function mailEndpoint(text: string, startTls: boolean | undefined): MailEndpoint | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const port = url.port === '' ? ports[url.protocol] : Number(url.port);
  const isBare = !/[/?#]/.test(text.slice(text.indexOf('://') + 3).replace(/\/$/, ''));
  if (port === undefined || ports[url.protocol] === undefined || url.hostname === '' || !isBare) return undefined;
  const isStartTls = startTls ?? !isLoopbackHost(url.hostname);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    encryption: url.protocol === 'smtps:' ? 'tls' : isStartTls ? 'startTls' : 'none',
  };
}
