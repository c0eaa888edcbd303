import type { RecordRef, RequestedName } from '../../snapshot/planning-scope.ts';

/** Chooses candidates for news. */
export interface NewsCandidates {
  /** Adds, of records with an unsent operation in the pass, these holders of names, and creates with these names. */
  selectUnsent(pass: number, holders: readonly RecordRef[], names: readonly RequestedName[]): Promise<void>;
}

/** What the journal does when news is planned while a target executes earlier rounds of the pass. */
export interface NewsLog {
  /**
   * Ends the unsent operations of earlier rounds on the candidates of this planning, and on its memberships: the news
   * plans what is left of them. They are never sent. Held operations stay held.
   *
   * @returns the rounds that have fewer operations now
   */
  supersede(pass: number, target: string, round: number): Promise<readonly number[]>;
  /**
   * Leaves out the additions of this round whose group or member has no account yet, and none is created by the round:
   * an earlier round creates it later. The next follow-up round compares them.
   */
  postponeUnready(pass: number, target: string, round: number): Promise<void>;
}
