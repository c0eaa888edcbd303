import type { Config } from '../../config/config.ts';
import { compileJoinValue } from '../../desired/joins/join-value.ts';
import { namesOf } from '../../model/reading/source-names.ts';
import type { JoinedSourceSpec } from '../../sync/context.ts';
import { wireSource } from './wire-source.ts';

/** The sources that are joined to the primary one. @throws OperatorError if a certificate is unusable */
export function wireJoinedSources(config: Config): readonly JoinedSourceSpec[] {
  const { sources } = config;
  if (sources === undefined) return [];
  const names = namesOf(sources);
  return sources.joined.map(({ name, source, required, join: { on, equals, keyForm } }) => ({
    ...wireSource({ ...config, source, sources: undefined }),
    name,
    on: compileJoinValue(on, name, names),
    equals: compileJoinValue(equals, sources.primary, names),
    joinForm: keyForm,
    isRequired: required,
    hasGroups: source.groups !== undefined,
  }));
}
