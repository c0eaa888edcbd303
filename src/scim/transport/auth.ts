import { getIgnoringCase } from '../../model/scim-json.ts';
import type { Clock } from '../../model/clock.ts';
import { nextTryText, openGate, type CredentialGate } from '../../model/credentials/credential-gate.ts';
import { textRedactor, type Redact } from '../../model/redaction/redactor.ts';
import type { AuthSettings, Secret } from '../../model/http/auth-settings.ts';
import type { HttpRequest, NotSent, Response, Send, NotAttempted } from './message.ts';
import { decide, errorSummary } from '../judge/judge-response.ts';
import { redactResult } from './redact-result.ts';

/** HTTP headers; names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** The credentials of one target, as HTTP headers. */
export interface Credentials {
  /** The headers of the next request; a failure where no token could be obtained. */
  headers(signal: AbortSignal): Headers | Promise<Headers | NotSent | NotAttempted>;
  /** The target refused these headers with 401. @returns whether `headers` may return new ones */
  discard(refused: Headers): boolean;
  /** Hides the credentials in a text: what a server writes into an error may be the request. */
  readonly redact: Redact;
}

/** A token is renewed this time before it expires, in milliseconds. */
const renewBeforeExpiryMs = 60_000;

/**
 * Creates the credentials; `send` is used only for OAuth 2.0 token requests. A secret is sent as its file has it then.
 */
