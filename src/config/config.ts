import type { JoinerPolicy, Json, LeaverPolicy } from '../model/resource.ts';
import type { Limits } from '../model/plan.ts';
import type { VerificationLimits } from '../model/evidence.ts';
import type { Profile } from '../model/profile.ts';
import type { IncidentLimits } from '../model/notify/incident.ts';
import type { DriftSettings } from '../model/target/drift.ts';
import type { Tables } from '../model/target/tables.ts';
import type { AuthSettings } from '../model/http/auth-settings.ts';
import type { ProxyRules } from '../model/http/proxy.ts';
import type { TlsConfig } from './connection-config.ts';
import type { Issue } from './issues.ts';
import type { NotifyConfig } from './notify-config.ts';
import type { PageConfig } from './page-config.ts';
import type { ProfileMetadata } from './profiles/profiles.ts';
import type { Secret } from './secrets/secrets.ts';
import type { SourceConfig, SourcesConfig } from './source-config.ts';
import type { PostgresConfig } from './state-config.ts';

/** The complete configuration: defaults filled in, paths absolute, profiles merged, secrets read. */
export interface Config {
  /** The configuration file itself, absolute. */
  readonly file: string;
  /** The folder of that file. Relative paths in it start here. */
  readonly folder: string;
  /** The state file, absolute. Of a state in PostgreSQL: the working copy. */
  readonly state: string;
  /** Absent: the file is the state. */
  readonly postgres?: PostgresConfig;
  /**
   * When the daemon runs a pass, as a cron expression. Undefined: not configured, so the daemon cannot run. With a
   * live source, or a source with a schedule of its own, there always is one.
   */
  readonly schedule: string | undefined;
  /** IANA name of the zone in which `schedule` is meant. */
  readonly timezone: string;
  /** Requests in flight get this time after SIGTERM, in ms. */
  readonly stopMs: number;
  /** The journal keeps passes and operations for this time. */
  readonly historyMs: number;
  /** The status page of the daemon; undefined: there is none. */
  readonly page?: PageConfig | undefined;
  /** The channels that are notified of what a person must know. */
  readonly notify: readonly NotifyConfig[];
  /** From when on something is an incident. */
  readonly incidents: IncidentLimits;
  /** The source; of several ones, the primary source. */
  readonly source: SourceConfig;
  /** The names of the sources, and the joined ones. Undefined: there is one source without a name. */
  readonly sources?: SourcesConfig | undefined;
  /** At least one, in the order of the file. */
  readonly targets: readonly TargetConfig[];
  /** Settings that work but should be changed. */
  readonly warnings: readonly Issue[];
  /** All secrets of the configuration, for the redaction of output. */
  readonly secrets: readonly Secret[];
}

/** As in the file: SCIM attribute path → expression (a string) or constant; null removes a default. */
export type MappingConfig = Readonly<Record<string, Json>>;

/** One application. */
export interface TargetConfig {
  /** Letters, digits, `-`, `_` and `.`; unique. */
  readonly name: string;
  /** Merged: the limits of the configuration over the profile over the profiles that it extends. */
  readonly profile: Profile;
  /** Support level of that profile, and notes for the operator. */
  readonly about: ProfileMetadata;
  /** When the daemon lets it take part in a pass, as a cron expression; undefined: in every pass. */
  readonly schedule?: string;
  /** Base URL of the SCIM endpoint, as in the file. */
  readonly url: string;
  readonly auth: AuthSettings;
  readonly tls?: TlsConfig;
  /** Absent: requests are sent directly. */
  readonly proxy?: ProxyRules;
  /** Expressions. Absent: all users, all groups. */
  readonly scope: {
    readonly users?: string;
    readonly groups?: string;
    /** Users are in scope only while they are in a group that is in scope. */
    readonly onlyMembers: boolean;
  };
  readonly mapping: { readonly user: MappingConfig; readonly group: MappingConfig };
  /** Tables of look-up values for expressions: the common ones, and those of this target. Absent: there are none. */
  readonly tables?: Tables;
  readonly joiners: JoinerPolicy;
  readonly leavers: LeaverPolicy;
  readonly guard: Limits;
  /** Expression over the resource (`scim`). Accounts that match are never changed or removed. */
  readonly protect?: string;
  /** Whether an existing account that matches is adopted. */
  readonly adopt: boolean;
  /** How many writes are read back. */
  readonly verification: VerificationLimits;
  /** How it is compared with what it acknowledged. */
  readonly drift: DriftSettings;
  /** Limit for one request. */
  readonly timeoutMs: number;
}
