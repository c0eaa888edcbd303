import { errorAt, warningAt, type Diagnostic, type Step } from '../issues.ts';
import { mailEndpoint } from '../mail-endpoint.ts';
import type { PartialConfig } from '../schema/config-schema.ts';
import type { ConfigRule } from './config-rule.ts';
import { isLoopbackUrl } from './url-rules.ts';

type PartialMail = Extract<NonNullable<PartialConfig['notify']>[number], { readonly type?: 'mail' | undefined }>;

/** Each mail server has a usable URL, and an unencrypted connection to another machine is a warning. */
export const mailServersAreClear: ConfigRule = ({ notify = [] }) =>
  notify.flatMap((channel, index) => (channel?.type === 'mail' ? checkServer(channel, ['notify', index]) : []));

/** Never quotes the URL, which may contain credentials. */
function checkServer({ url, startTls, tls }: PartialMail, at: readonly Step[]): readonly Diagnostic[] {
  if (url === undefined) return [];
  if (/^[a-z]+:\/\/[^/]*@/i.test(url))
    return [
      errorAt(
        'config.credentialsInUrl',
        [...at, 'url'],
        'must not contain a user name or password; they belong in auth',
      ),
    ];
  const endpoint = mailEndpoint(url, startTls);
  if (endpoint === undefined)
    return [
      errorAt('config.url', [...at, 'url'], 'must be smtp://HOST, smtp://HOST:PORT, smtps://HOST or smtps://HOST:PORT'),
    ];
  const { encryption } = endpoint;
  return [
    ...(encryption === 'tls' && startTls !== undefined
      ? [warningAt('config.noEffect', [...at, 'startTls'], 'has no effect: smtps:// is encrypted from the start')]
      : []),
    ...(encryption === 'none' && tls !== undefined
      ? [
          warningAt(
            'config.noEffect',
            [...at, 'tls'],
            'has no effect: the connection is not encrypted; add "startTls": true',
          ),
        ]
      : []),
    ...(encryption === 'none' && !isLoopbackUrl(url)
      ? [
          warningAt(
            'config.notEncrypted',
            [...at, 'startTls'],
            'is false: passwords and personal data are exposed on the network',
          ),
        ]
      : []),
  ];
}
