import type { ResourceStore } from '../resources/resource-store.ts';
import { isComplex, textOf, type Resource } from '../resources/resource.ts';
import type { RequestEntry } from './request-log.ts';

/** An HTML page with users, groups and the last requests. It reloads every two seconds. */
export function renderOverview(
  title: string,
  notice: string,
  store: ResourceStore,
  entries: readonly RequestEntry[],
): string {
  const users = [...take(store.all('User'), maxRows)];
  const groups = [...take(store.all('Group'), maxRows)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<title>${escapeHtml(title)}</title>
<style>
body {
  font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: #1d2129; background: #fff
}
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #e4e6ea; vertical-align: top }
th { font-weight: 600; color: #5a6270 } .off { color: #a33 } .note { color: #5a6270 }
code { font: 13px ui-monospace, monospace; word-break: break-all }
@media (prefers-color-scheme: dark) {
  body { background: #16181d; color: #dfe2e8 } td, th { border-color: #32363f }
  th, .note { color: #9aa2b1 } .off { color: #f09090 }
}
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p class="note">${escapeHtml(notice)}</p>
<h2>Users: ${store.size('User')}</h2>
${table(['userName', 'name', 'active'], users.map(userRow))}${omittedNote(store.size('User'))}
<h2>Groups: ${store.size('Group')}</h2>
${table(
  ['displayName', 'members'],
  groups.map((group) => groupRow(group, store)),
)}${omittedNote(store.size('Group'))}
<h2>Last requests</h2>
${table(['time (UTC)', 'status', 'request'], entries.slice(-maxRequests).reverse().map(requestRow))}
</body>
</html>
`;
}

const maxRows = 1000;
const maxRequests = 50;

function userRow(user: Resource): readonly string[] {
  const name = isComplex(user['name'])
    ? `${textOf(user['name']['givenName'])} ${textOf(user['name']['familyName'])}`.trim()
    : '';
  const active = user['active'] === false ? '<span class="off">inactive</span>' : 'active';
  return [escapeHtml(textOf(user['userName'])), escapeHtml(textOf(user['displayName']) || name), active];
}

function groupRow(group: Resource, store: ResourceStore): readonly string[] {
  const members = Array.isArray(group['members']) ? group['members'] : [];
  const names = members
    .slice(0, maxRows)
    .map((member) => displayNameOf(isComplex(member) ? textOf(member['value']) : '', store));
  return [
    escapeHtml(textOf(group['displayName'])),
    `${members.length}: ${escapeHtml(names.sort().join(', '))}${members.length > maxRows ? ' …' : ''}`,
  ];
}

function displayNameOf(id: string, store: ResourceStore): string {
  return textOf(store.get('User', id)?.['userName'] ?? store.get('Group', id)?.['displayName']) || id;
}

function requestRow({ at, status, method, path, query, fault }: RequestEntry): readonly string[] {
  const time = new Date(at).toISOString().slice(11, 23);
  const statusCell =
    status === 0
      ? '<span class="off">no response</span>'
      : status >= 400
        ? `<span class="off">${status}</span>`
        : String(status);
  const request = `<code>${escapeHtml(`${method} ${path}${query === '' ? '' : `?${decodeQuery(query)}`}`)}</code>`;
  return [
    time,
    statusCell,
    fault === undefined ? request : `${request} <span class="note">fault: ${escapeHtml(fault)}</span>`,
  ];
}

function decodeQuery(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table>\n${[cells('th', head), ...rows.map((row) => cells('td', row))].join('\n')}\n</table>`;
}

const omittedNote = (count: number): string =>
  count > maxRows ? `\n<p class="note">and ${count - maxRows} more</p>` : '';

function* take<T>(items: Iterable<T>, count: number): Iterable<T> {
  let remaining = count;
  for (const item of items) {
    if ((remaining -= 1) < 0) return;
    yield item;
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
