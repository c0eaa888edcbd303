import { errorAt, warningAt, type Diagnostic, type Step } from '../issues.ts';
import { isLoopbackHost } from '../../model/http/loopback-host.ts';
import type { PartialConfig } from '../schema/config-schema.ts';
import { forEachTarget, type ConfigRule } from './config-rule.ts';

/** The URLs of SCIM and token endpoints are HTTP URLs without credentials or fragment; a warning if unencrypted. */
export const urlsAreHttp: ConfigRule = (draft) => [
  ...sourceUrls(draft),
  ...forEachTarget(draft, ({ url, auth }, at) => [
    ...(url === undefined ? [] : checkHttpUrl(url, [...at, 'url'])),
    ...checkTokenUrl(auth, at),
  ]),
];

/** The URLs of a source. They get the same credentials, so they belong to one server. */
function sourceUrls({ source }: PartialConfig): readonly Diagnostic[] {
  if (source?.type === 'scim')
    return [
      ...(source.url === undefined ? [] : checkHttpUrl(source.url, ['source', 'url'])),
      ...checkTokenUrl(source.auth, ['source']),
    ];
  if (source?.type !== 'http') return [];
  const urls = (['users', 'groups', 'memberships'] as const).flatMap((part) => {
    const place = source[part];
    return place === undefined || !('url' in place) || place.url === undefined
      ? []
      : [{ url: place.url, at: ['source', part, 'url'] }];
  });
  const mistakes = urls.flatMap(({ url, at }) => checkHttpUrl(url, at));
  const origins = urls.map(({ url, at }) => ({ at, origin: URL.canParse(url) ? new URL(url).origin : undefined }));
  const other = origins.find(({ origin }) => origin !== undefined && origin !== origins[0]?.origin);
  return [
    ...mistakes,
    ...(other === undefined || mistakes.some(({ level }) => level === 'error')
      ? []
      : [
          errorAt('config.url', other.at, `must be at ${origins[0]?.origin}, as the users are: auth is for one server`),
        ]),
    ...checkTokenUrl(source.auth, ['source']),
  ];
}

const checkTokenUrl = (
  auth: { readonly type?: string | undefined; readonly tokenUrl?: string | undefined } | undefined,
  at: readonly Step[],
): readonly Diagnostic[] =>
  auth?.type === 'oauth2' && auth.tokenUrl !== undefined
    ? checkHttpUrl(auth.tokenUrl, [...at, 'auth', 'tokenUrl'])
    : [];

/** Never quotes the URL, which may contain credentials. */
function checkHttpUrl(text: string, at: readonly Step[]): readonly Diagnostic[] {
  if (!URL.canParse(text)) return [errorAt('config.url', at, 'must be a URL such as https://app.example.com/scim/v2')];
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return [errorAt('config.url', at, `must begin with https://, begins with ${url.protocol}`)];
  return [
    ...(url.username !== '' || url.password !== ''
      ? [errorAt('config.credentialsInUrl', at, 'must not contain a user name or password; they belong in auth')]
      : []),
    ...(url.hash !== '' ? [errorAt('config.url', at, 'must not contain a fragment (#…), which is never sent')] : []),
    ...(url.protocol === 'http:' && !isLoopbackHost(url.hostname)
      ? [
          warningAt(
            'config.notEncrypted',
            at,
            'is not encrypted (http): credentials and personal data are exposed on the network; use https',
          ),
        ]
      : []),
  ];
}

/** Whether requests to this URL never leave this machine. */
export function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname);
}
