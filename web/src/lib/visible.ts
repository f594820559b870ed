// Log values are strangers' text. Control characters, bidirectional marks and other invisible ones would
// change how the rest of the line looks, so each is told apart and shown as its code.
export interface TextPart {
  text: string;
  hidden: boolean; // the text is the code of a character that cannot be seen, such as U+202E
}

// C0 and C1 but not newline and tab; soft hyphen; bidi marks; zero-width; line separators; BOM; tags; unpaired surrogates.
const kHidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

export function visible_parts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let last = 0;
  for (const found of text.matchAll(kHidden)) {
    if (found.index > last) parts.push({ text: text.slice(last, found.index), hidden: false });
    parts.push({ text: `U+${found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`, hidden: true });
    last = found.index + found[0].length;
  }
  if (last < text.length) parts.push({ text: text.slice(last), hidden: false });
  return parts;
}

// For places that take text only (titles, tooltips, charts): hidden characters in brackets.
export const visible_text = (text: string) => visible_parts(text).map((part) => (part.hidden ? `[${part.text}]` : part.text)).join('');

// At most `length` characters, never half a surrogate pair.
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const code = text.charCodeAt(length - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length);
}
