/** The style of the page of a plan, on a screen and on paper. */
export const planStyle = `
:root { --paper: #fff; --ink: #1d2422; --soft: #55605c; --line: #d9d8d0; }
:root { --good: #1b6b3a; --held: #8a5300; --bad: #a8231d; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181a; --ink: #e6e9e6; --soft: #a3ada9; --line: #333b3d; --good: #7fd09a; --held: #e9b566; }
  :root { --bad: #ff9a8f; color-scheme: dark; }
}
body { margin: 0 auto; max-width: 62rem; padding: 0 1rem 3rem; background: var(--paper); color: var(--ink); }
body { font: 0.9375rem/1.5 ui-sans-serif, system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 1.5rem 0 0.25rem; }
h2 { font-size: 1.125rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1rem 0 0.25rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.75rem 0.3rem 0; }
th, td { border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: 0.8125rem; font-weight: 400; }
tbody th { font-weight: 600; width: 14rem; }
tbody small { display: block; color: var(--soft); font-weight: 400; }
.number { text-align: right; width: 5rem; font-variant-numeric: tabular-nums; }
.bar svg { width: 100%; height: 0.6rem; display: block; }
rect { fill: var(--good); } rect.deactivate, rect.delete, rect.removeMembers { fill: var(--bad); }
rect.update { fill: var(--held); }
del { color: var(--bad); } ins { color: var(--good); text-decoration: none; }
.held, tr.held strong { color: var(--held); } tr.held th { color: inherit; }
summary { cursor: pointer; font-weight: 600; margin-top: 1rem; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 0.875em; }
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --good: #1b6b3a; --bad: #a8231d; --held: #6b4200; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
}
`;
