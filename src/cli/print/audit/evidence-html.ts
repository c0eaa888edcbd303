import { visibleLine } from '../../../model/text/visible.ts';
import type { EvidenceSection } from './evidence-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text for HTML: hidden characters are escaped as everywhere a person reads, and no character is markup. */
export const escapeHtml = (text: string): string =>
  visibleLine(text, false).replace(/[&<>"']/g, (character) => entities[character] ?? character);

const style = `
  :root { color-scheme: light dark; }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 0.4rem; }
  section { break-inside: avoid; border-left: 4px solid #2e7d32; padding-left: 1rem; }
  section.open { border-color: #b3261e; }
  ul { margin: 0; padding-left: 1.2rem; } li { overflow-wrap: anywhere; } li.open { font-weight: bold; }
  footer { margin-top: 2rem; font-size: 0.85rem; }
  @media print { body { margin: 0; max-width: none; } }`;

/**
 * The proof as one page without scripts or external resources, to read, print and file.
 *
 * @param made when and by which state the page was made
 */
export function evidenceHtml(sections: readonly EvidenceSection[], made: string): string {
  const [title = ''] = sections.map((section) => escapeHtml(section.title));
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>Evidence: ${title}</title>`,
    `<style>${style}\n</style>`,
    '</head>',
    '<body>',
    `<h1>Evidence: ${title}</h1>`,
    ...sections.map(sectionHtml),
    `<footer>${escapeHtml(made)}</footer>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const sectionHtml = ({ title, isOpen, lines }: EvidenceSection): string =>
  [
    `<section class="${isOpen ? 'open' : 'closed'}">`,
    `<h2>${escapeHtml(title)}</h2>`,
    '<ul>',
    ...lines.map((line) => `<li${line.startsWith('OPEN: ') ? ' class="open"' : ''}>${escapeHtml(line)}</li>`),
    '</ul>',
    '</section>',
  ].join('\n');
