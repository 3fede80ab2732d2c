// Bars of how many times less each server needs than the first one, a group for each load.

const width = 860;
const labelWidth = 300;
const barHeight = 13;
const gap = 12;
const colours = ["#9aa0a6", "#e0a458", "#7a9e9f", "#2f6db5"];

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/// @param rows `{ title, figures: { name: µs } }`; `names[0]` is the measure.
export function barChart(rows, names) {
  const ratio = (row, name) => (row.figures[name] > 0 ? row.figures[names[0]] / row.figures[name] : 0);
  const most = Math.max(1, ...rows.flatMap((row) => names.map((name) => ratio(row, name))));
  const scale = (width - labelWidth - 60) / most;
  const parts = [];
  let y = 40;
  names.forEach((name, i) => {
    parts.push(`<rect x="${10 + i * 150}" y="10" width="12" height="12" fill="${colours[i % colours.length]}"/>`);
    parts.push(`<text x="${27 + i * 150}" y="20">${escape(name)}</text>`);
  });
  for (const row of rows) {
    parts.push(`<text x="${labelWidth - 8}" y="${y + (names.length * barHeight) / 2 + 4}" text-anchor="end">${escape(row.title)}</text>`);
    names.forEach((name, i) => {
      const value = ratio(row, name);
      parts.push(`<rect x="${labelWidth}" y="${y}" width="${(value * scale).toFixed(1)}" height="${barHeight - 2}" fill="${colours[i % colours.length]}"/>`);
      if (value > 0) parts.push(`<text x="${(labelWidth + value * scale + 5).toFixed(1)}" y="${y + 10}" font-size="10">${value.toFixed(1)}×</text>`);
      y += barHeight;
    });
    y += gap;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n${parts.join("\n")}\n</svg>\n`;
}
