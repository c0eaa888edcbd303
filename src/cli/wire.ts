import type { Config, TargetConfig } from '../config/config.ts';
import { mappingWithKeyForm } from '../desired/key-form-mapping.ts';
import type { Tables } from '../model/target/tables.ts';
import { compileTargetMapping, type TargetMapping, type TargetMappingSpec } from '../desired/target-mapping.ts';
import type { DateSettings } from '../model/dates/read-date.ts';
import { namesOf } from '../model/reading/source-names.ts';
import type { Instant } from '../model/ids.ts';
import type { RequestCounts } from '../model/target/request-counts.ts';
import { targetUrlIdentity } from '../plan/target-identity.ts';
import type { ConnectionSettings } from '../scim/transport/connection.ts';
import type { Send } from '../scim/transport/message.ts';
import { createTarget, type Target } from '../scim/target.ts';
import { createTargetReader, type TargetReader } from '../scim/target-reader.ts';
import type { Columns } from '../source/source.ts';
import type { TargetSpec } from '../sync/context.ts';
import { realClock, realRandom } from './clock.ts';
import { gateOf } from './credential-gates.ts';
import { packageVersion } from './package-folder.ts';
import { readPemFiles } from './source/pem-files.ts';

/** The targets as planning needs them, without any dependency that could reach a target. */
export function wireTargets(
  config: Config,
  { adoptConflicts = false }: { readonly adoptConflicts?: boolean } = {},
): readonly TargetSpec[] {
  // Targets with equal rules share one mapping, and so do the passes of a daemon.
  const compiled = new Map<string, TargetMapping>();
  return config.targets.map((target, index) => ({
    name: target.name,
    url: targetUrlIdentity(target.url),
    profile: target.profile,
    joiners: target.joiners,
    zone: config.source.users.timezone,
    leavers: {
      action: target.leavers.action,
      deactivateDaysAfter: target.leavers.deactivateDaysAfter ?? 0,
      deleteAfterDays: target.leavers.deleteAfterDays,
      outOfScope: target.leavers.outOfScope,
      groups: target.leavers.groups,
    },
    guard: target.guard,
    drift: target.drift,
    adopt: target.adopt,
    verification: target.verification,
    adoptConflicts,
    keyForm: config.source.keyForm,
    compileMapping(columns: Columns) {
      const rules = rulesOf(config, target);
      const id = JSON.stringify([rules, columns]);
      const mapping =
        compiled.get(id) ??
        mappingWithKeyForm(compileTargetMapping(rules, columns, `targets[${index}].`), config.source.keyForm);
      if (compiled.size > 2 * config.targets.length) compiled.clear();
      compiled.set(id, mapping);
      return mapping;
    },
  }));
}

/** What a target depends on besides its own settings. It consists of JSON values. */
export const wiringOf = (config: Config, target: TargetConfig): unknown => [
  rulesOf(config, target),
  config.source.users.timezone,
  config.source.keyForm,
];

/** Everything but the columns that a mapping depends on. It consists of JSON values. */
const rulesOf = (config: Config, target: TargetConfig): TargetMappingSpec => ({
  scope: target.scope,
  groupName: groupNameOf(config.source),
  mapping: target.mapping,
  protect: target.protect,
  supports: target.profile.supports,
  tables: target.tables ?? noTables,
  dates: expressionDates(config.source),
  sources: config.sources === undefined ? undefined : namesOf(config.sources),
  requiredSources: config.sources?.joined.filter(({ required }) => required).map(({ name }) => name),
});

const noTables: Tables = {};

/** How the expressions of targets read dates: as the source does. */
const expressionDates = ({ type, users }: Config['source']): DateSettings => ({
  formats: users.dateFormats,
  zone: users.timezone,
  numbers: type === 'ldap' ? 'shadowDays' : 'excel',
});

/** The attribute with the name of a group; undefined: the default. In a column of users, the name is the cell. */
export function groupNameOf({ groups }: Config['source']): string | undefined {
  return groups !== undefined && 'name' in groups ? groups.name : undefined;
}

/**
 * Creates the client of a target. Sends nothing yet.
 *
 * @param requestCounts the requests that its quotas count; undefined: those of this connection only
 * @param onPause is called when the target asks for a pause, with the time at which it ends
 * @param intercept sees each request with its response
 * @throws OperatorError if a certificate is unusable
 */
export function connect(
  target: TargetConfig,
  requestCounts?: RequestCounts,
  onPause?: (until: Instant) => void,
  intercept?: (send: Send) => Send,
): Target {
  const counts = requestCounts === undefined ? {} : { requestCounts };
  const seen = intercept === undefined ? {} : { intercept };
  return createTarget(connectionSettings(target), {
    ...{ clock: realClock, random: realRandom, gate: gateOf(target.auth), onPause },
    ...counts,
    ...seen,
  });
}

/** Opens a connection to a target that only reads. Sends nothing yet. @throws OperatorError as `connect` does */
export const openReader = (target: TargetConfig, requestCounts: RequestCounts): TargetReader =>
  createTargetReader(connectionSettings(target), {
    ...{ clock: realClock, random: realRandom, gate: gateOf(target.auth), requestCounts },
  });

/** Settings of the connection to a target. @throws OperatorError if a certificate is unusable */
export function connectionSettings(target: TargetConfig): ConnectionSettings {
  const { name, url, profile, auth, tls, proxy, timeoutMs, verification: samples } = target;
  return { name, url, profile, auth, tls: readPemFiles(tls), proxy, timeoutMs, samples, version: packageVersion() };
}
