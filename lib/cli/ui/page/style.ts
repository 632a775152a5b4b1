/** How the page looks, beyond what it shares with the panel. */

export const PAGE_CSS = 'body { margin: 0; background: light-dark(#f6f8fa, #010409) }';

/** The rows of sizes by host share their columns, so that the lengths of bars can be compared at each width. */
export const APP_CSS = `
:host { border: 0; border-radius: 0; min-height: 100vh; overflow: visible; contain: none; container-type: inline-size }
main[aria-busy] table { opacity: .6 }
h1 { font-size: 15px; overflow-wrap: anywhere }
.head { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: baseline; padding: 10px 12px; background: var(--soft) }
.sums { flex: 1; color: var(--faint) }
.danger { color: var(--miss) }
.filters { display: flex; flex-wrap: wrap; gap: 6px; padding: 0 12px 10px; background: var(--soft); border-bottom: 1px solid var(--line) }
.filters input, .filters select { flex: 1 1 110px; min-width: 0; padding: 4px 8px; border: 1px solid var(--line); border-radius: 6px;
  background: light-dark(#fff, #0d1117); color: inherit; font: inherit }
.filters .url { flex: 3 1 220px }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); align-items: start }
.hosts { margin: 0; padding: 10px 12px; border-bottom: 1px solid var(--line) }
figcaption, summary { margin-bottom: 4px; font-weight: 600 }
.hosts ol { display: grid; grid-template-columns: minmax(90px, 220px) 1fr minmax(140px, max-content); gap: 3px 10px; max-height: 190px; margin: 0; padding: 0; overflow: auto; list-style: none }
.hosts li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: center }
.hosts li > :first-child { overflow: hidden; text-align: left; text-overflow: ellipsis; white-space: nowrap }
.hosts button { padding: 0 2px; border: 0; background: none; color: var(--link) }
.sum { text-align: right; color: var(--faint); font-variant-numeric: tabular-nums }
svg { display: block; width: 100%; height: 10px }
.track { fill: light-dark(#d1d9e0, #30363d) } .part { fill: light-dark(#0969da, #58a6ff) }
.fresh { fill: light-dark(#1a7f37, #3fb950) } .kept { fill: light-dark(#bf8700, #d29922) }
thead button { padding: 0; border: 0; background: none; color: inherit }
[aria-sort=ascending] button::after { content: " ▲" / "" } [aria-sort=descending] button::after { content: " ▼" / "" }
td.status { text-align: left }
div.left { display: grid; grid-template-columns: 70px 84px; gap: 8px; align-items: center; justify-content: end }
th.left, th.age, th.size { text-align: right }
div.left svg { height: 6px }
.pager { display: flex; gap: 10px; align-items: center; padding: 10px 12px }
button:disabled { opacity: .5; cursor: default }
.entry { display: grid; gap: 10px; padding: 12px; border-top: 1px solid var(--line); background: var(--soft) }
.entry header { display: flex; gap: 10px; justify-content: space-between; align-items: start }
.entry dl { margin: 0 } .entry ul { margin: 0; padding-left: 18px }
.life svg { height: 6px }
.headers { font: 12px/1.5 ui-monospace, monospace }
pre { max-height: 420px; padding: 8px; border: 1px solid var(--line); border-radius: 6px; background: light-dark(#fff, #0d1117);
  overflow-wrap: anywhere }
.body img { max-width: 100%; max-height: 420px; border: 1px solid var(--line); background: repeating-conic-gradient(#8884 0 25%, #0000 0 50%) 0 0 / 16px 16px }
dialog { max-width: 460px; margin: auto; padding: 16px; border: 1px solid var(--line); border-radius: 10px; background: light-dark(#fff, #161b22); color: inherit }
dialog p { margin-bottom: 14px; overflow-wrap: anywhere }
dialog::backdrop { background: #0006 }
@container (min-width: 960px) {
  .columns:has(.entry:not([hidden])) { grid-template-columns: minmax(0, 1fr) minmax(360px, 40%) }
  .entry { position: sticky; top: 0; max-height: 100vh; overflow: auto; border-top: 0; border-left: 1px solid var(--line) }
}
@container (max-width: 560px) {
  .age, td.status, th.status { display: none }
  .place button { overflow-wrap: anywhere; white-space: normal }
  div.left { grid-template-columns: 30px 84px }
  .hosts ol { grid-template-columns: minmax(90px, 150px) 1fr max-content }
  tbody td { vertical-align: middle }
}
@container (max-width: 959px) { .entry { order: -1; border-top: 0; border-bottom: 2px solid var(--line) } }
`;
