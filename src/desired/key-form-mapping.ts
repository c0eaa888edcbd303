import { keyInForm, type KeyForm } from '../model/reading/key-form.ts';
import { managerPath } from '../model/path.ts';
import type { DesiredState, FlatResource } from '../model/resource.ts';
import type { TargetMapping } from './target-mapping.ts';

/** A mapping that refers to managers by the canonical form of their key. */
export function mappingWithKeyForm(mapping: TargetMapping, form: KeyForm): TargetMapping {
  if (form.length === 0) return mapping;
  const canonicalKey = (key: string): string => keyInForm(key, form);
  return {
    ...mapping,
    canonicalKey,
    desire(record, held) {
      const desired = mapping.desire(record, held);
      const manager = desired.kind === 'present' ? desired.body[managerPath] : undefined;
      return desired.kind === 'present' && typeof manager === 'string'
        ? { ...desired, body: { ...desired.body, [managerPath]: canonicalKey(manager) } }
        : desired;
    },
    managerOf(record) {
      const manager = mapping.managerOf(record);
      return manager === undefined ? undefined : canonicalKey(manager);
    },
    fingerprint: `${mapping.fingerprint} ${[...form].sort().join(' ')}`,
  };
}

/**
 * The desired state with the externalId in the spelling that the target holds, where both are forms of one key: turning
 * `keyForm` on, or an export that loses its zeros, sends nothing.
 */
export function withKnownSpelling(
  desired: DesiredState,
  key: string,
  known: FlatResource | undefined,
  { canonicalKey }: Pick<TargetMapping, 'canonicalKey'>,
): DesiredState {
  if (canonicalKey === undefined || known === undefined || desired.kind !== 'present') return desired;
  const [ours, theirs] = [desired.body['externalId'], known['externalId']];
  const isKey = (value: unknown): value is string => typeof value === 'string' && canonicalKey(value) === key;
  return isKey(ours) && isKey(theirs) && ours !== theirs
    ? { ...desired, body: { ...desired.body, externalId: theirs } }
    : desired;
}
