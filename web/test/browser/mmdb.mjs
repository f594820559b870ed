// A small database in the MaxMind format (IPv4, records of 24 bits), made of { '203.0.113.0/24': { country: … } }.
const sized = (type, size) => [type < 8 ? (type << 5) | Math.min(size, 29) : Math.min(size, 29), ...(type < 8 ? [] : [type - 7]), ...(size < 29 ? [] : [size - 29])];
const number = (value, bytes) => Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) % 256);
function encoded(value) {
  if (typeof value === 'number') return [...sized(6, 4), ...number(value, 4)];
  if (Array.isArray(value)) return [...sized(11, value.length), ...value.flatMap(encoded)];
  if (typeof value === 'object') return [...sized(7, Object.keys(value).length), ...Object.entries(value).flatMap(([key, one]) => [...encoded(key), ...encoded(one)])];
  const bytes = [...Buffer.from(value)];
  return [...sized(2, bytes.length), ...bytes];
}

export function mmdb(type, records) {
  const nodes = [[0, 0]];
  const data = [];
  for (const [cidr, record] of Object.entries(records)) {
    const [address, prefix] = cidr.split('/');
    const bits = address.split('.').map((part) => Number(part).toString(2).padStart(8, '0')).join('').slice(0, Number(prefix));
    let node = 0;
    [...bits].forEach((bit, i) => {
      if (i === bits.length - 1) nodes[node][bit] = -1 - data.length;
      else if (nodes[node][bit] > 0) node = nodes[node][bit];
      else node = nodes[node][bit] = nodes.push([0, 0]) - 1;
    });
    data.push(...encoded(record));
  }
  const child = (to) => number(to > 0 ? to : to === 0 ? nodes.length : nodes.length + 16 - 1 - to, 3);
  const about = { node_count: nodes.length, record_size: 24, ip_version: 4, database_type: type, languages: ['en', 'ja'], binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1790000000, description: { en: 'made for a test' } };
  return Buffer.from([...nodes.flatMap(([left, right]) => [...child(left), ...child(right)]), ...Array(16).fill(0), ...data, 0xab, 0xcd, 0xef, ...Buffer.from('MaxMind.com'), ...encoded(about)]);
}
