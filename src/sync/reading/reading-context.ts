import type { IdentityMapping } from '../../desired/person-identity.ts';
import type { Clock } from '../../model/clock.ts';
import type { Instant } from '../../model/ids.ts';
import type { Judgement } from '../../model/reading/judgement.ts';
import type { OpenSource, UsedAttributes } from '../../source/source.ts';
import type { KeyChangeView, Mirror, MirrorView, Reading, ReadingTransaction, Rejection } from '../../store/store.ts';
import type { SourceSpec } from '../context.ts';
import type { Emit } from '../events.ts';
import type { ManagerMapping } from './references.ts';
import type { requireAccepted } from './require-accepted.ts';

/** The result of reading the source. */
export type ReadingResult =
  | {
      readonly kind: 'accepted';
      readonly number: number;
      readonly rejected: number;
      readonly rejections: readonly Rejection[];
      /** What is reported about the reading, or was accepted. */
      readonly judgements: readonly Judgement[];
    }
  /** The source returned no users: the mirror stays unchanged, and all resulting removals are held. */
  | { readonly kind: 'empty'; readonly before: number };

/** The mirror of a source in a transaction. Without `keyChanges`, a key may change: no account is known by it. */
export interface MirrorTransaction {
  readonly mirror: Mirror;
  readonly keyChanges: ReadingTransaction['keyChanges'] | undefined;
}

/** Dependencies of the reading of one source. */
export interface ReadDeps {
  readonly store: {
    readonly mirror: MirrorView;
    readonly keyChanges: KeyChangeView | undefined;
    /** @see ReadingSide */
    reading<T>(work: (tx: MirrorTransaction) => Promise<T>): Promise<T>;
  };
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Options of one reading. */
export interface ReadingOptions {
  /** Skips the plausibility checks. */
  readonly acceptImplausible: boolean;
  /** Reads everything, even if the source could report changes. */
  readonly full: boolean;
  /** Whether the source may have no users; by default such a reading is never accepted. */
  readonly mayBeEmpty?: boolean;
  /** The moment by which dates choose between several rows of a user; by default now. */
  readonly at?: Instant | undefined;
  /** Judgements about the open source, before a row was read; an operator accepted those that refuse it. */
  readonly judgements: readonly Judgement[];
  /** The mappings of all targets, to recognise people whose key changed. */
  readonly mappings: readonly (IdentityMapping & ManagerMapping)[];
}

/** One reading, with what decides about it. */
export interface ReadContext {
  readonly deps: ReadDeps;
  readonly spec: SourceSpec;
  readonly open: OpenSource;
  readonly uses: UsedAttributes;
  readonly options: ReadingOptions;
  readonly last: Reading | undefined;
  readonly signature: string;
  readonly parseAll: boolean;
  readonly at: Instant;
}

/** How a reading is judged. */
export const acceptanceIn = ({ spec, deps, options }: ReadContext): Parameters<typeof requireAccepted>[1] => ({
  label: spec.source.label,
  emit: deps.emit,
  acceptImplausible: options.acceptImplausible,
});
