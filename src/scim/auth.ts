import { member } from '../model/shape.ts';
import type { Clock } from '../model/world.ts';
import type { HttpRequest, NotSent, Send, Withheld } from './message.ts';
import { decide, sentence } from './response.ts';

/** A secret that shows itself only on request. */
export interface Revealed {
  reveal(): string;
}

/** How a target knows us. Client certificates are a matter of the connection (`TlsSettings`). */
export type AuthSettings =
  | { readonly type: 'none' }
  /** RFC 6750. */
  | { readonly type: 'bearer'; readonly token: Revealed }
  /** RFC 7617. */
  | { readonly type: 'basic'; readonly username: string; readonly password: Revealed }
  | { readonly type: 'header'; readonly name: string; readonly value: Revealed }
  /** Client credentials, RFC 6749 section 4.4. */
  | {
      readonly type: 'oauth2';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: Revealed;
      readonly scope?: string;
      readonly audience?: string;
    };

export type Headers = Readonly<Record<string, string>>;

export interface Credentials {
  /** The headers to send now; a failure where a token was needed and could not be had. */
  headers(signal: AbortSignal): Promise<Headers | NotSent | Withheld>;
  /** These headers were refused by 401. @returns whether others may be had */
  renew(refused: Headers): boolean;
  /** What must not appear in anything that is said about a request. */
  secrets(): readonly string[];
}

/** A token is renewed so long before it expires, in milliseconds. */
const early = 60_000;

export function openCredentials(auth: AuthSettings, send: Send, clock: Clock): Credentials {
  switch (auth.type) {
    case 'none':
      return fixed({}, []);
    case 'bearer': {
      // Copied with its scheme, a token would be sent as "Bearer Bearer …", which nobody accepts.
      const token = auth.token
        .reveal()
        .trim()
        .replace(/^bearer\s+/i, '');
      return fixed({ authorization: `Bearer ${token}` }, [token]);
    }
    case 'basic': {
      const pair = basicPair(auth.username, auth.password.reveal());
      return fixed({ authorization: `Basic ${pair}` }, [auth.password.reveal(), pair]);
    }
    case 'header':
      return fixed({ [auth.name.toLowerCase()]: auth.value.reveal() }, [auth.value.reveal()]);
    case 'oauth2':
      return clientCredentials(auth, send, clock);
  }
}

function fixed(headers: Headers, secrets: readonly string[]): Credentials {
  return { headers: async () => headers, renew: () => false, secrets: () => secrets };
}

const basicPair = (name: string, password: string): string =>
  Buffer.from(`${name}:${password}`, 'utf8').toString('base64');

interface Token {
  readonly headers: Headers;
  readonly text: string;
  readonly renewAt: number;
}

/** Callers that need a token at the same time share one request for it. */
function clientCredentials(auth: Extract<AuthSettings, { type: 'oauth2' }>, send: Send, clock: Clock): Credentials {
  let token: Token | undefined;
  let asking: Promise<Token | NotSent | Withheld> | undefined;
  let inBody = false;

  const secret = auth.clientSecret.reveal();
  const pair = basicPair(encodeURIComponent(auth.clientId), encodeURIComponent(secret));

  async function ask(signal: AbortSignal): Promise<Token | NotSent | Withheld> {
    const answer = await send(tokenRequest(), signal);
    if (answer.kind !== 'reply')
      return { kind: 'notSent', detail: `no token from ${new URL(auth.tokenUrl).host}: ${answer.detail}` };
    const text = member(answer.body, 'access_token');
    if (decide(answer) === 'accept' && typeof text === 'string' && text !== '')
      return tokenOf(text, member(answer.body, 'expires_in'));
    const detail = `no token from ${new URL(auth.tokenUrl).host}: ${sentence(answer)}`;
    if (decide(answer) === 'again' || decide(answer) === 'wait') return { kind: 'notSent', detail };
    // RFC 6749 section 2.3.1: Basic is what every server must know, yet some know only the body.
    if (!inBody && (answer.status === 400 || answer.status === 401)) {
      inBody = true;
      return ask(signal);
    }
    inBody = false;
    return { kind: 'withheld', because: 'unavailable', detail };
  }

  function tokenRequest(): HttpRequest {
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (auth.scope !== undefined) form.set('scope', auth.scope);
    if (auth.audience !== undefined) form.set('audience', auth.audience);
    if (inBody) {
      form.set('client_id', auth.clientId);
      form.set('client_secret', secret);
    }
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(inBody ? {} : { authorization: `Basic ${pair}` }),
    };
    return { method: 'POST', url: auth.tokenUrl, headers, body: form.toString() };
  }

  function tokenOf(text: string, expiresIn: unknown): Token {
    const life = Number(expiresIn) * 1000;
    const renewAt = life > 0 ? clock.now() + (life > 2 * early ? life - early : life / 2) : Number.POSITIVE_INFINITY;
    return { headers: { authorization: `Bearer ${text}` }, text, renewAt };
  }

  return {
    async headers(signal) {
      if (token !== undefined && clock.now() < token.renewAt) return token.headers;
      asking ??= ask(signal).finally(() => {
        asking = undefined;
      });
      const asked = await asking;
      if ('kind' in asked) return asked;
      token = asked;
      return asked.headers;
    },
    renew(refused) {
      // Another caller may have renewed it meanwhile: then there is nothing to throw away.
      if (token?.headers === refused) token = undefined;
      return true;
    },
    secrets: () => [secret, pair, ...(token === undefined ? [] : [token.text])],
  };
}
