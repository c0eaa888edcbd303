import { errorAt, warningAt, type Diagnostic, type Step } from '../issues.ts';
import { forEachTarget, type ConfigRule } from './config-rule.ts';

/** Where requests go, and where tokens come from. */
export const urlsAreHttp: ConfigRule = (draft) =>
  forEachTarget(draft, ({ url, auth }, at) => [
    ...(url === undefined ? [] : checkHttpUrl(url, [...at, 'url'])),
    ...(auth?.type === 'oauth2' && auth.tokenUrl !== undefined
      ? checkHttpUrl(auth.tokenUrl, [...at, 'auth', 'tokenUrl'])
      : []),
  ]);

/** The url itself is never quoted: credentials may stand in it. */
function checkHttpUrl(text: string, at: readonly Step[]): readonly Diagnostic[] {
  if (!URL.canParse(text)) return [errorAt('config.url', at, 'must be a URL such as https://app.example.com/scim/v2')];
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return [errorAt('config.url', at, `must begin with https://, begins with ${url.protocol}`)];
  return [
    ...(url.username !== '' || url.password !== ''
      ? [errorAt('config.credentialsInUrl', at, 'must not hold a user name or password; they belong into auth')]
      : []),
    ...(url.hash !== '' ? [errorAt('config.url', at, 'must not hold a fragment (#…), which is never sent')] : []),
    ...(url.protocol === 'http:' && !isLoopbackHost(url.hostname)
      ? [
          warningAt(
            'config.notEncrypted',
            at,
            'is not encrypted (http): credentials and personal data can be read on their way; use https',
          ),
        ]
      : []),
  ];
}

/** Whether what is sent there never leaves this machine. */
export function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname);
}

/** RFC 6761 section 6.3 and RFC 1122 section 3.2.1.3. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
