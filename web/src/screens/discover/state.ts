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

export const usual_columns = (types: readonly string[]) => (types.length === 1 && kUsual[types[0]!]) || kEverywhere;

// Columns every row is asked for: they say what it is and where it came from.
export const kRowColumns = ['@timestamp', '@log', 'object_id', 'ordinal', 'detection_level'];
