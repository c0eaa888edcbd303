import { isBlank, member } from '../model/shape.ts';
import type { Reply } from './message.ts';

const longest = 300;
const wrappers = ['errors', 'error', 'Errors'];
const words = ['detail', 'description', 'message', 'error_description', 'error', 'title'];

/** What a server says about its refusal, on one line, whatever envelope it came in (RFC 7644 section 3.12 is one of many). */
export function complaintOf(reply: Reply): string {
  if (isWebPage(reply)) return 'answered with a web page; is the URL that of the SCIM endpoint?';
  if (reply.status >= 300 && reply.status < 400)
    return `redirects to ${hostOf(reply)}; requests are not sent on to other places: correct the URL`;
  const said = wordsOf(reply.body) ?? reply.text;
  const line = said.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** RFC 7644 section 3.12, table 9: `uniqueness`, `noTarget`, …; in lower case. */
export function scimTypeOf(reply: Reply): string | undefined {
  for (const envelope of envelopesOf(reply.body)) {
    const type = member(envelope, 'scimType');
    if (typeof type === 'string' && type !== '') return type.toLowerCase();
  }
  return undefined;
}

/** A log-in page or a firewall's page: never an answer to a SCIM request. */
export function isWebPage({ body, text, headers }: Reply): boolean {
  if (body !== undefined) return false;
  const type = headers['content-type'] ?? '';
  return /^\s*<(!doctype|html|head|body|\?xml)/i.test(text) || (text.trim() !== '' && /^text\/html\b/i.test(type));
}

function wordsOf(body: unknown): string | undefined {
  for (const envelope of envelopesOf(body)) {
    if (typeof envelope === 'string') return envelope;
    for (const name of words) {
      const value = member(envelope, name);
      if (typeof value === 'string' && !isBlank(value)) return value;
    }
  }
  return undefined;
}

/** The body and what is wrapped in it, outermost first. */
function envelopesOf(body: unknown): readonly unknown[] {
  const inner = wrappers.flatMap((name) => {
    const value = member(body, name);
    return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
  });
  return [body, ...inner];
}

function hostOf({ headers }: Reply): string {
  const location = headers['location'] ?? '';
  return URL.canParse(location) ? new URL(location).host : 'another path of the same host';
}
