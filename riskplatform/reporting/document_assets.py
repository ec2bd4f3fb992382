"""The style and the script of a page of HTML: what makes a report readable and tables sortable."""

from __future__ import annotations

STYLE = """
*{box-sizing:border-box}body{margin:0;background:var(--wash);color:var(--ink);
font:14px/1.45 var(--font)}main{max-width:1180px;margin:0 auto;padding:24px 28px 48px;
background:var(--paper)}h1{margin:0;font-size:26px}header p{margin:4px 0 0;color:var(--muted)}
h2{margin:34px 0 10px;padding-bottom:6px;border-bottom:2px solid var(--ink);font-size:18px}
h3{margin:20px 0 6px;font-size:14px}h2 span,h3 span{margin-left:10px;color:var(--muted);
font-size:12px;font-weight:400}h3 input{float:right;font:inherit;font-weight:400;padding:2px 8px;
border:1px solid var(--line);border-radius:4px}
.remark{margin:6px 0;padding:6px 12px;border-left:3px solid var(--line)}
.remark.good{border-color:var(--gain)}.remark.caution{border-color:var(--caution)}
.remark.bad{border-color:var(--loss);font-weight:600}
.facts{display:flex;flex-wrap:wrap;gap:10px;margin:12px 0}
.fact{flex:1 1 150px;padding:10px 14px;border:1px solid var(--line);border-radius:4px}
.fact .label,.fact .note{color:var(--muted);font-size:12px}
.fact .figure{font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}
.figure.good{color:var(--gain)}.figure.caution{color:var(--caution)}.figure.bad{color:var(--loss)}
.grid>div{overflow:auto}.grid.many>div{max-height:420px}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th{position:sticky;top:0;background:var(--paper);text-align:left;color:var(--muted);font-size:12px;
font-weight:600;cursor:pointer;border-bottom:1px solid var(--line);white-space:nowrap}
th,td{padding:4px 8px}td{border-bottom:1px solid var(--line)}
.number{text-align:right;white-space:nowrap}td.gain{color:var(--gain)}td.loss{color:var(--loss)}
tr.bad td:first-child{box-shadow:inset 3px 0 var(--loss)}
tr.caution td:first-child{box-shadow:inset 3px 0 var(--caution)}
tr.good td:first-child{box-shadow:inset 3px 0 var(--gain)}
footer{margin-top:10px;color:var(--faint);font-size:11px;overflow-wrap:anywhere}
th[data-order=up]::after{content:" \\2191"}th[data-order=down]::after{content:" \\2193"}
@media print{body{background:none}.grid.many>div{max-height:none}h3 input{display:none}
section{break-inside:avoid-page}}
"""

SCRIPT = """
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  table.tHead.addEventListener("click", (event) => {
    const head = event.target.closest("th");
    if (!head) return;
    const place = head.cellIndex, down = head.dataset.order !== "down";
    for (const other of table.tHead.rows[0].cells) delete other.dataset.order;
    head.dataset.order = down ? "down" : "up";
    const key = (row) => {
      const cell = row.cells[place];
      if (!("key" in cell.dataset)) return cell.textContent;
      return cell.dataset.key === "" ? null : Number(cell.dataset.key);
    };
    const rows = [...body.rows].sort((one, other) => {
      const a = key(one), b = key(other);
      if (a === null || b === null) return (a === null) - (b === null);
      const order = typeof a === "number" ? a - b : a.localeCompare(b);
      return down ? -order : order;
    });
    body.append(...rows);
  });
}
for (const field of document.querySelectorAll("input[type=search]")) {
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase();
    for (const row of field.closest(".grid").querySelectorAll("tbody tr"))
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
for (const chart of document.querySelectorAll(".chart")) {
  const figure = JSON.parse(chart.nextElementSibling.textContent);
  Plotly.newPlot(chart, figure.data, figure.layout, {displayModeBar: false, responsive: true});
}
"""
