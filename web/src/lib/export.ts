// What a table shows, as a file. CSV is safe to open in a spreadsheet: RFC 4180 quoting, a mark for UTF-8,
// and no cell that a spreadsheet would take for a formula (OWASP ASVS 5.0, 1.2.10).
import type { Cell } from './api/types';

const guarded = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
const csv_cell = (cell: Cell | undefined) => {
  if (cell === null || cell === undefined) return '';
  const text = typeof cell === 'string' ? guarded(cell) : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const to_csv = (head: readonly string[], rows: readonly (readonly (Cell | undefined)[])[]) =>
  `\ufeff${[head, ...rows].map((row) => row.map(csv_cell).join(',')).join('\r\n')}\r\n`;

export const to_json_lines = (head: readonly string[], rows: readonly (readonly (Cell | undefined)[])[]) =>
  rows.map((row) => `${JSON.stringify(Object.fromEntries(head.map((name, i) => [name, row[i] ?? null])))}\n`).join('');

export function download(name: string, content: BlobPart, type: string) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
