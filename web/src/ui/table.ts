// What a Table is told about a column. Cells are drawn by the screen's `cell` snippet.
export interface TableColumn {
  key: string;
  title: string;
  width?: number; // pixels at first; the last flexible column takes what is left
  number?: boolean; // right-aligned
  sort?: boolean; // the header sorts
  hidden?: boolean; // not shown unless chosen
  fixed?: boolean; // cannot be hidden
}
export interface TableSort {
  key: string;
  order: 'asc' | 'desc';
}
export const kNarrowest = 48;
