import type { Config } from '../../config/config.ts';
import { compileJoinValue } from '../../desired/joins/join-value.ts';
import { namesOf } from '../../model/reading/source-names.ts';
import type { JoinedSourceSpec } from '../../sync/context.ts';
import { wireSource, type CreateSource } from './wire-source.ts';

/**
 * The sources that are joined to the primary one. @throws OperatorError if a certificate is unusable
 *
 * @param createFor replaces the real source with this name
 */
export function wireJoinedSources(
  config: Config,
  createFor: (name: string) => CreateSource | undefined = () => undefined,
): readonly JoinedSourceSpec[] {
  const { sources } = config;
  if (sources === undefined) return [];
  const names = namesOf(sources);
  return sources.joined.map(({ name, source, required, join: { on, equals, keyForm } }) => ({
    ...wireSource({ ...config, source, sources: undefined }, createFor(name)),
    name,
    on: compileJoinValue(on, name, names),
    equals: compileJoinValue(equals, sources.primary, names),
    joinForm: keyForm,
    isRequired: required,
    hasGroups: source.groups !== undefined,
  }));
}
