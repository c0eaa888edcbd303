import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { InvariantError } from '../../model/errors.ts';
import type { Counts } from '../../model/plan.ts';
import { count, shown } from '../views/shown.ts';
import { planStyle } from './plan-style.ts';

/** A plan as a page that a manager can read and approve: one file, without a script and without other files. */
export interface PlanPageFacts {
  /** Identifies the plan. */
  readonly id: string;
  /** When it was made, as text. */
  readonly at: string;
  readonly targets: readonly PlanPageTarget[];
}

/** What the plan does at one target. */
export interface PlanPageTarget {
  readonly target: string;
  readonly counts: Counts;
  /** Why something is held. */
  readonly reasons: readonly string[];
  /** The command that approves what is held; undefined: nothing is held. */
  readonly command: string | undefined;
}

/** One change of the plan. */
export interface PlanPageChange {
  readonly action: string;
  readonly resource: string;
  readonly key: string;
  readonly name: string;
  readonly changes: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
  readonly reason: string;
  readonly isHeld: boolean;
}

const labels: Readonly<Record<keyof Counts, string>> = {
  deactivate: 'deactivated',
  delete: 'deleted',
  removeMembers: 'memberships removed',
  update: 'updated',
  reactivate: 'reactivated',
  create: 'created',
  addMembers: 'memberships added',
};
const actions = Object.keys(labels) as (keyof Counts)[];

/** The text of a part that waits for nothing. */
function rendered(part: ReturnType<typeof html>): string {
  if (part instanceof Promise) throw new InvariantError('a part of the page of a plan waits for something');
  return part.toString();
}

/** Only this style is allowed: what a name contains has no effect. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(planStyle).digest('base64')}'`;

/** The beginning of the page, with the counts of all targets. Its last elements stay open. */
export const planPageHead = ({ id, at, targets }: PlanPageFacts): string =>
  '<!doctype html><html lang="en">' +
  rendered(
    html`<head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>Plan ${id}</title>
      ${raw(`<style>${planStyle}</style>`)}
    </head>`,
  ) +
  '<body>' +
  rendered(
    html`<header>
      <h1>Plan ${id}</h1>
      <p>
        Made ${at}. Nothing was changed. To carry out exactly this, holds included:
        <code>scimsync sync --plan ${id}</code>
      </p>
    </header>`,
  ) +
  '<main>' +
  rendered(
    html`<section>
      <h2>Summary</h2>
      ${targets.map(summary)}
    </section>`,
  );

const summary = ({ target, counts, reasons, command }: PlanPageTarget) => {
  const most = Math.max(1, ...actions.map((action) => counts[action]));
  const planned = actions.filter((action) => counts[action] > 0);
  return html`<section>
    <h3>${shown(target)}</h3>
    ${planned.length === 0 ? html`<p>Nothing changes.</p>` : ''}
    <table class="counts">
      <tbody>
        ${planned.map(
          (action) =>
            html`<tr>
              <th scope="row">${labels[action]}</th>
              <td class="number">${count(counts[action])}</td>
              <td class="bar">
                <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="${action}" width="${Math.max(1, (100 * counts[action]) / most)}" height="6" />
                </svg>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${reasons.map((reason) => html`<p class="held">Held: ${shown(reason)}</p>`)}
    ${command === undefined ? '' : html`<p>If it is right: <code>${shown(command)}</code></p>`}
  </section>`;
};

/** The beginning of the changes at one target. */
export const planPageTarget = (target: string): string => `<section>${rendered(html`<h2>${shown(target)}</h2>`)}`;

/** The beginning of the changes of one kind. It stays open, so it is no template of its own. */
export const planPageGroup = (action: string, resource: string): string =>
  `<details open><summary>${action} ${resource === 'User' ? 'people' : 'groups'}</summary><table><thead><tr>` +
  '<th scope="col">Who</th><th scope="col">Change</th><th scope="col">Why</th></tr></thead><tbody>\n';

/** The end of the changes of one kind. */
export const planPageGroupEnd = '</tbody></table></details>\n';

/** One change, with the old and the new value of each attribute. */
export const planPageChange = ({ key, name, changes, reason, isHeld }: PlanPageChange): string =>
  rendered(
    html`<tr${isHeld ? raw(' class="held"') : ''}>
      <th scope="row">${shown(name === '' ? key : name)}<small>${shown(key)}</small></th>
      <td>${changes.map(
        ({ path, from, to }) =>
          html`<div>
            <b>${shown(path)}</b>${from === null ? '' : html` <del>${valueText(from)}</del>`}
            ${to === null ? '' : html` <ins>${valueText(to)}</ins>`}
          </div>`,
      )}</td>
      <td>${shown(reason)}${isHeld ? html` <strong>held</strong>` : ''}</td></tr>\n`,
  );

const valueText = (value: unknown): string =>
  shown(typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : JSON.stringify(value));

/** The end of the changes at one target. */
export const planPageTargetEnd = '</section>\n';

/** The end of the page. */
export const planPageTail = '</main></body></html>\n';
