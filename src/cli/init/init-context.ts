import type { Config } from '../../config/config.ts';
import type { Dialogue } from './dialogue/dialogue.ts';
import type { Settings, TypedSecrets } from './draft-config.ts';

/** What all questions of one run share. */
export interface InitContext {
  readonly dialogue: Dialogue;
  /** The folder of the configuration, absolute. */
  readonly folder: string;
  /** A file as the configuration names it: relative to its folder. */
  fileName(path: string): string;
  /**
   * Reads a configuration that is not written yet. A part that was not asked yet is replaced by one that is of no
   * effect.
   *
   * @throws OperatorError that lists all issues
   */
  tryConfig(part: { readonly source?: Settings; readonly target?: Settings; readonly secrets?: TypedSecrets }): Config;
}
