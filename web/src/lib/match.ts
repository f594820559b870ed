// The named parts of a path: match('/entity/:kind/:value', '/entity/address/1.2.3.4'). A part ending in ? may be missing.
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/').filter(Boolean);
  const found = path.split('/').filter(Boolean);
  if (found.length > wanted.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const name = part.replace(/^:|\?$/g, '');
    const value = found[i];
    if (value === undefined) {
      if (!part.endsWith('?')) return undefined;
    } else if (part.startsWith(':')) {
      parts[name] = decode(value);
    } else if (name !== value) return undefined;
  }
  return parts;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
