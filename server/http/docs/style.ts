/** The style sheet of the documents: system fonts, one measure, both colour schemes. Contrasts are 4.5:1 or better. */
export const docsCss = `:root {
  color-scheme: light dark;
  --ink: #1c2024; --soft: #555c66; --paper: #fdfcfa; --panel: #f3f1ec; --line: #ddd8cf; --link: #1b5d8f;
  --s4: #8a4b00; --s5: #a3262a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7e5e0; --soft: #a9adb4; --paper: #16181b; --panel: #1f2226; --line: #34383e; --link: #7fbbe8;
    --s4: #e8b066; --s5: #f08f8f;
  }
}
* { box-sizing: border-box; }
html { font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink); background: var(--paper); }
body { margin: 0; padding: 3rem 1.25rem 5rem; }
main { max-width: 46rem; margin: 0 auto; }
nav { font-size: .9rem; margin-bottom: .25rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.015em; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .6rem; }
p, ul, dl { margin: 0 0 1rem; }
.lead { color: var(--soft); max-width: 38rem; }
a { color: var(--link); text-underline-offset: .35em; text-decoration-thickness: .06em; }
a:focus-visible, pre:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre { font: .875em/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
code { background: var(--panel); border-radius: .25em; padding: .1em .3em; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; overflow-x: auto; margin: 0 0 1rem; }
pre code { background: none; padding: 0; font-size: 1em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.5rem; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
.long { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--soft); }
th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); }
.status { font-variant-numeric: tabular-nums; font-weight: 600; }
.s4 { color: var(--s4); } .s5 { color: var(--s5); }
.tag { font-size: .75rem; color: var(--soft); border: 1px solid var(--line); border-radius: 1em; padding: .05em .6em; white-space: nowrap; }
.endpoints { list-style: none; padding: 0; }
.twin { margin-top: 3rem; font-size: .9rem; color: var(--soft); }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
`;
