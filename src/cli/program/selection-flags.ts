import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import { suggestion } from '../../model/nearest-name.ts';
import type { SubjectQuery } from '../../sync/subjects/find-subjects.ts';

/** The targets of `--target`; undefined: all. @throws OperatorError for an unknown target */
export function selectTargets(config: Config, names: readonly string[]): readonly string[] | undefined {
  const known = config.targets.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new OperatorError(
      'commandLine.unknownTarget',
      `unknown target: ${unknown.join(', ')}; the configuration has ${known.join(', ')}` +
        suggestion(unknown[0] ?? '', known),
      4,
    );
  return names.length === 0 ? undefined : names;
}

/** `--user X` and `--group X`. */
export interface SubjectFlags {
  readonly user?: string | undefined;
  readonly group?: string | undefined;
}

/** The record that the command is about; undefined: all. @throws OperatorError if both are named */
export function subjectOfFlags({ user, group }: SubjectFlags): SubjectQuery | undefined {
  if (user !== undefined && group !== undefined)
    throw new OperatorError('commandLine.subjectAmbiguous', 'give either --user or --group, not both', 4);
  if (user !== undefined) return { resourceType: 'User', text: user };
  return group === undefined ? undefined : { resourceType: 'Group', text: group };
}
