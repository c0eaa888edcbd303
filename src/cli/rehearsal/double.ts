import { randomBytes } from 'node:crypto';
import type { TargetConfig } from '../../config/config.ts';
import { Secret } from '../../config/secrets/secret.ts';
import type { Profile } from '../../model/profile.ts';
import type { Complex } from '../../sandbox/resources/resource.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts';
import type { Discovery } from '../../scim/target.ts';
import { openSandbox } from './open-sandbox.ts';

/** A sandbox that plays a target with its accounts, on a port of this machine. */
export interface Double {
  readonly sandbox: Sandbox;
  /** What each of its requests needs. It is random, and opens nothing else. */
  readonly token: string;
}

/** How a double is started; `sandbox` explains each. */
export type DoubleOptions = Partial<
  Pick<SandboxOptions, 'port' | 'token' | 'misbehaviours' | 'requestsPerSecond' | 'latencyMs'>
>;

/** The log is for a look at the last requests. */
const logLimit = 200;

/**
 * Starts an empty double of a target.
 *
 * @param discovery the ServiceProviderConfig of the target; undefined: it has none that is readable
 */
export async function startDouble(
  { name, profile }: TargetConfig,
  discovery: Discovery | undefined,
  { token = randomBytes(24).toString('hex'), ...options }: DoubleOptions = {},
): Promise<Double> {
  const sandbox = await openSandbox({
    ...optionsOf(profile, discovery),
    ...{ profile, token, logLimit, isPrivate: true },
    label: `a copy of ${name}`,
    notice:
      `This is a copy of the accounts of ${name}. It is not the application, ` +
      'and all its data is lost when it ends.',
    ...options,
  });
  return { sandbox, token };
}

/** What the ServiceProviderConfig decides where the profile leaves it open. */
function optionsOf(
  { protocol, limits }: Profile,
  discovery: Discovery | undefined,
): Partial<Pick<SandboxOptions, 'patch' | 'etags' | 'bulk' | 'serviceProviderConfig'>> {
  if (discovery === undefined) return {};
  const { patch, etag, bulk, raw } = discovery;
  const isBulkPlayed = protocol.bulk === 'offered' && bulk !== undefined;
  return {
    serviceProviderConfig: raw as Complex,
    ...(patch === false && protocol.update === 'auto' ? { patch } : {}),
    ...(etag === false && protocol.ifMatch === 'auto' ? { etags: etag } : {}),
    ...(!isBulkPlayed
      ? {}
      : {
          bulk: bulk.supported
            ? {
                maxOperations: Math.min(limits.maxBulkOperations, bulk.maxOperations ?? Infinity),
                maxPayloadSize: Math.min(limits.maxPayloadSize, bulk.maxPayloadSize ?? Infinity),
                methods: protocol.bulkMethods,
              }
            : null,
        }),
  };
}

/** Requests per second at a double, which needs no consideration. */
const unpaced = 10_000;

/** The target without its pace, which only costs time at a double. */
export const withoutPace = (target: TargetConfig): TargetConfig => ({
  ...target,
  profile: { ...target.profile, limits: { ...target.profile.limits, requestsPerSecond: unpaced, quotas: [] } },
});

/** The target with the address and the token of its double in place of its own. */
export function atDouble(target: TargetConfig, { sandbox, token }: Double): TargetConfig {
  const { tls: _tls, proxy: _proxy, ...rest } = target;
  return { ...rest, url: sandbox.url, auth: { type: 'bearer', token: new Secret(token) } };
}
