import type { Instant } from '../../model/ids.ts';
import type { Judgement } from '../../model/reading/judgement.ts';
import { dayMs, formatDuration } from '../../model/time.ts';

/** One file of an export. */
export interface ExportFile {
  /** `users`, `groups` or `memberships`. */
  readonly part: string;
  readonly name: string;
  readonly modifiedAt: Instant;
  readonly endsWithLineBreak: boolean;
}

/** An export is refused at this multiple of `maxAge`. */
export const refusedAtMaxAges = 2;

/**
 * An old export means that its job no longer runs: leavers keep their access, although every pass succeeds.
 *
 *     at most maxAge         nothing
 *     up to twice maxAge     reported
 *     older                  refused
 */
export function judgeAge(
  files: readonly ExportFile[],
  maxAgeMs: number | undefined,
  now: Instant,
): readonly Judgement[] {
  if (maxAgeMs === undefined) return [];
  return files.flatMap(({ name, modifiedAt }): readonly Judgement[] => {
    const ageMs = now - modifiedAt;
    if (ageMs <= maxAgeMs) return [];
    const refused = ageMs > refusedAtMaxAges * maxAgeMs;
    return [
      {
        code: refused ? 'source.tooOld' : 'source.old',
        subject: name,
        numbers: { ageMs, maxAgeMs },
        reason:
          `the export is ${ageText(ageMs)} old (${name}); source.maxAge is ${ageText(maxAgeMs)}` +
          (refused ? '' : `, and from ${ageText(refusedAtMaxAges * maxAgeMs)} on it is refused`) +
          '. Does the job that writes it still run?',
        refused,
      },
    ];
  });
}

/** "30 days"; below two days as hours and minutes. */
function ageText(milliseconds: number): string {
  return milliseconds >= 2 * dayMs
    ? `${Math.floor(milliseconds / dayMs)} days`
    : formatDuration(Math.floor(milliseconds / 60_000) * 60_000);
}

/**
 * A file that ended with a line break and does not any more was cut off: its last line may be half a row.
 *
 * @param before whether the files of the last accepted reading ended with a line break, by part
 */
export function judgeEnd(
  files: readonly ExportFile[],
  before: Readonly<Record<string, boolean>> | undefined,
): readonly Judgement[] {
  return files
    .filter(({ part, endsWithLineBreak }) => !endsWithLineBreak && before?.[part] === true)
    .map(({ name, part }) => ({
      code: 'source.truncated',
      subject: part,
      numbers: {},
      reason:
        `${name} does not end with a line break, as it did in the last reading: it seems to be cut off. ` +
        'Run the export again',
      refused: true,
    }));
}
