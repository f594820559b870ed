// The rows of Discover: asked block by block, more of them as somebody scrolls on.
import { run_query, type QueryDone } from '../../lib/api/query';
import type { Cell, Level } from '../../lib/api/types';
import { field_text } from '../../lib/filters';
import { follow } from '../../lib/follow.svelte';
import { kRowColumns } from './state';

export interface EventRow {
  ptr: string;
  time: string;
  type: string;
  level?: Level;
  cells: Record<string, Cell>;
}
export interface RowsQuestion {
  condition: string;
  columns: string[];
  types: string[];
  order: 'newest' | 'oldest';
  range: { from?: string; to?: string; since?: string };
}

const kFirst = 500;
const kMost = 10_000;

export const rows_query = ({ condition, columns, order }: RowsQuestion) =>
  [
    `fields ${[...new Set([...kRowColumns, ...columns])].map(field_text).join(', ')}`,
    condition && `filter ${condition}`,
    `sort @timestamp ${order === 'newest' ? 'desc' : 'asc'}`,
  ]
    .filter(Boolean)
    .join('\n| ');

export function row_of(names: string[], values: Cell[]): EventRow {
  const cells = Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
  return {
    ptr: `${cells.object_id}/${cells.ordinal}`,
    time: String(cells['@timestamp']),
    type: String(cells['@log'] ?? '').replace(/^[^:]*:/, ''),
    level: (cells.detection_level as Level | null) ?? undefined,
    cells,
  };
}

// The rows before stay until the first new ones are there.
export function event_rows(question: () => RowsQuestion) {
  let rows = $state.raw<EventRow[]>([]);
  let done = $state.raw<QueryDone>();
  const key = $derived(JSON.stringify(question()));
  let wish = $state.raw({ of: '', limit: kFirst }); // for more rows, of one question only
  const limit = $derived(wish.of === key ? wish.limit : kFirst);

  async function ask(wanted: RowsQuestion & { limit: number }, signal: AbortSignal) {
    let names: string[] = [];
    let found: EventRow[] = [];
    const answer = await run_query(
      { query: rows_query(wanted), types: wanted.types.length ? wanted.types : undefined, limit: wanted.limit, ...wanted.range },
      {
        columns: (columns) => (names = columns.map(({ name }) => name)),
        rows: (block) => {
          found = [...found, ...block.map((values) => row_of(names, values))];
          if (found.length > rows.length || found.length >= wanted.limit) rows = found;
        },
      },
      signal,
    );
    return { found, answer };
  }
  const asked = follow(
    () => ({ ...question(), limit }),
    ask,
    ({ found, answer }) => {
      rows = found;
      done = answer;
    },
  );

  return {
    get now() {
      return rows;
    },
    get done() {
      return done;
    },
    get error() {
      return asked.error;
    },
    get loading() {
      return asked.loading;
    },
    get may_have_more() {
      return rows.length >= limit && limit < kMost;
    },
    more: () => {
      wish = { of: key, limit: Math.min(kMost, limit * 4) };
    },
    reload: asked.reload,
  };
}
