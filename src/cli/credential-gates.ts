import { createCredentialGate, openGate, type CredentialGate } from '../model/credentials/credential-gate.ts';
import type { AuthSettings, Secret } from '../model/http/auth-settings.ts';
import type { LdapBindConfig } from '../config/source-config.ts';
import { realClock } from './clock.ts';

const gates = new WeakMap<object, CredentialGate>();

/** The gate of the credentials of a server: one for all passes and connections of this process. */
export function gateOf(auth: AuthSettings): CredentialGate {
  return auth.type === 'none' ? openGate : gateFor(auth, secretOf(auth));
}

/** The gate of a bind; one without a password has none. */
export const gateOfBind = (bind: LdapBindConfig): CredentialGate =>
  bind.method === 'simple' ? gateFor(bind, bind.password) : openGate;

function gateFor(owner: object, secret: Secret): CredentialGate {
  const gate =
    gates.get(owner) ??
    createCredentialGate(
      () => secret.reveal(),
      () => realClock.now(),
    );
  gates.set(owner, gate);
  return gate;
}

function secretOf(auth: Exclude<AuthSettings, { type: 'none' }>): Secret {
  switch (auth.type) {
    case 'bearer':
      return auth.token;
    case 'basic':
      return auth.password;
    case 'header':
      return auth.value;
    case 'oauth2':
      return auth.clientSecret;
  }
}
