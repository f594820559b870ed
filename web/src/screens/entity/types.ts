import type { Finding, Time } from '../../lib/api/types';
import type { Place } from '../../lib/places.svelte';
import type { EntityKind } from '../../lib/recognise';

export interface Counted {
  value: string;
  count: number;
}
// What it is, how much of it there is, what was found of it.
export interface EntityCard {
  kind: EntityKind;
  value: string;
  is_private?: boolean;
  aws_owned?: boolean;
  place?: Place;
  has_places?: boolean;
  first?: Time;
  last?: Time;
  events: number;
  log_types: { name: string; count: number }[];
  accounts: Counted[];
  findings: Finding[]; // the first of them
  findings_total: number;
  findings_lists: { relation: 'by' | 'about'; total: number; filter: Record<string, string[]> }[]; // asked of /findings they are all of them
}
// What it did, and when.
export interface EntityDeeds {
  kind: EntityKind;
  value: string;
  apis: { name: string; success: number; failed: number }[];
  line: { bucket_seconds: number; starts: Time[]; counts: number[]; failed: number[] };
  regions: Counted[];
  principals: Counted[];
  addresses: Counted[];
  keys: Counted[];
  user_agents: Counted[];
  errors: Counted[];
  notes: string[];
}

// The field that holds each kind in the log types that know it, as filters name it.
export const kFieldOf: Record<EntityKind, string> = {
  address: '@address',
  principal: 'user.name',
  key: 'access_key_id',
  session: 'user_arn',
  role: 'session_issuer_name',
  instance: 'cloud.instance.id',
  bucket: 's3_bucket',
  account: 'cloud.account.id',
  user_agent: 'user_agent.original',
};
