import type { Judgement } from '../../model/reading/judgement.ts';

/**
 * Another kind of directory has other keys, filters and signs of inactivity: every account would change.
 *
 * @param before the kind that the detection found for the last accepted reading; undefined: none, or it was configured
 * @param now undefined: the configuration states the kind, which confirms it
 */
export function judgeDirectoryKind(before: string | undefined, now: string | undefined): readonly Judgement[] {
  if (before === undefined || now === undefined || before === now) return [];
  return [
    {
      code: 'source.directoryChanged',
      subject: now,
      numbers: {},
      reason:
        `the directory was "${before}" in the last reading and is "${now}" now, as far as it can be detected. ` +
        `Set source.directory to one of them`,
      refused: true,
    },
  ];
}
