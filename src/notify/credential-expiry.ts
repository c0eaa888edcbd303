import { X509Certificate } from 'node:crypto';
import { instant, type Instant } from '../model/ids.ts';

/** A token has some hundred bytes of claims. */
const maxClaims = 16 * 1024;

/**
 * When a token expires, if it is a JWT with a readable `exp` (RFC 7519 section 4.1.4). Its signature is not checked:
 * nothing is granted by it here.
 *
 * @returns undefined: it is no JWT, or has no `exp`
 */
export function tokenExpiry(token: string): Instant | undefined {
  const claims = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token.replace(/^Bearer /i, ''))?.[1];
  if (claims === undefined || claims.length > maxClaims) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly exp?: unknown };
    return typeof exp === 'number' && Number.isSafeInteger(Math.trunc(exp)) ? instant(exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}

/** The ends of all certificates of a PEM text, in its order; those that cannot be read are left out. */
export function certificateExpiries(pem: string): readonly Instant[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [instant(Date.parse(new X509Certificate(block).validTo))];
    } catch {
      return [];
    }
  });
}
