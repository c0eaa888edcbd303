import type { Kind } from '../model/kind.ts';
import type { Operation } from '../model/operation.ts';
import type { Found } from '../model/outcome.ts';
import { managerPath } from '../model/path.ts';
import type { Performed } from '../scim/target.ts';
import type { CarryOutIo, Round } from './round.ts';

/** From so many creates on, at a target that was never listed, one listing is cheaper than a conflict and a look-up each. */
const manyCreates = 20;
/** So many accounts that turned out to be there already mean that there are more. */
const manyConflicts = 10;

export interface Adoption {
  /** Lists the target's accounts where that pays, before a create of this kind is sent. */
  prepare(kind: Kind, stop: AbortSignal): Promise<void>;
  /** The outcome of a create whose account the listing has seen; undefined: not seen, send it. */
  find(operation: Operation): Performed | undefined;
  /** Whether a create may make a second one of the same name without a word. Who was looked for among everybody need not be looked for singly. */
  mayBeTwin(operation: Operation): boolean;
  /** Another account was there already. */
  count(kind: Kind): void;
}

/**
 * Finds accounts that are there already with few requests: many at once by listing the target, few singly by the conflict
 * that creating them gives. What a listing does not show proves nothing: it is created, and a conflict is looked up.
 */
export function openAdoption(io: CarryOutIo, { pass, round, spec, rules }: Round): Adoption {
  const { journal, store, target, clock, emit } = io;
  const listed = new Set<Kind>();
  const complete = new Set<Kind>();
  const conflicts: Record<Kind, number> = { User: 0, Group: 0 };
  const creates = new Map<Kind, number>();

  const worthListing = async (kind: Kind): Promise<boolean> => {
    if (conflicts[kind] >= manyConflicts) return true;
    if ((await store.state()).listed !== undefined) return false;
    if (!creates.has(kind)) creates.set(kind, await journal.creates(pass, spec.name, round, kind));
    return (creates.get(kind) ?? 0) >= manyCreates;
  };

  /** Managers are adopted before their people, so that who they are is known by now. */
  const withManager = ({ manager, ...found }: Found): Found => {
    const key = manager === undefined ? undefined : store.owner('User', manager);
    return key === undefined ? found : { ...found, body: { ...found.body, [managerPath]: key } };
  };

  return {
    async prepare(kind, stop) {
      if (!spec.adopt || spec.profile.speaks.listing === 'none' || listed.has(kind) || !(await worthListing(kind)))
        return;
      listed.add(kind);
      await target.idle();
      emit({ type: 'listing', target: spec.name, kind });
      await store.inventory.clear(kind);
      const pages = target.list(kind, rules.paths(kind), stop, store.owner);
      let found = 0;
      for (let step = await pages.next(); ; step = await pages.next()) {
        if (step.done === true) {
          emit({
            type: 'listed',
            target: spec.name,
            kind,
            found,
            complete: step.value.complete,
            detail: step.value.detail,
          });
          if (step.value.complete) complete.add(kind);
          // A listing that broke off is tried again by the next pass that has much to create.
          if (step.value.complete && kind === 'User') await store.rememberListing(clock.now());
          return;
        }
        found += step.value.length;
        await store.inventory.add(kind, step.value);
      }
    },

    find(operation) {
      if (operation.action !== 'create' || !listed.has(operation.kind)) return undefined;
      const { kind, key, body } = operation;
      const attributes = kind === 'User' ? spec.profile.speaks.matchUsers : spec.profile.speaks.matchGroups;
      for (const attribute of attributes) {
        const value = body[attribute];
        if (typeof value !== 'string') continue;
        const matches = store.inventory.find(kind, attribute, value);
        if (matches.length === 0) continue;
        return { outcome: judge(matches, attribute, value), requests: 0, retries: 0 };
      }
      return undefined;

      function judge(matches: readonly Found[], attribute: string, value: string): Performed['outcome'] {
        const [found, other] = matches;
        if (found === undefined || other !== undefined) {
          return {
            kind: 'refused',
            status: 409,
            detail: `more than one account there has ${attribute} "${value}"; which of them is meant cannot be guessed: make them differ there`,
          };
        }
        const owner = store.owner(kind, found.remoteId);
        if (owner !== undefined && owner !== key) {
          return { kind: 'refused', status: 409, detail: `${attribute} "${value}" is the account of key ${owner}` };
        }
        return { kind: 'adopted', status: 200, found: withManager(found) };
      }
    },

    mayBeTwin: ({ action, kind }) =>
      action === 'create' && spec.profile.speaks.twins.includes(kind) && !complete.has(kind),

    count(kind) {
      conflicts[kind] += 1;
    },
  };
}
