// The rows of Discover: asked block by block, more of them as somebody scrolls on.
import { is_abort } from '../../lib/api/client';
import { run_query, type QueryDone } from '../../lib/api/query';
import type { Cell, Level } from '../../lib/api/types';
import { field_text } from '../../lib/filters';
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

// Asks again whenever `question` changes; the rows before stay until the first new ones are there.
export function event_rows(question: () => RowsQuestion) {
  let rows = $state.raw<EventRow[]>([]);
  let done = $state.raw<QueryDone>();
  let error = $state.raw<Error>();
  let loading = $state(true);
  let limit = $state(kFirst);
  let turn = $state(0);
  let asked = '';
  const key = $derived(JSON.stringify(question()));

  $effect(() => {
    void turn;
    if (asked !== key) {
      asked = key;
      limit = kFirst;
    }
    const controller = new AbortController();
    const wanted = JSON.parse(key) as RowsQuestion;
    let names: string[] = [];
    let found: EventRow[] = [];
    loading = true;
    run_query(
      { query: rows_query(wanted), types: wanted.types.length ? wanted.types : undefined, limit, ...wanted.range },
      {
        columns: (columns) => (names = columns.map(({ name }) => name)),
        rows: (block) => {
          found = [...found, ...block.map((values) => row_of(names, values))];
          if (found.length > rows.length || found.length >= limit) rows = found;
        },
      },
      controller.signal,
    )
      .then((answer) => {
        if (controller.signal.aborted) return;
        rows = found;
        done = answer;
        error = undefined;
        loading = false;
      })
      .catch((problem: unknown) => {
        if (controller.signal.aborted || is_abort(problem)) return;
        error = problem instanceof Error ? problem : new Error(String(problem));
        loading = false;
      });
    return () => controller.abort();
  });

  return {
    get now() {
      return rows;
    },
    get done() {
      return done;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    get may_have_more() {
      return rows.length >= limit && limit < kMost;
    },
    more: () => {
      limit = Math.min(kMost, limit * 4);
    },
    reload: () => {
      turn += 1;
    },
  };
}
