// What a piece of text is, going by its shape: an address, an access key, an ARN, … or just words.
import { parse_moment } from './time_text';
import type { Zone } from './zone';

export type EntityKind = 'address' | 'principal' | 'key' | 'session' | 'role' | 'instance' | 'bucket' | 'account' | 'user_agent';
export const entity_kinds: readonly EntityKind[] = ['address', 'principal', 'key', 'session', 'role', 'instance', 'bucket', 'account', 'user_agent'];
export type Recognised = { kind: EntityKind | 'text'; value: string } | { kind: 'time'; at: number };

const kOctet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const kShapes: [EntityKind, RegExp][] = [
  ['address', new RegExp(`^${kOctet}(?:\\.${kOctet}){3}$`)],
  ['address', /^(?=.*:.*:)[0-9a-f:]{3,39}$/i],
  ['key', /^(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{12,124}$/],
  ['instance', /^i-[0-9a-f]{8,17}$/],
  ['session', /^arn:aws[\w-]*:sts::\d{12}:assumed-role\/.+/],
  ['bucket', /^(?:arn:aws[\w-]*:s3:::|s3:\/\/)([^/\s]+)/],
  ['role', /^arn:aws[\w-]*:iam::\d{12}:role\/(?:[^\s/]+\/)*([^\s/]+)$/],
  ['principal', /^arn:aws[\w-]*:(?:iam|sts)::\S+/],
  ['account', /^\d{12}$/],
];

export const is_address = (text: string) => kShapes.some(([kind, shape]) => kind === 'address' && shape.test(text));

export function recognise(text: string, zone: Zone, now: number): Recognised | undefined {
  const value = text.trim();
  if (!value) return undefined;
  for (const [kind, shape] of kShapes) {
    const found = shape.exec(value);
    if (found) return { kind, value: found[1] ?? value };
  }
  const at = /[-/:年]/.test(value) || /^\d{13,}$/.test(value) ? parse_moment(value, zone, now) : undefined;
  return at === undefined ? { kind: 'text', value } : { kind: 'time', at };
}
