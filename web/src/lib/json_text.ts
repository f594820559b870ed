// Lays JSON out without parsing it into values, so 64-bit numbers and the order of keys survive.
export interface JsonToken {
  kind: 'key' | 'string' | 'number' | 'word' | 'mark';
  text: string;
}
export interface JsonLine {
  depth: number;
  tokens: JsonToken[];
}

const kToken = /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null)|([{}[\],:]))/sy;
const kDeepest = 200;

// Undefined when the text is not JSON.
export function lay_out(text: string): JsonLine[] | undefined {
  const tokens = tokens_of(text);
  if (!tokens) return undefined;
  const lines: JsonLine[] = [{ depth: 0, tokens: [] }];
  let depth = 0;
  const fresh = () => lines.push({ depth: Math.min(depth, kDeepest), tokens: [] });
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1]?.text;
    const opens = token.kind === 'mark' && (token.text === '{' || token.text === '[');
    const closes = token.kind === 'mark' && (token.text === '}' || token.text === ']');
    const before = tokens[i - 1];
    if (closes) {
      depth -= 1;
      if (before?.text !== '{' && before?.text !== '[') fresh();
    }
    lines.at(-1)!.tokens.push(token);
    if (opens) {
      depth += 1;
      if (next !== '}' && next !== ']') fresh();
    } else if (token.kind === 'mark' && token.text === ',') fresh();
  }
  return depth === 0 ? lines : undefined;
}

function tokens_of(text: string): JsonToken[] | undefined {
  const end = text.trimEnd().length;
  const tokens: JsonToken[] = [];
  kToken.lastIndex = 0;
  while (kToken.lastIndex < end) {
    const found = kToken.exec(text);
    if (!found) return undefined;
    const [, string, number, word, mark] = found;
    if (mark === ':') {
      const key = tokens.at(-1);
      if (key?.kind !== 'string') return undefined;
      key.kind = 'key';
      tokens.push({ kind: 'mark', text: ': ' });
    } else if (string !== undefined) tokens.push({ kind: 'string', text: string });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'mark', text: mark! });
  }
  const first = tokens[0]?.text;
  return first === '{' || first === '[' ? tokens : undefined;
}
