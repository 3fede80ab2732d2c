// Bars of how many times less each server needs than the first one, a group for each load.

const width = 860;
const labelWidth = 300;
const barHeight = 13;
const gap = 12;
const legendWidth = 200;
const legendColumns = 4;
const colours = ["#9aa0a6", "#e0a458", "#7a9e9f", "#b07aa1", "#2f6db5", "#76a5dd", "#d0d4d9", "#123a6b"];

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/// @param rows `{ title, figures: { name: µs } }`; `names[0]` is the measure.
export function barChart(rows, names) {
  const ratio = (row, name) => (row.figures[name] > 0 ? row.figures[names[0]] / row.figures[name] : 0);
  const most = Math.max(1, ...rows.flatMap((row) => names.map((name) => ratio(row, name))));
  const scale = (width - labelWidth - 60) / most;
  const parts = [];
  const colour = (name) => colours[names.indexOf(name) % colours.length];
  names.forEach((name, i) => {
    const x = 10 + (i % legendColumns) * legendWidth;
    const top = 10 + Math.floor(i / legendColumns) * 18;
    parts.push(`<rect x="${x}" y="${top}" width="12" height="12" fill="${colour(name)}"/>`);
    parts.push(`<text x="${x + 17}" y="${top + 10}">${escape(name)}</text>`);
  });
  let y = 22 + Math.ceil(names.length / legendColumns) * 18;
  for (const row of rows) {
    const shown = names.filter((name) => ratio(row, name) > 0);
    parts.push(`<text x="${labelWidth - 8}" y="${y + (shown.length * barHeight) / 2 + 4}" text-anchor="end">${escape(row.title)}</text>`);
    for (const name of shown) {
      const length = ratio(row, name) * scale;
      parts.push(`<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight - 2}" fill="${colour(name)}"/>`);
      parts.push(`<text x="${(labelWidth + length + 5).toFixed(1)}" y="${y + 10}" font-size="10">${ratio(row, name).toFixed(1)}×</text>`);
      y += barHeight;
    }
    y += gap;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n${parts.join("\n")}\n</svg>\n`;
}
