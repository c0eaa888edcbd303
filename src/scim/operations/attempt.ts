import type { UpdateOperation } from '../../model/operation.ts';
import { pathOf } from '../../model/path.ts';
import type { Protocol, UpdateMethod } from '../../model/profile.ts';
import { scimTypeOf } from '../judge/error-body.ts';
import type { Decision } from '../judge/judge-response.ts';
import type { HttpResult, ScimRequest } from '../transport/message.ts';

/** One way to send an update. */
export interface Attempt {
  readonly method: Exclude<UpdateMethod, 'auto'>;
  /** Whether PATCH paths may hold a filter: `emails[type eq "work"].value` (RFC 7644 section 3.5.2). */
  readonly valuePaths: boolean;
  readonly ifMatch: boolean;
  /** The values that the edits start from: `known` from the snapshot, `current` from a GET. */
  readonly base: 'known' | 'current';
  /** The version in If-Match: `known` from the snapshot, `current` from a GET. */
  readonly version: 'known' | 'current';
  /**
   * The previous refusal gave no reason, so this attempt is a guess. If it is rejected too, the previous response is
   * the result.
   */
  readonly isGuess: boolean;
}

/** The response to an attempt, and its meaning. */
export interface Answer {
  readonly result: HttpResult;
  readonly decision: Decision;
  /** DELETE also occurs: some targets deactivate users by it. */
  readonly requestMethod: ScimRequest['method'];
  /** The request contained If-Match. */
  readonly hasIfMatch: boolean;
}

/** The input of a fallback besides the attempt and its answer. */
export interface FallbackFacts {
  readonly operation: UpdateOperation;
  /** The PUT that may replace PATCH; undefined where the profile chooses the method. */
  readonly putMethod: 'put' | 'getThenPut' | undefined;
  /** The method of the first attempt. */
  readonly firstMethod: Attempt['method'];
  /** The profile's setting. */
  readonly ifMatch: Protocol['ifMatch'];
  /** The same operation failed in an earlier pass. */
  readonly failedBefore: boolean;
}

/** A rule that derives the next attempt from a refused one. */
export interface Fallback {
  readonly name:
    | 'putInsteadOfPatch'
    | 'patchInsteadOfPut'
    | 'freshVersion'
    | 'withoutVersion'
    | 'currentBase'
    | 'wholeAttributes'
    | 'versionNotSent'
    | 'otherMethod';
  /** @returns the next attempt; undefined where this fallback does not apply */
  next(attempt: Attempt, answer: Answer, facts: FallbackFacts): Attempt | undefined;
}

