import { formatPath, parsePath } from '../../model/path.ts';
import { defaultDriftSettings, type DriftAction, type DriftSettings } from '../../model/target/drift.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';

type ParsedDrift = NonNullable<ParsedConfig['drift']>;

/** The settings of one target: its own ones, then the common ones, then the defaults. */
export function driftConfig(common: ParsedDrift = {}, own: ParsedDrift = {}): DriftSettings {
  const {
    policy = {},
    requestsPerHour,
    everyDays,
  } = { ...common, ...own, policy: { ...common.policy, ...own.policy } };
  const { members, deleted, ...attributes } = policy;
  return {
    policy: {
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([path, action]): [string, DriftAction] => [canonical(path), action]),
      ),
      members,
      deleted,
    },
    requestsPerHour: requestsPerHour ?? defaultDriftSettings.requestsPerHour,
    everyDays: everyDays ?? defaultDriftSettings.everyDays,
  };
}

const canonical = (path: string): string => (path === '*' ? path : formatPath(parsePath(path)));
