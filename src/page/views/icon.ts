/** The icon of the page: two marks in step. */
export const iconSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f5f5b"/>' +
  '<path d="M4 6h8M4 10h8" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>\n';
