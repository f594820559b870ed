// What a Table is told about a column. Cells are drawn by the screen's `cell` snippet.
export interface TableColumn {
  key: string;
  title: string;
  width?: number; // pixels at least; 180 when nothing is said
  grow?: number; // its share of what is left; 1 for columns without a width
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
