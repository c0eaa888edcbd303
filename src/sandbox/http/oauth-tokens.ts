import { jsonResponse, type Response } from './response.ts';

/** Issues access tokens for client credentials (RFC 6749 section 4.4). */
export interface TokenIssuer {
  isIssued(token: string): boolean;
  /** Answers a token request. Accepts any client id; the client secret is the sandbox's token. */
  issue(form: string, authorization: string | undefined): Response;
}

/** A token endpoint for client credentials (RFC 6749 section 4.4) that accepts one secret. */
export function createTokenIssuer(secret: string): TokenIssuer {
  const issued = new Set<string>();
  return {
    isIssued: (token) => issued.has(token),
    issue(form, authorization) {
      const parameters = new URLSearchParams(form);
      const [, password] = Buffer.from(authorization?.replace(/^basic /i, '') ?? '', 'base64')
        .toString('utf8')
        .split(':');
      const isSecretValid =
        parameters.get('client_secret') === secret ||
        (password !== undefined && decodeURIComponent(password) === secret);
      if (parameters.get('grant_type') !== 'client_credentials' || !isSecretValid)
        return jsonResponse(401, { error: 'invalid_client' });
      const token = `${secret}.${issued.size + 1}`;
      issued.add(token);
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
        body: { access_token: token, token_type: 'Bearer', expires_in: 3600 },
      };
    },
  };
}
