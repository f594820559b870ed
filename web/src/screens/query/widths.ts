// How wide the columns of an answer are: as wide as what stands in them, so that few columns stay close together and
// a number beside what it counts. What is long shares the room that is left.
import type { Cell } from '../../lib/api/types';

const kLetter = 7.7; // pixels, about
const kPadding = 26;
const kNarrow = 72;
const kWide = 420;
const kLooked = 200; // rows
const kTime = 22; // letters of a time as it is shown

export function column_widths(titles: string[], is_time: boolean[], rows: readonly Cell[][]): { width: number; grow?: number }[] {
  return titles.map((title, i) => {
    let letters = title.length + 1;
    if (is_time[i]) letters = Math.max(letters, kTime);
    else for (const cells of rows.slice(0, kLooked)) letters = Math.max(letters, typeof cells[i] === 'number' ? cells[i].toLocaleString('en').length : String(cells[i] ?? '').length);
    const wanted = Math.round(letters * kLetter + kPadding);
    return wanted > kWide ? { width: kWide / 2, grow: 1 } : { width: Math.max(kNarrow, wanted) };
  });
}
