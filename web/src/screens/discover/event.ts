// One event, as GET /events answers it, and where one can go from it.
import { kAddress, type Filter } from '../../lib/filters';
import { link } from '../../lib/router.svelte';
import type { EntityKind } from '../../lib/recognise';
import type { Cell, ExplainNode, Level } from '../../lib/api/types';

export interface EventField {
  name: string;
  column: string;
  ecs?: string;
  title: string;
  type: string;
  value: Cell;
}
export interface EventDetail {
  log_type: string;
  time: string;
  object: { id: string; path: string; available: boolean };
  ordinal: number;
  sample: boolean;
  fields: EventField[];
  raw?: string;
  raw_rebuilt: boolean;
  detections: { rule_id: string; title: string; level: Level; author?: string; explain?: ExplainNode }[];
  findings: { id: string; title: string; level: Level; count: number }[];
}

// The fields that name somebody or something with a page of its own.
const kEntities: Record<string, EntityKind> = {
  source_ip: 'address',
  destination_ip: 'address',
  packet_source_ip: 'address',
  packet_destination_ip: 'address',
  principal: 'principal',
  user_arn: 'principal',
  access_key_id: 'key',
  instance_id: 'instance',
  s3_bucket: 'bucket',
  cloud_account_id: 'account',
  user_account_id: 'account',
  user_agent: 'user_agent',
};

export function entity_link(column: string, value: Cell): string | undefined {
  const kind = kEntities[column];
  return kind && value !== null && value !== '' ? link(`/entity/${kind}/${encodeURIComponent(String(value))}`) : undefined;
}

export const event_path = (ptr: string) => `/events/${ptr.split('/').map(encodeURIComponent).join('/')}`;

export const value_of = (event: EventDetail, column: string) => event.fields.find((field) => field.column === column)?.value;

// The pill a value becomes: of an address in a log that knows one end only, either end is meant.
export function filter_field(name: string, is_address: boolean, types: readonly string[]): string {
  return is_address && !(types.length === 1 && types[0] === 'vpc_flow') ? kAddress : name;
}

export const discover_link = (filters: Filter[], params: Record<string, string | null> = {}) =>
  link('/discover', { filters: filters.length ? JSON.stringify(filters) : null, ...params });

export interface Related {
  label: 'same_principal' | 'same_address' | 'same_key' | 'same_object' | 'all_near';
  value: string;
  href: string;
}

// Fifteen minutes either side, everything else forgotten.
export function related(event: EventDetail): Related[] {
  const near = { around: event.time, within: '15m', from: null, to: null, since: null };
  const one = (label: Related['label'], column: string, field: string): Related[] => {
    const value = value_of(event, column);
    if (value === null || value === undefined || value === '') return [];
    return [{ label, value: String(value), href: discover_link([{ field, op: 'is', values: [String(value)] }], near) }];
  };
  return [
    ...one('same_principal', 'principal', 'user.name'),
    ...one('same_address', 'source_ip', kAddress),
    ...one('same_address', 'destination_ip', kAddress),
    ...one('same_key', 'access_key_id', 'access_key_id'),
    ...one('same_object', 'target', 'target'),
    { label: 'all_near', value: '', href: discover_link([], near) },
  ];
}
