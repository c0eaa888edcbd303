import { failure, warning, type Finding, type Step } from './issues.ts';
import { eachTarget, type Rule } from './rule.ts';

/** Where requests go, and where tokens come from. */
export const urlsAreWeb: Rule = (draft) =>
  eachTarget(draft, ({ url, auth }, at) => [
    ...(url === undefined ? [] : webFindings(url, [...at, 'url'])),
    ...(auth?.type === 'oauth2' && auth.tokenUrl !== undefined
      ? webFindings(auth.tokenUrl, [...at, 'auth', 'tokenUrl'])
      : []),
  ]);

/** The url itself is never quoted: credentials may stand in it. */
function webFindings(text: string, at: readonly Step[]): readonly Finding[] {
  if (!URL.canParse(text)) return [failure(at, 'must be a URL such as https://app.example.com/scim/v2')];
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return [failure(at, `must begin with https://, begins with ${url.protocol}`)];
  return [
    ...(url.username !== '' || url.password !== ''
      ? [failure(at, 'must not hold a user name or password; they belong into auth')]
      : []),
    ...(url.hash !== '' ? [failure(at, 'must not hold a fragment (#…), which is never sent')] : []),
    ...(url.protocol === 'http:' && !isLoopback(url.hostname)
      ? [warning(at, 'is not encrypted (http): credentials and personal data can be read on their way; use https')]
      : []),
  ];
}

/** Whether what is sent there never leaves this machine. */
export function staysHere(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}

/** RFC 6761 section 6.3 and RFC 1122 section 3.2.1.3. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
