// Runs a question and hands over what comes, block by block, while the server still works.
//
//   await run_query({ query, since: '24h' }, { columns, rows, progress }, signal);
//
// Aborting the signal closes the connection, and the server then stops the query.
import { api_url, ApiError, ask, headers } from './client';
import type { ApiErrorBody, Cell, Column, Diagnostic } from './types';

export interface QueryRequest {
  query: string;
  sql?: boolean;
  from?: string;
  to?: string;
  since?: string;
  types?: string[];
  limit?: number;
  query_id?: string;
}
export interface QueryProgress {
  segments: number;
  segments_total: number;
  bytes: number;
  elapsed_ms: number;
}
export interface QueryDone {
  rows: number;
  limited: boolean;
  elapsed_ms: number;
  bytes_opened: number;
  segments_opened: number;
  segments_total: number;
  notes: Diagnostic[];
}
export interface QueryHandlers {
  columns?: (columns: Column[]) => void;
  rows?: (rows: Cell[][]) => void;
  progress?: (progress: QueryProgress) => void;
}
type Line = { columns?: Column[]; rows?: Cell[][]; progress?: QueryProgress; done?: QueryDone; error?: ApiErrorBody };

// The lines of an NDJSON answer, each parsed. Empty lines are skipped; the last line needs no newline.
export async function* json_lines(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) yield JSON.parse(line);
  }
  if (rest.trim()) yield JSON.parse(rest);
}

export async function run_query(request: QueryRequest, on: QueryHandlers, signal?: AbortSignal): Promise<QueryDone> {
  const response = await ask(api_url('/query'), {
    method: 'POST',
    headers: { ...headers(true), 'Content-Type': 'application/json', Accept: 'application/x-ndjson' },
    body: JSON.stringify(request),
    signal,
  });
  if (!response.body) throw new ApiError(response.status, 'internal', 'no body');
  for await (const parsed of json_lines(response.body)) {
    const line = parsed as Line;
    if (line.columns) on.columns?.(line.columns);
    if (line.rows) on.rows?.(line.rows);
    if (line.progress) on.progress?.(line.progress);
    if (line.error) throw new ApiError(200, line.error.code, line.error.message, line.error.diagnostics);
    if (line.done) return line.done;
  }
  throw new ApiError(response.status, 'cancelled', 'The answer ended early.');
}
