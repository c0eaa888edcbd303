import type { Config } from '../../config/config.ts';
import type { Notice } from '../../daemon/notices.ts';
import { openGate, type CredentialGate } from '../../model/credentials/credential-gate.ts';
import { gateOf, gateOfBind } from '../credential-gates.ts';

/** How often the files of refused secrets are looked at, in ms. */
const intervalMs = 2_000;

/** Finds out when refused credentials changed, so that they are tried before their time. */
export interface CredentialNotices {
  /** The targets whose refused credentials changed since the last call. Cheap. */
  ofTargets(config: Config): readonly Notice[];
  /** Whether those of a source changed since the last call. */
  ofSources(config: Config): boolean;
}

/** @param now milliseconds of a clock that only goes forward */
export function createCredentialNotices(now: () => number): CredentialNotices {
  const targets = createWatch(now);
  const sources = createWatch(now);
  return {
    ofTargets: (config) =>
      targets(config.targets.map(({ name, auth }) => [name, gateOf(auth)] as const)).map((target) => ({
        command: 'credentials',
        target,
      })),
    ofSources: (config) => sources(sourceGates(config).map((gate, index) => [String(index), gate] as const)).length > 0,
  };
}

/** @returns the names of gates whose credentials changed since they were refused, each once */
function createWatch(now: () => number): (gates: readonly (readonly [string, CredentialGate])[]) => readonly string[] {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let known = new Set<CredentialGate>();
  return (gates) => {
    if (now() - lookedAt < intervalMs) return [];
    lookedAt = now();
    const changed = gates.filter(([, gate]) => gate.isChanged);
    const isNew = changed.filter(([, gate]) => !known.has(gate));
    known = new Set(changed.map(([, gate]) => gate));
    return isNew.map(([name]) => name);
  };
}

/** The gates of the sources that a configuration reads. */
const sourceGates = ({ source, sources }: Config): readonly CredentialGate[] =>
  [source, ...(sources?.joined ?? []).map((joined) => joined.source)].map((one) => {
    if (one.type === 'ldap') return gateOfBind(one.bind);
    return one.type === 'http' || one.type === 'scim' ? gateOf(one.auth) : openGate;
  });
