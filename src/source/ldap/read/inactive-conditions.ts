import type { ActiveCondition } from '../../row-condition.ts';
import type { Schema } from '../protocol/schema.ts';
import type { DirectoryProfile, InactiveCondition } from '../settings.ts';
import type { NamedCondition } from './account-status.ts';

/**
 * The attributes by which users show that they are inactive. Empty where an expression computes their names.
 */
export function signNames({ activeCondition, ...options }: SignOptions): readonly string[] {
  if (activeCondition !== undefined) return [...(activeCondition.usedAttributes ?? [])];
  return [...new Set(inactiveConditionsOf(options).map(({ attribute }) => attribute))];
}

/** What decides which attributes are signs. */
interface SignOptions {
  readonly directoryProfile: DirectoryProfile;
  readonly honourShadowExpire: boolean;
  readonly activeCondition: ActiveCondition | undefined;
}

/** The conditions of the directory profile, and the configured one. */
export function inactiveConditionsOf({
  directoryProfile,
  honourShadowExpire,
}: Omit<SignOptions, 'activeCondition'>): readonly InactiveCondition[] {
  return honourShadowExpire
    ? [...directoryProfile.inactive, { attribute: 'shadowExpire', past: 'days' }]
    : directoryProfile.inactive;
}

/** The condition with every name of its attribute. */
export function withAllNames(condition: InactiveCondition, schema: Schema): NamedCondition {
  const names = [condition.attribute.toLowerCase(), ...schema.allNamesOf(condition.attribute)];
  return { ...condition, names: [...new Set(names)] };
}
