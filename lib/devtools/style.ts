/** How the panel looks, as a sheet of its own: a page's Content-Security-Policy forbids no such sheet. */

const CSS = `
:host { display: block; container-type: inline-size; color-scheme: light dark; contain: content; overflow: auto;
  color: light-dark(#1f2328, #e6edf3); background: light-dark(#fff, #0d1117);
  border: 1px solid var(--line); border-radius: 8px; font: 13px/1.45 system-ui, sans-serif;
  --line: light-dark(#d1d9e0, #30363d); --soft: light-dark(#f6f8fa, #161b22); --faint: light-dark(#59636e, #9198a1);
  --hit: light-dark(#116329, #7ee787); --stale: light-dark(#7d4e00, #e3b341); --renewed: light-dark(#0550ae, #79c0ff);
  --miss: light-dark(#82071e, #ffa198); --link: light-dark(#0550ae, #79c0ff) }
:host([hidden]), [hidden] { display: none !important }
* { box-sizing: border-box; margin: 0 }
button, input { font: inherit; color: inherit }
button { padding: 2px 9px; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); cursor: pointer }
button:hover { border-color: var(--faint) }
button[aria-pressed=true] { color: #fff; background: #a40e26; border-color: #a40e26 }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px }
.bar { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; padding: 8px 10px;
  border-bottom: 1px solid var(--line); background: var(--soft) }
.bar input { flex: 1 1 120px; min-width: 0; padding: 3px 8px; border: 1px solid var(--line); border-radius: 6px;
  background: light-dark(#fff, #0d1117) }
[role=tablist] { display: flex; gap: 4px }
[role=tab] { border-color: transparent; background: none }
[role=tab][aria-selected=true] { border-color: var(--line); background: light-dark(#fff, #0d1117); font-weight: 600 }
.told { padding: 4px 10px; color: var(--faint); border-bottom: 1px solid var(--line) }
.list { overflow-x: auto }
table { width: 100%; border-collapse: collapse }
th, td { padding: 4px 10px; text-align: left; font-weight: 400; white-space: nowrap; vertical-align: baseline }
thead th { color: var(--faint); font-size: 12px; border-bottom: 1px solid var(--line) }
tbody tr + tr > * { border-top: 1px solid light-dark(#eaeef2, #21262d) }
tbody tr:hover { background: var(--soft) }
.place { width: 99%; max-width: 0; overflow: hidden; text-overflow: ellipsis }
.place button { max-width: 100%; overflow: hidden; text-overflow: ellipsis; padding: 0 2px; border: 0; background: none;
  color: var(--link); text-align: left; vertical-align: bottom }
.place button:hover { text-decoration: underline }
.place button[aria-expanded=true] { font-weight: 600 }
.age, .size, .time, .left { text-align: right; font-variant-numeric: tabular-nums }
.badge { padding: 0 7px; border: 1px solid; border-radius: 9px; font-size: 12px }
.hit { color: var(--hit) } .badge.stale { color: var(--stale) } .revalidated { color: var(--renewed) }
.miss { color: var(--miss) } .bypass { color: var(--faint) }
.empty { padding: 14px 10px; color: var(--faint) } .empty:empty { display: none }
.actions { display: inline-flex; flex-wrap: wrap; gap: 6px }
.details { position: sticky; bottom: 0; max-height: 340px; overflow: auto; padding: 10px;
  border-top: 1px solid var(--line); box-shadow: 0 -4px 12px #0002; background: var(--soft); display: grid; gap: 8px }
.details header { display: flex; gap: 10px; justify-content: space-between; align-items: start }
h2 { font-size: 14px; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px }
dt { color: var(--faint) } dd { overflow-wrap: anywhere }
pre { overflow: auto; white-space: pre-wrap; font: 12px/1.45 ui-monospace, monospace }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@container (max-width: 560px) { .reason, .age { display: none } th, td { padding: 4px 6px } }
@container (max-width: 380px) { td.size, th.size { display: none } }
`;

/** Undefined where the engine knows no such sheets; then the panel is plain, and works. */
export function styleSheet(css = CSS): CSSStyleSheet | undefined {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  } catch {
    return undefined;
  }
}
