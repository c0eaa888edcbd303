import type { Config } from '../config.ts';
import type { SourcesConfig } from '../source-config.ts';
import type { EnvironmentProxies } from '../proxy/environment-proxies.ts';
import { formatPath, type Step } from '../issues.ts';
import { primarySourceName } from '../rules/config-rule.ts';
import type { Profile } from '../../model/profile.ts';
import type { ParsedConfig, ParsedSource } from '../schema/config-schema.ts';
import { sourceConfig } from './assemble-source.ts';
import type { Secret } from '../secrets/secrets.ts';
import type { DirectoryProfiles } from '../profiles/directory-profiles.ts';
import { requireDefined } from './require-defined.ts';

/** The parts of a valid configuration that concern sources. */
export interface SourcesInput {
  readonly folder: string;
  readonly parsed: ParsedConfig;
  /** By path: `sources.ad.bind.password`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** By the name of the source; undefined: it is not a directory. */
  readonly directories: ReadonlyMap<string | undefined, DirectoryProfiles | undefined>;
  /** By the name of the source; undefined: it is not a SCIM server. */
  readonly sourceProfiles: ReadonlyMap<string | undefined, Profile | undefined>;
  readonly proxies: EnvironmentProxies;
}

/** The source, or the primary source with the joined ones. */
export function assembleSources({
  folder,
  parsed,
  secrets,
  directories,
  sourceProfiles,
  proxies,
}: SourcesInput): Pick<Config, 'source' | 'sources'> {
  const assembled = (source: ParsedSource, at: readonly Step[], name: string | undefined): Config['source'] =>
    sourceConfig(source, {
      folder,
      directories: directories.get(name),
      profile: sourceProfiles.get(name),
      secretOf: (...steps) => secrets.get(formatPath([...at, ...steps])),
      timezone: parsed.timezone,
      proxies: proxies.rules,
    });
  const { sources } = parsed;
  if (sources === undefined) return { source: assembled(requireDefined(parsed.source), ['source'], undefined) };
  const primary = requireDefined(primarySourceName({ sources }));
  const ofName = (name: string): Config['source'] => assembled(requireDefined(sources[name]), ['sources', name], name);
  const joined = Object.entries(sources).flatMap(([name, { join, required, schedule }]): SourcesConfig['joined'] =>
    join === undefined
      ? []
      : [
          {
            name,
            source: ofName(name),
            join,
            required: required ?? false,
            ...(schedule === undefined ? {} : { schedule }),
          },
        ],
  );
  const schedule = sources[primary]?.schedule;
  return {
    source: ofName(primary),
    sources: { primary, ...(schedule === undefined ? {} : { primarySchedule: schedule }), joined },
  };
}
