// Asks the server.
//
//   const list = await get<FindingList>('/findings', { level: ['high'], limit: 100 }, signal);
//   await send('POST', '/findings/triage', { ids, action: 'close' });
//
// Every request carries the reader's language, every change the session's CSRF token. A refusal is an
// ApiError with the server's sentence; an expired session is also told to `on_unauthorized`.
import type { ApiErrorBody, Diagnostic } from './types';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: ApiErrorBody['code'] | 'offline',
    message: string,
    readonly diagnostics: Diagnostic[] = [],
  ) {
    super(message);
  }
}

export const context = {
  language: 'en',
  csrf: '',
  on_unauthorized: () => {},
  offline_message: () => 'The server does not answer.',
};

export type Params = Record<string, string | number | boolean | readonly string[] | null | undefined>;

// A list becomes one comma-separated value, or the parameter again and again when a value holds a comma itself;
// nothing is sent for null, undefined, '' and [].
export function query_string(params: Params): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value) && value.some((one: string) => one.includes(','))) {
      for (const one of value as string[]) search.append(key, one);
      continue;
    }
    const text = Array.isArray(value) ? value.join(',') : String(value);
    if (text !== '') search.set(key, text);
  }
  const text = search.toString();
  return text && `?${text}`;
}

export const api_url = (path: string, params: Params = {}) => `/api/v1${path}${query_string(params)}`;

export function headers(changes: boolean): Record<string, string> {
  const all: Record<string, string> = { 'X-Yagura-Language': context.language };
  if (changes && context.csrf) all['X-Yagura-CSRF'] = context.csrf;
  return all;
}

export async function refusal(response: Response): Promise<ApiError> {
  let body: Partial<ApiErrorBody> = {};
  try {
    body = ((await response.json()) as { error?: ApiErrorBody }).error ?? {};
  } catch {
    // not ours: a proxy's page, or nothing
  }
  if (response.status === 401) context.on_unauthorized();
  return new ApiError(response.status, body.code ?? 'internal', body.message ?? `HTTP ${response.status}`, body.diagnostics ?? []);
}

// fetch that throws ApiError for refusals and for a server that is not there; an abort stays an AbortError.
export async function ask(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, 'offline', context.offline_message());
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const response = await ask(api_url(path, params), { headers: headers(false), signal });
  return (await response.json()) as T;
}

export async function send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const all = headers(true);
  if (body !== undefined) all['Content-Type'] = 'application/json';
  const response = await ask(api_url(path), { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body), signal });
  const text = await response.text();
  return (text ? JSON.parse(text) : {}) as T;
}

export const is_abort = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';
