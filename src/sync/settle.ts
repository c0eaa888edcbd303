import { doubtOf } from '../model/doubt.ts';
import { assertNever } from '../model/errors.ts';
import type { Member, Operation } from '../model/operation.ts';
import type { Outcome, SnapshotChange } from '../model/outcome.ts';
import type { Body, Json, Known } from '../model/resource.ts';
import type { Due } from '../store/store.ts';

export interface Settlement {
  readonly change: SnapshotChange;
  readonly due: Due;
}

/** How often it was said; after a repetition, nobody knows what the first time did. */
export interface Attempts {
  readonly requests: number;
  readonly retries: number;
}

const keep: SnapshotChange = { kind: 'keep' };

/**
 * What we know once a target has answered, and whether it must be looked at again. Only an answer moves the snapshot, and
 * it moves it by what was acknowledged: an edit changes what is known now, not what was known when it was planned. What was
 * sent and not answered leaves a doubt.
 */
export function settle(
  operation: Operation,
  outcome: Outcome,
  known: Known | undefined,
  { requests, retries }: Attempts,
): Settlement {
  switch (outcome.kind) {
    case 'refused':
      // What was refused in the end may have taken effect the first time, when it was not answered, or in part.
      return {
        change: retries > 0 || outcome.partly === true ? doubtOf(operation) : keep,
        due: lookFirst(operation, retries > 0),
      };
    case 'skipped':
      return { change: keep, due: lookFirst(operation, false) };
    case 'unavailable':
      return { change: requests > 0 ? doubtOf(operation) : keep, due: lookFirst(operation, false) };
    case 'unknown':
      return {
        change: doubtOf(operation),
        due: operation.action === 'create' || operation.action === 'claim' ? 'uncertain' : 'again',
      };
    case 'gone':
      if (operation.action === 'claim') return { change: keep, due: 'settled' };
      return { change: { kind: 'forget' }, due: operation.action === 'delete' ? 'settled' : 'again' };
    case 'adopted':
      return { change: { kind: 'adopt', found: outcome.found }, due: 'followUp' };
    case 'done':
      return acknowledged(operation, outcome, known);
    default:
      return assertNever(outcome);
  }
}

function lookFirst({ action }: Operation, mayBeThere: boolean): Due {
  return action === 'claim' || (action === 'create' && mayBeThere) ? 'uncertain' : 'again';
}

function acknowledged(
  operation: Operation,
  outcome: Extract<Outcome, { kind: 'done' }>,
  known: Known | undefined,
): Settlement {
  const version = outcome.version === undefined ? {} : { version: outcome.version };
  const left = outcome.unresolved ?? [];
  const due: Due = left.length > 0 ? 'followUp' : 'settled';
  switch (operation.action) {
    case 'create': {
      const body = without(operation.body, left);
      const id = outcome.remoteId === undefined ? {} : { remoteId: outcome.remoteId };
      return { change: { kind: 'remember', ...id, body, active: isActive(body), ...version }, due };
    }
    case 'update':
    case 'deactivate':
    case 'reactivate': {
      const said = operation.edits.filter(({ path }) => !left.includes(path));
      const body = edited(known?.body ?? {}, said);
      const doubtful = (known?.doubtful ?? []).filter((path) => !said.some((edit) => edit.path === path));
      // An account that only a create opens again may come back under another id.
      const id =
        operation.action === 'reactivate' && outcome.remoteId !== undefined ? { remoteId: outcome.remoteId } : {};
      return { change: { kind: 'remember', ...id, body, active: isActive(body), doubtful, ...version }, due };
    }
    case 'delete':
      return { change: { kind: 'forget' }, due: 'settled' };
    case 'claim':
      return { change: keep, due: 'again' };
    case 'members': {
      const leftOut = outcome.leftOut ?? [];
      const said = (members: readonly Member[]): readonly Member[] =>
        members.filter((member) => !leftOut.some((out) => out.kind === member.kind && out.key === member.key));
      return {
        change: { kind: 'members', added: said(operation.add), removed: said(operation.remove), ...version },
        due: 'settled',
      };
    }
    default:
      return assertNever(operation);
  }
}

/** A body after edits. */
export function edited(body: Body, edits: readonly { readonly path: string; readonly to: Json }[]): Body {
  const result: Record<string, Json> = { ...body };
  for (const { path, to } of edits) {
    if (to === null) delete result[path];
    else result[path] = to;
  }
  return result;
}

function without(body: Body, paths: readonly string[]): Body {
  return paths.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([path]) => !paths.includes(path)));
}

const isActive = (body: Body): boolean => body['active'] !== false;
