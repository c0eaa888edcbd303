import { diffOptionsOf, type EvaluationOptions } from '../evaluate-record.ts';
import type { NameContext } from '../names/rename-operations.ts';
import { candidateName } from '../plan-resources.ts';
import { createChangeCounter, type ChangeCounter } from '../../plan/guard/count-changes.ts';
import type {
  Note,
  PlannedOperation,
  PlanningJournal,
  PlanningTarget,
  PlanningTransaction,
} from '../../store/store.ts';
import { loadFrozenUsers, type FrozenUsers } from '../suspensions/frozen-users.ts';
import type { UndoInput } from './undo-input.ts';
import { createUndoStates, type UndoStates } from './undo-states.ts';

/** What the steps of planning an undo at one target share. */
export interface UndoDraft extends NameContext {
  readonly input: UndoInput;
  readonly journal: PlanningJournal;
  readonly store: PlanningTarget;
  readonly options: EvaluationOptions;
  readonly plannedStates: UndoStates;
  readonly frozen: FrozenUsers;
  readonly counter: ChangeCounter;
  readonly notes: readonly Note[];
  /** Records planned operations in the journal. */
  add(operations: readonly PlannedOperation[]): Promise<void>;
}

/** Begins the plan of an undo at one target. */
export async function openDraft(stores: PlanningTransaction, input: UndoInput): Promise<UndoDraft> {
  const { spec, mapping, pass } = input;
  const { journal } = stores;
  const store = await stores.target(spec.name);
  const counter = createChangeCounter();
  const notes: Note[] = [];
  return {
    ...{ input, journal, store, counter, notes, profile: spec.profile },
    options: diffOptionsOf(spec, mapping),
    plannedStates: createUndoStates(store, input.shown),
    frozen: await loadFrozenUsers(stores, store),
    async add(operations) {
      for (const planned of operations) counter.add(planned);
      if (operations.length > 0) await journal.add(pass, spec.name, 0, operations);
    },
    note(of, text, problem) {
      const name = 'name' in of ? of.name : candidateName(of);
      notes.push({ resourceType: of.resourceType, key: of.key, name, text, problem });
    },
  };
}
