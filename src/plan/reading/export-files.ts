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
          '. Check whether the job that writes it still runs',
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

/**
 * A file that is older than the one of the last reading and brings leavers back is a copy of an earlier export.
 *
 * @param before when the files of the last accepted reading were modified, by part
 * @param leaversBack users who had left or were inactive, and are active in this reading
 */
export function judgeOlderFile(
  files: readonly ExportFile[],
  before: Readonly<Record<string, Instant>> | undefined,
  leaversBack: number,
): readonly Judgement[] {
  if (leaversBack === 0) return [];
  return files.flatMap(({ name, part, modifiedAt }): readonly Judgement[] => {
    const behindMs = (before?.[part] ?? modifiedAt) - modifiedAt;
    if (behindMs <= clockToleranceMs) return [];
    const users =
      leaversBack === 1 ? '1 user who left is active in it' : `${leaversBack} users who left are active in it`;
    return [
      {
        code: 'source.wentBack',
        subject: name,
        numbers: { behindMs, leaversBack },
        reason:
          `${name} is older than the file of the last reading by ${ageText(behindMs)}, and ${users}: ` +
          'it seems to be a copy of an earlier export',
        refused: true,
      },
    ];
  });
}

/** Some file systems store times in units of two seconds. */
const clockToleranceMs = 2000;
