// What Discover shows, as it stands in the address.
import { is_filters, type Filter } from '../../lib/filters';
import { flag, json, list, one_of, text } from '../../lib/url_codec';

export const spec = {
  types: list(), // log types; none: all
  q: text(), // what was typed
  filters: json<Filter[]>([], is_filters),
  pins: json<Filter[]>([], is_filters), // filters that travel with every link
  columns: list(), // none: those that suit the log types
  order: one_of(['newest', 'oldest'] as const, 'newest'),
  by: one_of(['auto', 'level', 'none'] as const, 'auto'), // what the bars are stacked by
  bare: flag(), // without the list of fields
  open: text(), // the event shown: object/ordinal
};

const kUsual: Record<string, string[]> = {
  cloudtrail: ['event.action', 'user.name', 'source.ip', 'error_code', 'target', 'cloud.account.id', 'cloud.region'],
  vpc_flow: ['source.ip', 'source.port', 'destination.ip', 'destination.port', 'network.iana_number', 'event.action', 'network.bytes', 'cloud.account.id'],
  guardduty: ['event.action', 'user.name', 'source.ip', 'severity', 'cloud.account.id', 'cloud.region'],
};
const kEverywhere = ['event.action', 'user.name', 'source.ip', 'destination.ip', 'cloud.account.id', 'cloud.region'];

export const usual_columns = (types: readonly string[]): string[] => (types.length === 1 && kUsual[types[0]!]) || kEverywhere;
export const kAccountColumn = 'cloud.account.id'; // says nothing where there is only one

// What the values of a field usually need, in pixels; who they are and what they touched gets what is left.
const kWidths: Record<string, { width: number; grow?: number }> = {
  'event.action': { width: 144, grow: 2 },
  'user.name': { width: 154, grow: 3 },
  'source.ip': { width: 124, grow: 1 },
  'destination.ip': { width: 124, grow: 1 },
  error_code: { width: 96, grow: 1 },
  target: { width: 118, grow: 3 },
  'cloud.account.id': { width: 114 },
  'cloud.region': { width: 112 },
  'source.port': { width: 84 },
  'destination.port': { width: 84 },
  'network.iana_number': { width: 84 },
  'network.bytes': { width: 92 },
  severity: { width: 84 },
};
export const column_width = (name: string) => kWidths[name] ?? { width: 150, grow: 1 };
export const kLevelWidth = 54;
export const kTimeWidth = 148;

// Columns every row is asked for: they say what it is and where it came from.
export const kRowColumns = ['@timestamp', '@log', 'object_id', 'ordinal', 'detection_level'];
