// A test over the lake, told as it goes. Aborting the signal closes the connection, and the server stops.
import { api_url, ApiError, ask, headers } from '../../lib/api/client';
import { json_lines } from '../../lib/api/query';
import type { ApiErrorBody } from '../../lib/api/types';
import type { TestAnswer } from './types';

export interface TestProgress {
  events: number;
  elapsed_ms: number;
}
export interface LakeTest {
  text: string;
  id?: string;
  since?: string;
  from?: string;
  limit: number;
  timeout: number; // seconds
}

export async function test_on_lake(test: LakeTest, progress: (now: TestProgress) => void, signal: AbortSignal): Promise<TestAnswer> {
  const response = await ask(api_url('/rules/test'), {
    method: 'POST',
    headers: { ...headers(true), 'Content-Type': 'application/json', Accept: 'application/x-ndjson' },
    body: JSON.stringify({ ...test, stream: true }),
    signal,
  });
  if (!response.body) throw new ApiError(response.status, 'internal', 'no body');
  for await (const parsed of json_lines(response.body)) {
    const line = parsed as { progress?: TestProgress; result?: TestAnswer; error?: ApiErrorBody };
    if (line.progress) progress(line.progress);
    if (line.error) throw new ApiError(200, line.error.code, line.error.message, line.error.diagnostics);
    if (line.result) return line.result;
  }
  throw new ApiError(response.status, 'cancelled', 'The answer ended early.');
}
