import type { Settings, TypedSecrets } from './draft-config.ts';

/** What the questions about the source resulted in. */
export interface SourceAnswers {
  readonly source: Settings;
  /** SCIM path → expression. */
  readonly mapping: { readonly user: Settings; readonly group: Settings };
  /** The time zone of dates; undefined: no date decides anything. */
  readonly timezone: string | undefined;
  readonly secrets?: TypedSecrets;
}
