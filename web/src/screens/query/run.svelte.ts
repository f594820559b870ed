// One run of a query: what came so far, how far it is, and a way to stop it.
import { is_abort } from '../../lib/api/client';
import { run_query, type QueryDone, type QueryProgress, type QueryRequest } from '../../lib/api/query';
import type { Cell, Column } from '../../lib/api/types';

export class Run {
  columns = $state.raw<Column[]>([]);
  rows = $state.raw<Cell[][]>([]);
  progress = $state.raw<QueryProgress>();
  done = $state.raw<QueryDone>();
  error = $state.raw<Error>();
  running = $state(false);
  stopped = $state(false);
  elapsed_ms = $state(0); // while it runs
  private controller: AbortController | undefined;

  async start(request: QueryRequest) {
    this.controller?.abort();
    const mine = (this.controller = new AbortController());
    this.columns = [];
    this.rows = [];
    this.progress = this.done = this.error = undefined;
    this.stopped = false;
    this.running = true;
    const began = performance.now();
    this.elapsed_ms = 0;
    const clock = setInterval(() => (this.elapsed_ms = performance.now() - began), 200);
    try {
      const done = await run_query(
        request,
        {
          columns: (columns) => (this.columns = columns),
          rows: (block) => (this.rows = [...this.rows, ...block]),
          progress: (progress) => (this.progress = progress),
        },
        mine.signal,
      );
      if (mine === this.controller) this.done = done;
    } catch (problem) {
      if (mine === this.controller && !is_abort(problem)) this.error = problem instanceof Error ? problem : new Error(String(problem));
    } finally {
      clearInterval(clock);
      if (mine === this.controller) this.running = false;
    }
  }

  // The rows that came stay.
  stop() {
    if (!this.running) return;
    this.stopped = true;
    this.controller?.abort();
  }
}
