import { jsonAnswer, type Answer } from './answer.ts';

/** Tokens for client credentials (RFC 6749 section 4.4), of an application that lets them expire early. */
export interface Tokens {
  isIssued(token: string): boolean;
  /** The answer to a request for a token: any client id whose secret is the rehearsal's own token. */
  answer(form: string, authorization: string | undefined): Answer;
}

export function createTokens(secret: string): Tokens {
  const issued = new Set<string>();
  return {
    isIssued: (token) => issued.has(token),
    answer(form, authorization) {
      const given = new URLSearchParams(form);
      const [, password] = Buffer.from(authorization?.replace(/^basic /i, '') ?? '', 'base64')
        .toString('utf8')
        .split(':');
      const isKnown =
        given.get('client_secret') === secret || (password !== undefined && decodeURIComponent(password) === secret);
      if (given.get('grant_type') !== 'client_credentials' || !isKnown)
        return jsonAnswer(401, { error: 'invalid_client' });
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
