import type { Condition } from '../facts/page-facts.ts';

/** How urgent a condition is: it decides colour and order. */
export type Urgency = 'good' | 'calm' | 'held' | 'bad';

/** The words and the urgency of each condition, the most urgent first. */
export const conditions: Readonly<Record<Condition, { readonly label: string; readonly urgency: Urgency }>> = {
  quarantined: { label: 'Not reachable', urgency: 'bad' },
  unreached: { label: 'Not completed', urgency: 'bad' },
  failing: { label: 'Operations fail', urgency: 'bad' },
  gone: { label: 'Not in the configuration', urgency: 'bad' },
  held: { label: 'Waits for approval', urgency: 'held' },
  paused: { label: 'Paused', urgency: 'held' },
  new: { label: 'Not processed yet', urgency: 'calm' },
  waiting: { label: 'Waits for a later try', urgency: 'calm' },
  behind: { label: 'Behind the source', urgency: 'calm' },
  busy: { label: 'Busy', urgency: 'calm' },
  inStep: { label: 'In step', urgency: 'good' },
};

const order = Object.keys(conditions);

/** Compares by urgency. */
export const byUrgency = (one: Condition, other: Condition): number => order.indexOf(one) - order.indexOf(other);
