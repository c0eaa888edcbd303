import { limitNames, type Limit, type LimitName, type Limits } from '../../model/plan.ts';
import { assembleSources } from './assemble-sources.ts';
import type { Config, MappingConfig, TargetConfig } from '../config.ts';
import { driftConfig } from './assemble-drift.ts';
import { authConfig, proxyConfig, tlsConfig } from './assemble-connection.ts';
import type { DirectoryProfiles } from '../profiles/directory-profiles.ts';
import type { EnvironmentProxies } from '../proxy/environment-proxies.ts';
import { notifyConfig } from './assemble-notify.ts';
import { pageConfig } from './assemble-page.ts';
import { stateConfig } from './assemble-state.ts';
import { requireDefined } from './require-defined.ts';
import { formatPath, type Issue } from '../issues.ts';
import { minuteMs } from '../../model/time.ts';
import { parseDuration, parseLimit, parseShare } from '../schema/percent.ts';
import type { ProfileResult } from '../profiles/profiles.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';
import { updateMethodOf, type Profile } from '../../model/profile.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { writtenPolicy } from '../../model/target/entry-policy.ts';
import type { Secret } from '../secrets/secrets.ts';

/** The profile of a target, with its metadata. */
export type TargetProfile = Pick<Extract<ProfileResult, { kind: 'profile' }>, 'profile' | 'about'>;

/** The parsed parts of a valid configuration. */
export interface AssemblyInput {
  /** Absolute. */
  readonly file: string;
  readonly folder: string;
  readonly parsed: ParsedConfig;
  /** By path: `targets[0].auth.token`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** One for each target, by its index. */
  readonly profiles: ReadonlyMap<number, TargetProfile>;
  /** By the name of the source; undefined: it is not a directory. */
  readonly directories: ReadonlyMap<string | undefined, DirectoryProfiles | undefined>;
  /** By the name of the source; undefined: it is not a SCIM server. */
  readonly sourceProfiles: ReadonlyMap<string | undefined, Profile | undefined>;
  readonly proxies: EnvironmentProxies;
  readonly warnings: readonly Issue[];
}

/** Schedule of a daemon without a configured one, if sources are live, or sources or targets have schedules. */
const defaultSchedule = '*/15 * * * *';

const dayMs = 24 * 60 * 60 * 1000;

/** Builds the configuration: paths become absolute, percentages become shares, references become secrets. */
export function assemble(input: AssemblyInput): Config {
  const { file, folder, parsed, secrets, profiles, proxies, warnings } = input;
  const { source, sources } = assembleSources(input);
  return {
    file,
    folder,
    ...stateConfig(input),
    schedule: parsed.schedule ?? (startsPasses({ source, sources }, parsed) ? defaultSchedule : undefined),
    timezone: parsed.timezone,
    stopMs: parsed.stopSeconds * 1000,
    historyMs: parsed.history.keepDays * dayMs,
    ...pageConfig(input),
    ...notifyConfig(input),
    source,
    ...(sources === undefined ? {} : { sources }),
    targets: parsed.targets.map((target, index) => {
      const secretOf: SecretAt = (...steps) => secrets.get(formatPath(['targets', index, ...steps]));
      const tables = { ...parsed.tables, ...target.tables };
      return {
        ...targetConfig(target, input, requireDefined(profiles.get(index)), secretOf),
        drift: driftConfig(parsed.drift, target.drift),
        ...(Object.keys(tables).length === 0 ? {} : { tables }),
      };
    }),
    warnings,
    secrets: [...secrets.values(), ...proxies.secrets],
  };
}

/** Whether a change or the schedule of a source, or the schedule of a target, starts passes of the daemon. */
const startsPasses = (
  { source, sources }: Pick<Config, 'source' | 'sources'>,
  { targets }: Pick<ParsedConfig, 'targets'>,
): boolean =>
  targets.some(({ schedule }) => schedule !== undefined) ||
  source.changes === 'live' ||
  sources?.primarySchedule !== undefined ||
  (sources?.joined ?? []).some((joined) => joined.schedule !== undefined || joined.source.changes === 'live');

/** The secret at a path below the target. */
type SecretAt = (...steps: readonly string[]) => Secret | undefined;

type ParsedTarget = ParsedConfig['targets'][number];

function targetConfig(
  target: ParsedTarget,
  { folder, proxies: { rules: proxies } }: AssemblyInput,
  { profile, about }: TargetProfile,
  secretOf: SecretAt,
): Omit<TargetConfig, 'drift'> {
  const { timeoutMs, ...limits } = target.limits;
  const { name, url, scope, protect, adopt, tls, leavers, verification } = target;
  const proxy = proxyConfig(target.proxy, proxies, (field) => secretOf('proxy', field));
  return {
    name,
    profile: readBeforePut({ ...profile, limits: { ...profile.limits, ...limits } }, target.mapping),
    about,
    ...(target.schedule === undefined ? {} : { schedule: target.schedule }),
    url,
    auth: authConfig(target.auth, (field) => secretOf('auth', field)),
    ...(tls === undefined ? {} : { tls: tlsConfig(tls, folder) }),
    ...(proxy === undefined ? {} : { proxy }),
    scope,
    // The file is JSON, so values that the schema types as unknown are JSON too.
    mapping: target.mapping as { user: MappingConfig; group: MappingConfig },
    joiners: target.joiners,
    leavers: {
      action: leavers.action,
      outOfScope: leavers.outOfScope,
      deactivateDaysAfter: leavers.deactivateDaysAfter,
      deleteAfterDays: leavers.deleteAfterDays,
      groups: leavers.groups,
    },
    guard: guardConfig(target.guard),
    ...(protect === undefined ? {} : { protect }),
    adopt,
    verification: {
      removals: verification.removals,
      removalsShare: requireDefined(parseShare(verification.removalsShare)),
      firstWrites: verification.firstWrites,
      writesShare: requireDefined(parseShare(verification.writesShare)),
      secondLookMs: verification.secondLookMinutes * minuteMs,
    },
    timeoutMs,
  };
}

/**
 * A PUT replaces the whole resource, so it must contain what the target holds in attributes that only the create sets:
 * the resource is read before.
 */
function readBeforePut(profile: Profile, mapping: ParsedTarget['mapping']): Profile {
  const { protocol } = profile;
  const needsRead = (resourceType: ResourceType, entries: Readonly<Record<string, unknown>>): boolean =>
    updateMethodOf(protocol, resourceType) === 'put' &&
    Object.values(entries).some((entry) => writtenPolicy(entry)?.on === 'create');
  const users = needsRead('User', mapping.user);
  const groups = needsRead('Group', mapping.group);
  if (!users && !groups) return profile;
  const update = users ? 'getThenPut' : protocol.update;
  const updateGroups = groups ? 'getThenPut' : updateMethodOf(protocol, 'Group');
  return { ...profile, protocol: { ...protocol, update, updateGroups } };
}

function guardConfig({ floor, window, ...limits }: ParsedTarget['guard']): Limits {
  const limitOf = (name: LimitName): Limit => requireDefined(parseLimit(limits[name] ?? limits.maxRemovals, floor));
  const table = Object.fromEntries(limitNames.map((name) => [name, limitOf(name)])) as Record<LimitName, Limit>;
  return { table, windowMs: requireDefined(parseDuration(window)) };
}
