import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';

/** Which tenant has which state: no two of them may have the same. */
export interface StateClaims {
  /** @returns gives the state back @throws OperatorError if another tenant has it */
  claim(tenant: string, config: Pick<Config, 'state'>): () => void;
}

export function createStateClaims(): StateClaims {
  const owners = new Map<string, string>();
  return {
    claim(tenant, { state }) {
      const place = placeOf(state);
      const owner = owners.get(place) ?? tenant;
      if (owner !== tenant)
        throw new OperatorError(
          'tenants.stateInUse',
          `the tenant ${owner} has the state ${state}; give ${tenant} a "state" of its own`,
          4,
        );
      owners.set(place, tenant);
      return () => owners.delete(place);
    },
  };
}

/** The same for all paths to one file, also before it exists. */
function placeOf(file: string): string {
  for (const real of [() => realpathSync(file), () => join(realpathSync(dirname(file)), basename(file))])
    try {
      return real();
    } catch {
      // What does not exist has no other path.
    }
  return file;
}
