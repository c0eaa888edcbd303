import type { Page } from 'playwright-core';

/**
 * Texts whose contrast to their background is below WCAG 2.2 AA (success criterion 1.4.3), by the colours that the
 * browser computed: "2.9 #777 on #fff: text".
 */
export const lowContrast = (page: Page): Promise<readonly string[]> => page.evaluate(lowContrastScript);

/** Violations of the structure that assistive technology needs; see the names in the script. */
export const structureMistakes = (page: Page): Promise<readonly string[]> => page.evaluate(structureScript);

/** How many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - window.innerWidth');

// They run in the browser, so they are texts: the types of a document are not those of Node.js.
const lowContrastScript = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const backgroundOf = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const found = channels(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const colour = channels(element instanceof SVGElement ? style.fill : style.color);
    const [light, dark] = [luminance(colour), luminance(backgroundOf(element))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5))
      low.push(ratio.toFixed(1) + ' ' + colour + ' on ' + backgroundOf(element) + ': ' + node.data.trim());
  }
  return low;
})()`;

const structureScript = `(() => {
  const mistakes = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (document.documentElement.lang === '') mistakes.push('no language');
  if (document.title === '') mistakes.push('no title');
  if (all('h1').length !== 1) mistakes.push(all('h1').length + ' first headings');
  for (const name of ['header', 'nav', 'main', 'footer'])
    if (all(name).length !== 1) mistakes.push(all(name).length + ' landmarks ' + name);
  let level = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) mistakes.push('a heading skips a level: ' + heading.textContent);
    level = next;
  }
  for (const table of all('table')) if (table.caption === null) mistakes.push('a table without a caption');
  for (const cell of all('th')) if (cell.scope === '') mistakes.push('a header cell without a scope');
  for (const image of all('svg'))
    if (image.getAttribute('aria-hidden') !== 'true' && !image.getAttribute('aria-label'))
      mistakes.push('an image without a text');
  for (const input of all('input')) if (input.labels.length === 0) mistakes.push('an input without a label');
  for (const link of all('a')) if (link.textContent.trim() === '') mistakes.push('a link without a text');
  for (const section of all('[aria-labelledby]'))
    if (document.getElementById(section.getAttribute('aria-labelledby')) === null)
      mistakes.push('a label that does not exist');
  const ids = all('[id]').map(({ id }) => id);
  if (new Set(ids).size !== ids.length) mistakes.push('an id occurs twice');
  return mistakes;
})()`;