export function createCredentials(
  auth: AuthSettings,
  send: Send,
  clock: Clock,
  gate: CredentialGate = openGate,
): Credentials {
  switch (auth.type) {
    case 'none':
      return fixedCredentials({ reveal: () => '' }, () => ({ headers: {}, secrets: [] }));
    case 'bearer':
      return fixedCredentials(auth.token, (text) => {
        // A token that was copied with its scheme would be sent as "Bearer Bearer …", which no server accepts.
        const token = text.trim().replace(/^bearer\s+/i, '');
        return { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
      });
    case 'basic':
      return fixedCredentials(auth.password, (password) => {
        const pair = basicPair(auth.username, password);
        return { headers: { authorization: `Basic ${pair}` }, secrets: [password, pair] };
      });
    case 'header':
      return fixedCredentials(auth.value, (value) => ({
        headers: { [auth.name.toLowerCase()]: value },
        secrets: [value],
      }));
    case 'oauth2':
      return clientCredentials(auth, send, clock, gate);
  }
}

/** Credentials that change only with the file of their secret. */
function fixedCredentials(
  secret: Pick<Secret, 'reveal'>,
  credentialsOf: (text: string) => { readonly headers: Headers; readonly secrets: readonly string[] },
): Credentials {
  let text = secret.reveal();
  const known = credentialsOf(text);
  const seen = new Set(known.secrets);
  let { headers } = known;
  let redact = textRedactor(known.secrets);
  const current = (): Headers => {
    const textNow = secret.reveal();
    if (textNow === text) return headers;
    text = textNow;
    const now = credentialsOf(text);
    for (const one of now.secrets) seen.add(one);
    redact = textRedactor([...seen]);
    headers = now.headers;
    return headers;
  };
  return {
    headers: current,
    discard: (refused) => JSON.stringify(current()) !== JSON.stringify(refused),
    redact: (text) => redact(text),
  };
}

const basicPair = (name: string, password: string): string =>
  Buffer.from(`${name}:${password}`, 'utf8').toString('base64');

interface Token {
  readonly headers: Headers;
  readonly renewAt: number;
}

/** Whether the token endpoint refused the client (RFC 6749 section 5.2), and not its request. */
const isClientRefused = ({ status, body }: Response): boolean =>
  status === 401 || ['invalid_client', 'unauthorized_client'].includes(String(getIgnoringCase(body, 'error')));

/** Requests with the token before the last one may still be in flight. */
const rememberedTokens = 2;

/** Callers that need a token at the same time share one request for it. */
function clientCredentials(
  auth: Extract<AuthSettings, { type: 'oauth2' }>,
  send: Send,
  clock: Clock,
  gate: CredentialGate,
): Credentials {
  let token: Token | undefined;
  let pending: Promise<Token | NotSent | NotAttempted> | undefined;
  let sendsSecretInBody = false;

  const seen = new Set<string>();
  let tokens: readonly string[] = [];
  let redact = textRedactor([]);
  const hide = (): void => void (redact = textRedactor([...seen, ...tokens]));

  /** The secret as its file has it now, and as HTTP Basic. */
  function clientSecret(): { readonly secret: string; readonly pair: string } {
    const secret = auth.clientSecret.reveal();
    const pair = basicPair(encodeURIComponent(auth.clientId), encodeURIComponent(secret));
    if (!seen.has(secret)) {
      seen.add(secret).add(pair);
      hide();
    }
    return { secret, pair };
  }

  async function requestToken(signal: AbortSignal): Promise<Token | NotSent | NotAttempted> {
    const result = await send(tokenRequest(clientSecret()), signal);
    const failure = (why: string): string => redact(`no token from ${new URL(auth.tokenUrl).host}: ${why}`);
    if (result.kind !== 'response') return { kind: 'notSent', detail: failure(result.detail) };
    const text = getIgnoringCase(result.body, 'access_token');
    if (decide(result) === 'accept' && typeof text === 'string' && text !== '')
      return toToken(text, getIgnoringCase(result.body, 'expires_in'));
    const detail = failure(errorSummary(redactResult(result, redact)));
    if (decide(result) === 'retry' || decide(result) === 'rateLimited') return { kind: 'notSent', detail };
    // RFC 6749 section 2.3.1: every server must support Basic, but some accept the secret only in the body.
    if (!sendsSecretInBody && (result.status === 400 || result.status === 401)) {
      sendsSecretInBody = true;
      return requestToken(signal);
    }
    sendsSecretInBody = false;
    return refusedToken(isClientRefused(result) ? `${detail}. ${nextTryText(gate.refused())}` : detail);
  }

  const refusedToken = (detail: string): NotAttempted => ({ kind: 'notAttempted', reason: 'unavailable', detail });

  function tokenRequest({ secret, pair }: ReturnType<typeof clientSecret>): HttpRequest {
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (auth.scope !== undefined) form.set('scope', auth.scope);
    if (auth.audience !== undefined) form.set('audience', auth.audience);
    if (sendsSecretInBody) {
      form.set('client_id', auth.clientId);
      form.set('client_secret', secret);
    }
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(sendsSecretInBody ? {} : { authorization: `Basic ${pair}` }),
    };
    return { method: 'POST', url: auth.tokenUrl, headers, body: form.toString() };
  }

  function toToken(accessToken: string, expiresIn: unknown): Token {
    const lifetimeMs = Number(expiresIn) * 1000;
    const renewAt =
      lifetimeMs > 0
        ? clock.now() + (lifetimeMs > 2 * renewBeforeExpiryMs ? lifetimeMs - renewBeforeExpiryMs : lifetimeMs / 2)
        : Number.POSITIVE_INFINITY;
    tokens = [accessToken, ...tokens].slice(0, rememberedTokens);
    hide();
    return { headers: { authorization: `Bearer ${accessToken}` }, renewAt };
  }

  return {
    async headers(signal) {
      if (token !== undefined && clock.now() < token.renewAt) return token.headers;
      const refusal = gate.closed();
      if (refusal !== undefined)
        return refusedToken(`${new URL(auth.tokenUrl).host} refused the credentials. ${nextTryText(refusal)}`);
      pending ??= requestToken(signal).finally(() => {
        pending = undefined;
      });
      const issued = await pending;
      if ('kind' in issued) return issued;
      token = issued;
      return issued.headers;
    },
    discard(refused) {
      // Another caller may have renewed the token meanwhile; a new token is not discarded.
      if (token?.headers === refused) token = undefined;
      return true;
    },
    redact: (text) => redact(text),
  };
}
