import { ImplausibleReading, IncompleteReading } from '../../model/errors.ts';
import type { Judgement } from '../../model/reading/judgement.ts';
import type { Emit } from '../events.ts';

/** Where judgements go, and whether the operator accepts them. */
export interface Acceptance {
  readonly label: string;
  readonly emit: Emit;
  /** Accepts what the judgements refuse, in this pass only. */
  readonly acceptImplausible: boolean;
}

/**
 * Reports the judgements.
 *
 * @throws ImplausibleReading if one refuses the reading and the operator does not accept it
 */
export function requireAccepted(
  judgements: readonly Judgement[],
  { label, emit, acceptImplausible }: Acceptance,
): void {
  if (judgements.length === 0) return;
  const refusing = acceptImplausible ? [] : judgements.filter(({ refused }) => refused);
  const [first] = refusing;
  emit({ type: 'judged', isRefused: first !== undefined, judgements });
  if (first === undefined) return;
  throw new ImplausibleReading(
    // Only these codes refuse a reading.
    first.code as Extract<typeof first.code, ConstructorParameters<typeof ImplausibleReading>[0]>,
    (consequence) =>
      `${label}: this reading is implausible, ${consequence}: ${refusing.map(({ reason }) => reason).join('; ')}. ` +
      'If the source is right, accept this one reading with "scimsync sync --accept-source".',
    judgements,
  );
}

/** @throws IncompleteReading if a reading without users has rejected rows */
export function requireAcceptedRows(label: string, rejected: number): void {
  if (rejected === 0) return;
  throw new IncompleteReading(
    'source.allRejected',
    (consequence) =>
      `${label}: all ${rejected} rows were rejected; ${consequence}. ` +
      'Correct the rows; the next pass reads the source again.',
  );
}
