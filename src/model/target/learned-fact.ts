import type { SampleState } from '../evidence.ts';
import type { Instant } from '../ids.ts';

/**
 * What a target refuses, or accepts without effect, so that operations are sent in another way.
 *
 *     kind              subject            the other way
 *     patchRefused      resource type      PUT of the whole resource, after a GET
 *     deleteRefused     resource type      users are deactivated, groups are emptied
 *     ifMatchRefused    ''                 requests have no If-Match
 *     ifMatchRequired   ''                 requests have If-Match
 *     membersRefused    id of the group    its new members are sent as one request, without bisection
 *     writeIgnored      form of the write  another form, where there is one
 *     operationsIgnored resource type      a PATCH has one operation
 *     activeHidden      ''                 deactivations count by their answers: no read shows `active`
 *     membersCut        number of members  a group of which a GET shows this number is not written as a whole
 *     externalIdNotFound       resource type  accounts are not searched by externalId: none is found
 *     externalIdSearchRefused  resource type  the same: the search is refused
 *     membersTooLarge   number             a request has at most this number of memberships
 *     bulkTooLarge      number             a Bulk request has at most this number of operations
 *     bulkRefused       ''                 requests are sent singly
 */
export type FactKind =
  | 'patchRefused'
  | 'deleteRefused'
  | 'ifMatchRefused'
  | 'ifMatchRequired'
  | 'membersRefused'
  | 'writeIgnored'
  | 'operationsIgnored'
  | 'activeHidden'
  | 'membersCut'
  | 'externalIdNotFound'
  | 'externalIdSearchRefused'
  | 'membersTooLarge'
  | 'bulkTooLarge'
  | 'bulkRefused';

/** The name of a fact: one target has at most one fact of each name. */
export interface FactName {
  readonly kind: FactKind;
  readonly subject: string;
}

/** A fact with its evidence: refusals in a row, without a success between them. */
export interface LearnedFact extends FactName {
  /** HTTP status of the last refusal. Undefined: a read showed that an accepted write had no effect. */
  readonly status: number | undefined;
  /** The resource of the last refusal. */
  readonly resource: string;
  /** 1: all refusals concern this resource. 2: they concern several. */
  readonly resources: 1 | 2;
  /** Number of passes with a refusal. */
  readonly passes: number;
  /** The pass of the last refusal. */
  readonly pass: number;
  /** Time of the first refusal. */
  readonly learnedAt: Instant;
  /** Time of the last refusal. */
  readonly confirmedAt: Instant;
}

/** What is kept of a target's responses and reads from pass to pass. */
export interface Learned {
  readonly facts: readonly LearnedFact[];
  readonly samples: SampleState;
}
