// Texts of logs with which whoever reads them could act as somebody else: session tokens, secret keys,
// passwords, signatures of links. Screens show dots in their place until somebody asks to see them. Key ids
// (AKIA…, ASIA…) are names, not secrets: people look for them.
//
//   is_secret_name('sessionToken')             → true: a value of this name is one as a whole
//   secret_parts('{"sessionToken":"IQoJ…"}')   → [{ text: '{"sessionToken":"', secret: false }, { text: 'IQoJ…', secret: true }, …]
export interface SecretPart {
  text: string;
  secret: boolean;
}

export const kDots = '••••••••';

const kNames =
  /^(?:x?amz)?(?:session|security|signin|access|refresh|id|auth|authorization|bearer|csrf)token$|^(?:aws)?secret(?:access)?key$|^secret(?:string|binary|value)$|^client_?secret(?:value)?$|^(?:master|user|new|old|proposed|previous|temporary|admin|database|db|root)?(?:user)?(?:password|passphrase|passwd)$|^(?:certificate)?privatekey$|^keymaterial$|^plaintext$|^x?apikey$|^(?:proxy)?authorization$|^(?:set)?cookie$|^x?amzsignature$/;

// Names differ in case and joints between services: sessionToken, X-Amz-Security-Token, master_user_password.
export const is_secret_name = (name: string) => kNames.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''));

// What AWS or others hid already needs no hiding, and empty is no secret.
const kHidden = /^(?:|\*+|HIDDEN.*|.*REDACTED.*|null)$/i;
export const is_hidden_already = (value: string) => kHidden.test(value);

const kSomewhere = /token|secret|passw|passphrase|private|keymaterial|plaintext|api-?_?key|authorization|cookie|signature|bearer|eyJ|IQoJ|F[wQ]oG|AQoD|BEGIN/i;
// Each with what stands before the secret, and the secret.
const kForms: { form: RegExp; applies?: (name: string) => boolean }[] = [
  { form: /("(?<name>[\w .-]{2,40})"\s*:\s*")(?<secret>(?:[^"\\]|\\.)+)/g, applies: is_secret_name },
  { form: /([?&](?:X-Amz-(?:Security-Token|Signature)|Signature|sig|access_token|id_token|refresh_token|password|secret)=)(?<secret>[^&\s"'<>]+)/gi },
  { form: /(\b(?:Bearer|Basic)\s+)(?<secret>[A-Za-z0-9._~+/=-]{12,})/g },
  { form: /()(?<secret>\b(?:IQoJ|F[wQ]oG|AQoD)[A-Za-z0-9+/=]{60,})/g },
  { form: /()(?<secret>\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})/g },
  { form: /(-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----)(?<secret>[^-]{20,})/g },
];

export function secret_parts(text: string): SecretPart[] {
  if (!kSomewhere.test(text)) return [{ text, secret: false }];
  const spans: { from: number; to: number }[] = [];
  for (const { form, applies } of kForms) {
    for (const found of text.matchAll(form)) {
      const { name, secret } = found.groups as { name?: string; secret: string };
      if ((applies && !applies(name!)) || is_hidden_already(secret)) continue;
      const from = found.index + found[1]!.length;
      spans.push({ from, to: from + secret.length });
    }
  }
  spans.sort((a, b) => a.from - b.from);
  const parts: SecretPart[] = [];
  let at = 0;
  for (const { from, to } of spans) {
    if (to <= at) continue; // inside one that is hidden already
    const start = Math.max(from, at);
    if (start > at) parts.push({ text: text.slice(at, start), secret: false });
    parts.push({ text: text.slice(start, to), secret: true });
    at = to;
  }
  if (at < text.length || !parts.length) parts.push({ text: text.slice(at), secret: false });
  return parts;
}

export const without_secrets = (text: string) => secret_parts(text).map((part) => (part.secret ? kDots : part.text)).join('');
