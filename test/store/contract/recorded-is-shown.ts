import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import '../../world/fixed-seed.ts';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { SnapshotChange } from '../../../src/model/outcome.ts';
import type { OperationResult, Store } from '../../../src/store/store.ts';
import { change, create, edit, remember, remove, target } from '../builders.ts';
import { at } from '../readings.ts';
import {
  answer,
  candidatesOf,
  changedSince,
  end,
  nextPass,
  operationsOf,
  planPass,
  rejected,
  send,
  verifyFirst,
  type OpenStore,
} from './steps.ts';

const keys = ['ada', 'bob', 'cy'] as const;

/** One operation of a random pass, and what happens to it. */
interface Step {
  readonly key: (typeof keys)[number];
  readonly action: 'create' | 'update' | 'delete';
  readonly ending: 'unsent' | 'sent' | 'done' | 'failed' | 'unknown';
  readonly title: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  key: fc.constantFrom(...keys),
  action: fc.constantFrom('create', 'update', 'delete'),
  ending: fc.constantFrom('unsent', 'sent', 'done', 'failed', 'unknown'),
  title: fc.string({ unit: 'grapheme', maxLength: 4 }),
});

/** Each record has at most one operation in a pass. */
const passes = fc.array(fc.uniqueArray(step, { selector: ({ key }) => key, maxLength: keys.length }), {
  maxLength: 5,
});

function operationOf({ key, action, title }: Step): Operation {
  if (action === 'create') return create(key, { title });
  return action === 'delete' ? remove(key) : change(key, [edit('title', null, title)]);
}

const changeOf = ({ key, action, title }: Step, pass: number): SnapshotChange =>
  action === 'delete' ? { kind: 'forget' } : remember(`r-${key}-${pass}`, { userName: key, title });

/** What a store shows after these passes, by the rules of the contract. */
class Model {
  readonly accounts = new Map<string, { readonly id: string; readonly title: string }>();
  readonly queue = new Set<string>();
  readonly creates = new Set<string>();
  readonly operations: string[] = [];

  begin(steps: readonly Step[]): void {
    // A plan of everything replaces the queue, except creates in doubt.
    for (const key of this.queue) if (!this.creates.has(key)) this.queue.delete(key);
    for (const { key } of steps) this.queue.add(key);
  }

  take(one: Step, pass: number): void {
    const { key, action, ending, title } = one;
    const state = ending === 'unsent' ? 'skipped' : ending === 'sent' ? 'unknown' : ending;
    this.operations.push(`${pass} ${action} ${key} ${state}`);
    if (ending === 'done') {
      this.queue.delete(key);
      this.creates.delete(key);
      if (action === 'delete') this.accounts.delete(key);
      else this.accounts.set(key, { id: `r-${key}-${pass}`, title });
    } else if (action === 'create' && state === 'unknown') this.creates.add(key);
  }

  shown(): unknown {
    return {
      operations: this.operations,
      queue: [...this.queue].sort().map((key) => `${key}${this.creates.has(key) ? ' verifyFirst' : ''}`),
      accounts: keys.map((key) => this.accounts.get(key)),
    };
  }
}

const lineOf = (pass: number, { action, key }: Operation, state: string): string => `${pass} ${action} ${key} ${state}`;

async function shownBy(store: Store, numbers: readonly number[]): Promise<unknown> {
  const app = await store.target(target);
  const operations: string[] = [];
  for (const pass of numbers)
    for (const { operation, state } of await operationsOf(store, pass)) operations.push(lineOf(pass, operation, state));
  return {
    operations,
    queue: (await candidatesOf(store, changedSince(99))).map((line) =>
      line.replace(/^User (\w+).*?( verifyFirst| requeued)$/, (_, key: string, flag: string) =>
        flag === ' verifyFirst' ? `${key}${flag}` : key,
      ),
    ),
    accounts: keys.map((key) => {
      const known = app.known('User', sourceKey(key));
      return known === undefined ? undefined : { id: String(known.remoteId), title: known.body['title'] };
    }),
  };
}

const unanswered = (action: Step['action']): Partial<OperationResult> => ({
  ...{ state: 'unknown', outcome: { kind: 'unknown', detail: 'no response' } },
  requeues: action === 'create' ? verifyFirst : nextPass,
});

async function run(store: Store, steps: readonly Step[], model: Model): Promise<number> {
  model.begin(steps);
  const pass = await planPass(store, steps.map(operationOf));
  for (const one of steps) {
    const text = `${one.action} ${one.key}`;
    if (one.ending !== 'unsent') await send(store, pass, text);
    if (one.ending === 'done') await answer(store, pass, text, { change: changeOf(one, pass) });
    if (one.ending === 'failed') await answer(store, pass, text, rejected());
    if (one.ending === 'unknown') await answer(store, pass, text, unanswered(one.action));
  }
  await store.journal.closeTarget(pass, target, at(290));
  for (const one of steps) model.take(one, pass);
  await end(store, pass);
  return pass;
}

/** What was recorded is what is shown: by the store, by the next process, and by the history. */
export function describeRecords(open: OpenStore): void {
  describe('what was recorded', () => {
    test('is what is shown', async () => {
      const { store, view, afterDeath } = await open();
      let model = new Model();
      let numbers: number[] = [];
      await fc.assert(
        fc.asyncProperty(passes, async (all) => {
          await store.command(({ targets }) => targets.forget(target, instant(1)));
          [model, numbers] = [new Model(), []];
          for (const steps of all) {
            numbers.push(await run(store, steps, model));
            expect(await shownBy(store, numbers)).toEqual(model.shown());
          }
        }),
        { numRuns: 15 },
      );
      // Where another process can read the state, it shows the same.
      expect(await shownBy((await afterDeath?.()) ?? store, numbers)).toEqual(model.shown());
      const rows = view === undefined ? undefined : [...(await view()).history({ target })];
      const lines = rows?.filter(({ pass }) => numbers.includes(pass));
      expect(lines?.map(({ pass, operation, state }) => lineOf(pass, operation, state)) ?? model.operations).toEqual(
        model.operations,
      );
    }, 60_000);
  });
}
