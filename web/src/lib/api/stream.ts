// One stream of server-sent events that comes back by itself.
//
//   const close = open_stream({ topics: ['counters'] }, { counters: (c) => … }, (state) => …);
//
// The browser reconnects after a broken line but gives up when the server refuses once; this also comes
// back then, after 1, 2, 4 … 30 seconds. Call close() when the screen is left.
//
// A browser keeps six connections to one place, for all its tabs: a tab that is not looked at gives its
// own back after a while, unless it asked for events, and reopens it when it is looked at again.
import { api_url } from './client';
import type { Cell, Column, Counters, Finding } from './types';

export interface StreamEvents {
  counters: Counters;
  finding: Finding;
  events: { columns: Column[]; rows: Cell[][]; matched: number; dropped: number };
  rules: { loaded: number; mistakes: number };
}
export type StreamState = 'connecting' | 'open' | 'waiting';
type Handlers = { [K in keyof StreamEvents]?: (data: StreamEvents[K]) => void };

const kLongestWait = 30_000;
const kHiddenWait = 20_000;

export function open_stream(
  request: { topics: ('counters' | 'findings' | 'events')[]; filter?: string; types?: string[]; columns?: string[] },
  on: Handlers,
  state: (state: StreamState) => void = () => {},
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = 1000;
  const url = api_url('/stream', { topics: request.topics, filter: request.filter, types: request.types, columns: request.columns });

  const connect = () => {
    clearTimeout(timer);
    state('connecting');
    source = new EventSource(url);
    source.onopen = () => {
      wait = 1000;
      state('open');
    };
    source.onerror = () => {
      source?.close();
      state('waiting');
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, kLongestWait);
    };
    for (const name of Object.keys(on) as (keyof StreamEvents)[]) {
      source.addEventListener(name, (event) => (on[name] as (data: unknown) => void)(JSON.parse((event as MessageEvent<string>).data)));
    }
  };
  let hidden: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(hidden);
    if (!document.hidden) {
      if (!source || source.readyState === EventSource.CLOSED) connect();
    } else if (!request.topics.includes('events')) {
      hidden = setTimeout(() => {
        clearTimeout(timer);
        source?.close();
        state('waiting');
      }, kHiddenWait);
    }
  };
  document.addEventListener('visibilitychange', look);
  connect();
  return () => {
    document.removeEventListener('visibilitychange', look);
    clearTimeout(hidden);
    clearTimeout(timer);
    source?.close();
  };
}
