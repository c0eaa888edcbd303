/** The style of all pages: dense, in the system's own fonts, with colours of contrast 4.5 and more in both schemes. */
export const styleSheet = `
:root {
  --paper: #fbfaf7; --ink: #1d2422; --soft: #55605c; --line: #d9d8d0; --card: #ffffff;
  --link: #14605a; --good: #1b6b3a; --calm: #4a5568; --held: #8a5300; --bad: #a8231d;
  --done: #2f7f78; --undone: #b3392f; --latency: #8a5300; --focus: #1a56c4; --edge: #7d8682;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181a; --ink: #e6e9e6; --soft: #a3ada9; --line: #333b3d; --card: #1b2124;
    --link: #7fd1c7; --good: #7fd09a; --calm: #b4bfcc; --held: #e9b566; --bad: #ff9a8f;
    --done: #4fa79e; --undone: #e0766b; --latency: #e9b566; --focus: #8ab4ff; --edge: #7d8784;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 0 1rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 0.9375rem/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
a { color: var(--link); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--card); padding: 0.5rem 0.75rem; z-index: 1; }
.top {
  display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.5rem;
  padding: 1rem 0 0.75rem; border-bottom: 1px solid var(--line);
}
.brand { font-weight: 700; letter-spacing: -0.01em; color: var(--ink); text-decoration: none; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
nav a { text-decoration: none; }
nav a[aria-current] { color: var(--ink); box-shadow: 0 2px 0 var(--link); }
h1 { font-size: 1.625rem; line-height: 1.2; letter-spacing: -0.02em; margin: 1.75rem 0 0.5rem; font-weight: 650; }
h2 {
  font-size: 0.8125rem; text-transform: uppercase; letter-spacing: 0.07em; color: var(--soft);
  margin: 2.25rem 0 0.5rem; font-weight: 600;
}
h3 { font-size: 1rem; margin: 0 0 0.25rem; font-weight: 600; }
.lead { color: var(--soft); margin: 0 0 1rem; max-width: 46rem; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem 1rem;
  margin: 0 0 0.75rem;
}
.mark {
  display: inline-flex; align-items: baseline; gap: 0.35em; font-size: 0.875rem; font-weight: 500;
  white-space: nowrap; letter-spacing: 0;
}
h1 .mark { margin-left: 0.4rem; }
.dot { width: 0.6em; height: 0.6em; fill: currentColor; }
.good { color: var(--good); } .calm { color: var(--calm); } .held { color: var(--held); } .bad { color: var(--bad); }
.findings { list-style: none; margin: 0; padding: 0; }
.findings > li { padding: 0.35rem 0 0.35rem 0.75rem; border-left: 3px solid var(--line); margin: 0.35rem 0; }
.findings > li.person { border-left-color: var(--held); }
.findings p { margin: 0; }
.findings ul { margin: 0.25rem 0; padding-left: 1.1rem; color: var(--soft); }
.findings .command { margin-top: 0.25rem; }
summary { cursor: pointer; }
code { font: 0.875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.command code {
  background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: 0.15em 0.4em;
  display: inline-block;
}
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
caption { text-align: left; color: var(--soft); font-size: 0.875rem; padding-bottom: 0.35rem; }
th, td {
  text-align: left; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line);
  vertical-align: baseline; font-weight: 400;
}
thead th { color: var(--soft); font-size: 0.8125rem; }
tbody th { font-weight: 600; overflow-wrap: break-word; min-width: 4.5rem; }
.number + :not(.number) { padding-left: 1.5rem; }
.number { text-align: right; }
.plain { list-style: none; margin: 0; padding: 0; }
.plain li { padding: 0.25rem 0; }
.top form { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; margin-left: auto; }
.top label { color: var(--soft); font-size: 0.8125rem; }
input, button { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--edge); }
input, button { border-radius: 4px; padding: 0.2rem 0.5rem; min-height: 2rem; }
input { width: 11rem; max-width: 100%; }
button { cursor: pointer; }
h1 small { font-size: 0.9375rem; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.lines { margin: 0; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
.entries { list-style: none; margin: 0; padding: 0; }
.entries > li { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
.entries p { margin: 0; }
.entries .when { color: var(--soft); font-size: 0.8125rem; }
.outcome { font-size: 0.875rem; }
.facts {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 0.75rem 1rem; margin: 1rem 0;
}
.facts dt { color: var(--soft); font-size: 0.8125rem; }
.facts dd { margin: 0; font-size: 1.125rem; font-weight: 500; }
.plot { margin: 0; }
.plot svg { width: 100%; height: auto; display: block; overflow: visible; }
.plot rect.done { fill: var(--done); } .plot rect.undone { fill: var(--undone); }
.plot polyline { fill: none; stroke: var(--latency); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.plot .axis { stroke: var(--line); }
.plot text { font-size: 10px; fill: var(--soft); } .plot text.latency { fill: var(--latency); }
figcaption { color: var(--soft); font-size: 0.875rem; }
footer { margin: 3rem 0 1.5rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.8125rem; }
@media (max-width: 34rem) {
  body { font-size: 0.9375rem; }
  .wide { display: none; }
  .number + :not(.number) { padding-left: 0; }
  .top form { margin-left: 0; width: 100%; }
  .top label { width: 100%; }
  input { flex: 1; width: auto; min-width: 0; }
  .plot { margin-top: 1.25rem; }
  .mark { white-space: normal; }
  th, td { padding-right: 0.5rem; }
  .plot text { font-size: 18px; }
}
@media print {
  body { max-width: none; background: #fff; color: #000; }
  .skip, nav, footer { display: none; }
}
`.trimStart();