/** In order of precedence. Each is used at most once per operation, which bounds the number of attempts. */
export const fallbacks: readonly Fallback[] = [
  {
    name: 'putInsteadOfPatch',
    next: (attempt, { decision, requestMethod }, { putMethod }) =>
      requestMethod === 'PATCH' && decision === 'unsupported' && putMethod !== undefined
        ? { ...attempt, method: putMethod }
        : undefined,
  },
  {
    // PUT was used because PATCH was refused before, or because of the ServiceProviderConfig.
    name: 'patchInsteadOfPut',
    next: (attempt, { decision, requestMethod }, { putMethod, firstMethod }) =>
      requestMethod === 'PUT' && decision === 'unsupported' && putMethod !== undefined && firstMethod !== 'patch'
        ? { ...attempt, method: 'patch', base: 'known', version: 'known' }
        : undefined,
  },
  {
    // The version was read just before, and it is refused: the target compares it with another one.
    name: 'withoutVersion',
    next: (attempt, { decision, hasIfMatch }) =>
      decision === 'preconditionFailed' && hasIfMatch && attempt.version === 'current'
        ? { ...attempt, ifMatch: false, version: 'known' }
        : undefined,
  },
  {
    // 412 and 428 (RFC 7644 section 3.14). Only the version changes; the edits stay the same.
    name: 'freshVersion',
    next: (attempt, { decision }, { ifMatch }) =>
      decision === 'preconditionFailed' && ifMatch !== 'never'
        ? { ...attempt, ifMatch: true, version: 'current' }
        : undefined,
  },
  {
    // The resource was changed at the target, so a path matches no value. The edits are derived again from the current
    // values.
    name: 'currentBase',
    next: (attempt, answer, { operation }) =>
      isPathRefused(attempt, answer, operation) &&
      attempt.base === 'known' &&
      !(isPathUnknown(answer) && attempt.valuePaths)
        ? { ...attempt, base: 'current', version: 'current' }
        : undefined,
  },
  {
    // The target may not support paths with a filter. Whole attributes are replaced, including their other current
    // values.
    name: 'wholeAttributes',
    next(attempt, answer, { operation, failedBefore }) {
      if (!attempt.valuePaths) return undefined;
      const wholeAttributes = { ...attempt, valuePaths: false, base: 'current', version: 'current' } as const;
      if (isPathRefused(attempt, answer, operation)) return wholeAttributes;
      return !failedBefore && isUnexplained(answer) && hasFilteredPath(operation)
        ? { ...wholeAttributes, isGuess: true }
        : undefined;
    },
  },
  {
    // Some servers refuse the header itself with 400.
    name: 'versionNotSent',
    next: (attempt, { result, decision, hasIfMatch }, { ifMatch }) =>
      hasIfMatch &&
      ifMatch !== 'always' &&
      decision === 'rejected' &&
      result.kind === 'response' &&
      result.status === 400
        ? { ...attempt, ifMatch: false, version: 'known', isGuess: true }
        : undefined,
  },
  {
    // A removal of access is tried by the other method, too, for any reason of the refusal but the credentials.
    name: 'otherMethod',
    next(attempt, answer, { operation, putMethod, firstMethod }) {
      if (attempt.method !== firstMethod || !endsAccess(operation) || !isRefusal(answer)) return undefined;
      if (answer.requestMethod === 'PUT')
        return { ...attempt, method: 'patch', base: 'known', version: 'known', isGuess: true };
      return answer.requestMethod === 'PATCH' && putMethod !== undefined
        ? { ...attempt, method: putMethod, isGuess: true }
        : undefined;
    },
  },
];

/** The first fallback that applies and was not used before. */
export function firstApplicable(
  unused: Iterable<Fallback>,
  attempt: Attempt,
  answer: Answer,
  facts: FallbackFacts,
): { readonly fallback: Fallback; readonly attempt: Attempt } | undefined {
  for (const fallback of unused) {
    const next = fallback.next(attempt, answer, facts);
    if (next !== undefined) return { fallback, attempt: next };
  }
  return undefined;
}

/** 400 noTarget or invalidPath (RFC 7644 section 3.12) to a PATCH of attributes. */
const isPathRefused = ({ method }: Attempt, { decision, requestMethod }: Answer, operation: UpdateOperation): boolean =>
  method === 'patch' && requestMethod === 'PATCH' && 'edits' in operation && decision === 'noTarget';

const isPathUnknown = ({ result }: Answer): boolean =>
  result.kind === 'response' && scimTypeOf(result) === 'invalidpath';

/** A 400 without scimType, or with one that many servers use for every error. */
function isUnexplained({ result, decision, requestMethod }: Answer): boolean {
  if (requestMethod !== 'PATCH' || decision !== 'rejected' || result.kind !== 'response' || result.status !== 400)
    return false;
  return [undefined, 'invalidfilter', 'invalidsyntax'].includes(scimTypeOf(result));
}

const endsAccess = (operation: UpdateOperation): boolean =>
  'edits' in operation && operation.edits.some(({ path, to }) => path === 'active' && to === false);

/** The target refused the request itself: neither the credentials, nor the version, nor for the moment. */
const isRefusal = ({ result, decision }: Answer): boolean =>
  ['rejected', 'conflict', 'noTarget', 'unsupported'].includes(decision) ||
  (result.kind === 'response' && result.status === 500);

const hasFilteredPath = (operation: UpdateOperation): boolean =>
  'edits' in operation && operation.edits.some(({ path }) => pathOf(path).filter !== undefined);
