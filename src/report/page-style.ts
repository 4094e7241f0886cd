/** The page's style sheet. The colours are Okabe and Ito's, which colour-blind people can tell apart. */
export const STYLE = `
:root { --paper: #fff; --ink: #1b1f24; --faint: #5b6570; --line: #d5dae0; --card: #f6f7f9; --work: #7c93ad; --work-edge: #5a728d;
  --sent: #0072b2; --failed: #c23b00; --gate: #a35f00; --transport: #a8487f; --overdue: #a8487f; --pending: #00785a; --unknown: #6b7480;
  --present: #009e73; --absent: #c23b00; --silence: #d55e00; --missing: #4a4f57; --bad: #b32d00; --warn: #8a5a00; --good: #00704f; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e6e9ed; --faint: #9aa4af; --line: #343b44; --card: #1c2127; --work: #6f88a5; --work-edge: #93abc7;
  --sent: #56b4e9; --failed: #ff7a45; --gate: #f0b030; --transport: #e59ac6; --overdue: #e59ac6; --pending: #3fd0a4; --unknown: #9aa4af;
  --present: #1fa67f; --absent: #ff7a45; --silence: #ff7a45; --missing: #aab2bd; --bad: #ff8a5c; --warn: #f0b030; --good: #3fd0a4; } }
@media print { :root { --paper: #fff; --ink: #000; --faint: #444; --line: #bbb; --card: #fff; --work: #7c93ad; --work-edge: #5a728d;
  --sent: #0072b2; --failed: #c23b00; --gate: #a35f00; --transport: #a8487f; --overdue: #a8487f; --pending: #00785a; --unknown: #6b7480;
  --present: #009e73; --absent: #c23b00; --silence: #d55e00; --missing: #4a4f57; --bad: #b32d00; --warn: #8a5a00; --good: #00704f; }
  .tools, .tip, .hint { display: none !important; } section { break-inside: avoid-page; } body { max-width: none !important; } }
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 0 0 .4rem; line-height: 1.3; }
p { margin: .3rem 0; } a { color: inherit; } code, .id { font-family: ui-monospace, monospace; font-size: .93em; }
.faint, figcaption, dt { color: var(--faint); } .bad { color: var(--bad); } .warn { color: var(--warn); } .good { color: var(--good); }
nav ol { margin: .5rem 0; padding-left: 2.2rem; } nav li { margin: .15rem 0; }
section { border-top: 1px solid var(--line); margin-top: 1.2rem; padding-top: 1rem; }
.verdict { font-size: 1.05rem; max-width: 62rem; } .do { max-width: 62rem; }
.do b { font-weight: 600; } details { margin: .4rem 0; color: var(--faint); } summary { cursor: pointer; } details ul { margin: .2rem 0; padding-left: 1.3rem; }
figure { margin: .8rem 0; } figcaption { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: center; font-size: .87rem; margin-bottom: .2rem; }
.tools { margin-left: auto; display: none; gap: .3rem; } .scripted .tools { display: flex; } .hint { display: none; } .scripted .hint { display: block; }
button { font: inherit; min-width: 2.3rem; padding: .15rem .5rem; border: 1px solid var(--line); border-radius: 5px; background: var(--card); color: var(--ink); cursor: pointer; }
.definitions { position: absolute; width: 0; height: 0; }
.chart { display: block; overflow: hidden; background: var(--card); border: 1px solid var(--line); border-radius: 6px; touch-action: pan-y; user-select: none; -webkit-user-select: none; cursor: crosshair; }
.chart:focus-visible, button:focus-visible { outline: 2px solid var(--sent); outline-offset: 1px; }
.chart text { font: 11px system-ui, sans-serif; fill: var(--faint); } .ticks text { text-anchor: middle; } .ticks line { stroke: var(--line); }
.plot { overflow: visible; } .chart .lane { fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 3px; pointer-events: none; }
.work { fill: var(--work); stroke: var(--work-edge); stroke-width: 1; } .dense { fill: var(--work-edge); } .still-running { fill: var(--ink); }
.present { fill: var(--present); fill-opacity: .75; } .absent { fill: none; stroke: var(--absent); stroke-width: 1.5; stroke-dasharray: 4 3; pointer-events: all; }
.silence-back { fill: var(--silence); fill-opacity: .08; } .silence-line { fill: var(--silence); fill-opacity: .22; } .silence { stroke: var(--silence); stroke-width: 1; }
.chart .silence-label { fill: var(--bad); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3px; pointer-events: none; }
.missing-back { fill: var(--missing); fill-opacity: .18; } .missing-dot { fill: var(--missing); } .late { stroke: var(--missing); stroke-width: 1; }
.border { stroke: var(--ink); stroke-width: 1.5; } .border-label { fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.chart .border-label { fill: var(--ink); }
.sent { fill: var(--sent); } .failed, .aborted, .overdue-mark { fill: none; stroke: var(--failed); stroke-width: 2.5; } .aborted, .unknown { stroke: var(--unknown); }
.gate, .transport, .overdue, .pending, .unknown { fill: var(--card); stroke-width: 2; } .gate { stroke: var(--gate); } .transport { stroke: var(--transport); }
.overdue { stroke: var(--overdue); } .pending { stroke: var(--pending); } .unknown { stroke: var(--unknown); stroke-dasharray: 2 2; } .hit { fill: transparent; }
.selection { fill: var(--sent); fill-opacity: .2; stroke: var(--sent); pointer-events: none; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .85rem; color: var(--faint); list-style: none; margin: .4rem 0; padding: 0; }
.legend svg { width: 18px; height: 16px; vertical-align: -3px; overflow: visible; }
.columns { display: flex; flex-wrap: wrap; gap: .5rem 3rem; align-items: flex-start; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; } th, td { padding: .15rem .7rem .15rem 0; text-align: right; font-weight: 400; white-space: nowrap; } th { color: var(--faint); } th:first-child, td:first-child { text-align: left; } td:first-child { white-space: normal; }
dl { margin: 0; font-size: .9rem; display: grid; grid-template-columns: auto 1fr; gap: .15rem .8rem; } dd { margin: 0; }
.tip { position: fixed; z-index: 2; max-width: min(22rem, 90vw); padding: .3rem .55rem; border-radius: 5px; background: var(--ink); color: var(--paper); font-size: .85rem; pointer-events: none; }
@media (max-width: 40rem) { body { padding: .7rem; } .columns { gap: .6rem; } table { font-size: .82rem; } th, td { padding-right: .6rem; } td:first-child { min-width: 5.2rem; } }
`;
