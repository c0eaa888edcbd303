import type { Config, TargetConfig } from '../../config/config.ts';
import { Secret } from '../../config/secrets/secrets.ts';
import type { Notice } from '../../daemon/notices.ts';
import { OperatorError } from '../../model/errors.ts';
import { readTargetMismatch } from '../context.ts';
import { wiringOf } from '../wire.ts';

/**
 * What the change from one configuration to another means for the lanes of a daemon.
 *
 * @throws OperatorError if the new one needs a restart, or does not fit the state
 */
export function reloadNotices(before: Config, after: Config): readonly Notice[] {
  const changed = restartReasons(before, after);
  if (changed.length > 0)
    throw new OperatorError(
      'config.restartNeeded',
      `${changed.join(' and ')} changed, which needs a restart of the daemon; it goes on with the old configuration`,
      4,
    );
  if (after.schedule === undefined) throw scheduleMissing();
  const mismatch = readTargetMismatch(after);
  if (mismatch !== undefined) throw mismatch;
  const earlier = new Map(before.targets.map((target) => [target.name, identityOf(before, target)]));
  const now = new Map(after.targets.map((target) => [target.name, identityOf(after, target)]));
  return [
    ...[...earlier.keys()]
      .filter((target) => !now.has(target))
      .map((target) => ({ command: 'removed' as const, target })),
    ...[...now]
      .filter(([target, identity]) => earlier.get(target) !== identity)
      .map(([target]) => ({ command: 'configuration' as const, target })),
  ];
}

/** What differs between two configurations and needs a restart; empty: a reload is enough. */
export const restartReasons = (before: Config, after: Config): readonly string[] =>
  restartSettings.filter(({ of }) => of(before) !== of(after)).map(({ name }) => name);

/** Whether two configurations differ, or their secrets. */
export const isSameConfig = (one: Config, other: Config): boolean => revealed(one) === revealed(other);

/** The daemon cannot run without a schedule. */
export const scheduleMissing = (): OperatorError =>
  new OperatorError(
    'config.scheduleMissing',
    'the daemon needs a schedule: add "schedule": "*/15 * * * *" to the configuration',
    4,
  );

const restartSettings: readonly { readonly name: string; readonly of: (config: Config) => string }[] = [
  {
    name: '"state"',
    of: ({ state, postgres }) => JSON.stringify([state, postgres?.schema, postgres?.url.reveal()]),
  },
  { name: '"page"', of: ({ page }) => JSON.stringify(page) ?? '' },
  { name: 'the type of the source', of: ({ source }) => source.type },
];

/** Differs whenever a lane would plan or send something else. */
const identityOf = (config: Config, target: TargetConfig): string => revealed([wiringOf(config, target), target]);

/** It contains secrets, so it stays in memory. */
function revealed(settings: unknown): string {
  return JSON.stringify(settings, function reveal(this: unknown, name, value: unknown) {
    // JSON.stringify has already replaced a secret by its mask.
    const original = (this as Readonly<Record<string, unknown>>)[name];
    return original instanceof Secret ? original.reveal() : value;
  });
}
