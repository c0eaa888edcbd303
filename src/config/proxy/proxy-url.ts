/**
 * What is wrong with the URL of a proxy, as the rest of a sentence; undefined: nothing. Never quotes the URL, which may
 * contain credentials.
 */
export function proxyUrlMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a URL such as http://proxy.example.com:3128';
  const { protocol, pathname, search, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:')
    return `must begin with http:// or https://, begins with ${protocol}`;
  return pathname === '/' && search === '' && hash === ''
    ? undefined
    : 'must end after the host and the port, as in http://proxy.example.com:3128';
}

/** The URL as messages show it: scheme, host and port. */
export const proxyOrigin = (url: string): string => new URL(url).origin;
