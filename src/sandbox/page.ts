import type { Contents } from './contents.ts';
import { isComplex, textOf, type Resource } from './resource.ts';
import type { RequestEntry } from './request-log.ts';

/** Who is in the application and what was asked of it last, as one page for people. It loads itself again every two seconds. */
export function page(title: string, notice: string, contents: Contents, entries: readonly RequestEntry[]): string {
  const users = [...take(contents.all('User'), mostRows)];
  const groups = [...take(contents.all('Group'), mostRows)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<title>${escape(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1d2129; background: #fff }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #e4e6ea; vertical-align: top }
th { font-weight: 600; color: #5a6270 } .off { color: #a33 } .note { color: #5a6270 }
code { font: 13px ui-monospace, monospace; word-break: break-all }
@media (prefers-color-scheme: dark) {
  body { background: #16181d; color: #dfe2e8 } td, th { border-color: #32363f } th, .note { color: #9aa2b1 } .off { color: #f09090 }
}
</style>
</head>
<body>
<h1>${escape(title)}</h1>
<p class="note">${escape(notice)}</p>
<h2>Users: ${contents.size('User')}</h2>
${table(['userName', 'name', 'active'], users.map(userRow))}${more(contents.size('User'))}
<h2>Groups: ${contents.size('Group')}</h2>
${table(
  ['displayName', 'members'],
  groups.map((group) => groupRow(group, contents)),
)}${more(contents.size('Group'))}
<h2>Last requests</h2>
${table(['time (UTC)', 'status', 'request'], entries.slice(-shownRequests).reverse().map(requestRow))}
</body>
</html>
`;
}

const mostRows = 1000;
const shownRequests = 50;

function userRow(user: Resource): readonly string[] {
  const name = isComplex(user['name'])
    ? `${textOf(user['name']['givenName'])} ${textOf(user['name']['familyName'])}`.trim()
    : '';
  const active = user['active'] === false ? '<span class="off">inactive</span>' : 'active';
  return [escape(textOf(user['userName'])), escape(textOf(user['displayName']) || name), active];
}

function groupRow(group: Resource, contents: Contents): readonly string[] {
  const members = Array.isArray(group['members']) ? group['members'] : [];
  const names = members
    .slice(0, mostRows)
    .map((member) => nameOf(isComplex(member) ? textOf(member['value']) : '', contents));
  return [
    escape(textOf(group['displayName'])),
    `${members.length}: ${escape(names.sort().join(', '))}${members.length > mostRows ? ' …' : ''}`,
  ];
}

function nameOf(id: string, contents: Contents): string {
  return textOf(contents.get('User', id)?.['userName'] ?? contents.get('Group', id)?.['displayName']) || id;
}

function requestRow({ at, status, method, path, query, fault }: RequestEntry): readonly string[] {
  const time = new Date(at).toISOString().slice(11, 23);
  const answered =
    status === 0
      ? '<span class="off">no answer</span>'
      : status >= 400
        ? `<span class="off">${status}</span>`
        : String(status);
  const request = `<code>${escape(`${method} ${path}${query === '' ? '' : `?${readable(query)}`}`)}</code>`;
  return [
    time,
    answered,
    fault === undefined ? request : `${request} <span class="note">fault: ${escape(fault)}</span>`,
  ];
}

function readable(query: string): string {
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

const more = (count: number): string => (count > mostRows ? `\n<p class="note">and ${count - mostRows} more</p>` : '');

function* take<T>(items: Iterable<T>, count: number): Iterable<T> {
  let left = count;
  for (const item of items) {
    if ((left -= 1) < 0) return;
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

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
