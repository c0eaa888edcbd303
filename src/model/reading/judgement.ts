import type { Instant } from '../ids.ts';
import type { KeyForm } from './key-form.ts';
import type { ReferenceCounts, ReferenceKind } from './references.ts';
import type { SourceIdentity } from './source-identity.ts';
import type { SourcePosition } from './source-position.ts';
import type { ReadingErrorCode, ReadingNoticeCode } from '../error-codes.ts';

/** What a comparison of a reading with the last accepted one showed. */
export interface Judgement {
  /** Names the rule; tests and scripts compare it instead of the text. */
  readonly code: ReadingErrorCode | ReadingNoticeCode;
  /** What the judgement is about: a part (`users`), a column, an attribute, a group. */
  readonly subject: string;
  /** The counts on which the judgement rests, by name. */
  readonly numbers: Readonly<Record<string, number>>;
  /** For the operator: what, how much, and the limit. */
  readonly reason: string;
  /** Whether it refuses the reading, so that nothing is planned. Otherwise it is only reported. */
  readonly refused: boolean;
}

/** What a comparison of a reading showed in all respects. */
export type Judgements = readonly Judgement[];

/** What is needed to ask a source whether it has changed. */
export interface ReadingValidator {
  /** As the source states it. */
  readonly value: string;
  /** The attributes that the reading kept. */
  readonly uses: string;
  /** When the source was last read to its end. */
  readonly at: Instant;
}

/**
 * What a reading showed besides its records. The mirror keeps it until the next accepted reading, and an incremental
 * reading changes only what it examines.
 */
export interface ReadingFacts {
  /** The kind of directory that `auto` found; undefined where the configuration states it. */
  readonly directory?: string | undefined;
  /** Rows whose bytes are invalid in the configured encoding. */
  readonly undecodable?: number | undefined;
  /** The source that the state belongs to. */
  readonly source?: SourceIdentity | undefined;
  /** How far the directory had come. */
  readonly position?: SourcePosition | undefined;
  /** Whether the files of an export ended with a line break, by part. */
  readonly lineEnds?: Readonly<Record<string, boolean>> | undefined;
  /** When the files of an export were modified, by part. */
  readonly modifiedAt?: Readonly<Record<string, Instant>> | undefined;
  /** When other rows of users with several rows may count, by their dates; undefined: at no time. */
  readonly chooseAgainAt?: Instant | undefined;
  /** What did not distinguish its keys; undefined: nothing. */
  readonly keyForm?: KeyForm | undefined;
  /** The references between records, by kind. A directory counts them in complete readings. */
  readonly references?: Readonly<Partial<Record<ReferenceKind, ReferenceCounts>>> | undefined;
  /** By what the source recognises whether it has changed since then; undefined: it does not. */
  readonly validator?: ReadingValidator | undefined;
  /** What is reported about the reading, as long as it holds. */
  readonly judgements?: readonly Judgement[] | undefined;
}
