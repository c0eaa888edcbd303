import type { Random } from '../../model/clock.ts';
import type { Json } from '../../model/resource.ts';

/** Conditions on a request. An absent condition matches every request. */
export interface FaultMatch {
  /** GET, POST, … */
  readonly method?: string;
  /** Regular expression on the path below the base URL, still percent-encoded: ^/Users/ */
  readonly path?: string;
  /** Regular expression on the decoded query: filter=userName */
  readonly query?: string;
  /** Regular expression on the body. */
  readonly body?: string;
  /** Only the n-th request that matches the conditions above, counted from 1. */
  readonly nth?: number;
  /** Only every n-th matching request. */
  readonly every?: number;
  /** Probability from 0 to 1 with which a matching request is affected. */
  readonly probability?: number;
}

/** What an injected fault does to a request. */
export type FaultEffect =
  /**
   * Returns this response without executing the request. Without a body, 400 and above get the error message of RFC
   * 7644.
   */
  | {
      readonly do: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: Json;
    }
  /** Closes the connection without executing the request. */
  | { readonly do: 'dropBefore' }
  /** Executes the request, then closes the connection without a response. */
  | { readonly do: 'dropAfter' }
  /** Delays the request; another fault may apply too. */
  | { readonly do: 'delay'; readonly ms: number }
  /** Executes the request, then returns 500. */
  | { readonly do: 'errorAfter' }
  /** Ignores the filter of a list request. */
  | { readonly do: 'ignoreFilter' }
  /**
   * Returns only the first `keep` resources of a list (by default half, rounded down) with the original totalResults.
   */
  | { readonly do: 'truncateList'; readonly keep?: number }
  /** Returns an HTML page with status 200 without executing the request. */
  | { readonly do: 'html200' };

/** A fault is active until it is removed from the list, or has occurred `times` times. */
export type Fault = FaultEffect & { readonly match?: FaultMatch; readonly times?: number };

/** The request as `match` sees it. */
export interface FaultInput {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly text: string;
}

/** The faults of one request: a delay in milliseconds, and at most one other effect. */
export interface InjectedFault {
  readonly delay: number;
  readonly effect?: Exclude<FaultEffect, { do: 'delay' }>;
}

interface FaultCounters {
  readonly patterns: readonly { readonly field: 'path' | 'query' | 'text'; readonly pattern: RegExp }[];
  matched: number;
  applied: number;
}

/**
 * Selects the faults of each request. Every fault counts the requests that it matches, so `nth` does not depend on
 * other faults. Delays add up; of the other triggered faults, the first one applies.
 */
export function createFaultSelector(random: Random): (faults: readonly Fault[], subject: FaultInput) => InjectedFault {
  const countersByFault = new WeakMap<Fault, FaultCounters>();

  function countersOf(fault: Fault): FaultCounters {
    let counters = countersByFault.get(fault);
    if (counters === undefined)
      countersByFault.set(fault, (counters = { patterns: patternsOf(fault.match ?? {}), matched: 0, applied: 0 }));
    return counters;
  }

  function isTriggered(fault: Fault, subject: FaultInput): boolean {
    const { method, nth, every, probability } = fault.match ?? {};
    const counters = countersOf(fault);
    if (method !== undefined && method.toUpperCase() !== subject.method) return false;
    if (!counters.patterns.every(({ field, pattern }) => pattern.test(subject[field]))) return false;
    counters.matched += 1;
    if (fault.times !== undefined && counters.applied >= fault.times) return false;
    if (nth !== undefined && counters.matched !== nth) return false;
    if (every !== undefined && counters.matched % every !== 0) return false;
    return probability === undefined || random() < probability;
  }

  return (faults, subject) => {
    let delay = 0;
    let effect: InjectedFault['effect'];
    for (const fault of faults) {
      if (!isTriggered(fault, subject)) continue;
      if (fault.do === 'delay') delay += fault.ms;
      else if (effect === undefined) effect = fault;
      else continue;
      countersOf(fault).applied += 1;
    }
    return effect === undefined ? { delay } : { delay, effect };
  };
}

function patternsOf({ path, query, body }: FaultMatch): FaultCounters['patterns'] {
  const sources = [
    { field: 'path', source: path },
    { field: 'query', source: query },
    { field: 'text', source: body },
  ] as const;
  return sources.flatMap(({ field, source }) => (source === undefined ? [] : [{ field, pattern: new RegExp(source) }]));
}
