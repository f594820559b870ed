// What attackers write into logs, on every screen: no script runs, nothing breaks the policy, the layout holds.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { open_desk, picture, root, settled } from './desk.mjs';

const kOwn = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '<svg onload=alert(1)>',
  'javascript:alert(1)',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '</textarea><iframe srcdoc="<script>alert(1)</script>">',
  '\u202egnp.exe',
  '\u2066\u2067right to left\u2069',
  'a\u0000b\u0001c\u001b[31mred\u0007',
  'zero\u200bwidth\ufeff',
  '=cmd|calc!A1',
  '%00%0d%0aSet-Cookie: a=b',
  '𝕿𝖍𝖊 👩‍👩‍👧 𐀀',
];
const kLists = join(process.env.YAGURA_SHARED ?? join(root, '../shared'), 'data/waf');
const kMost = 400; // of the public lists; beyond, the test only gets slower
const kMegabyte = 'W'.repeat(1_000_000);

// Every line of the public lists, when they are beside the project.
function public_lists() {
  if (!existsSync(kLists)) return [];
  const lines = [];
  const visit = (folder) => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) visit(path);
      else if (/xss/i.test(path) && /\.(txt|lst|list|json|csv)$/.test(name)) lines.push(...readFileSync(path, 'utf8').split('\n').filter((line) => line.trim() && line.length < 4000));
    }
  };
  visit(kLists);
  const step = Math.max(1, Math.floor(lines.length / kMost));
  return lines.filter((_, i) => i % step === 0);
}

const record = (text, i) => ({
  eventVersion: '1.08',
  userIdentity: { type: 'AssumedRole', principalId: `AROAEXAMPLE:${text}`, arn: `arn:aws:sts::111122223333:assumed-role/role/${text}`, accountId: '111122223333', accessKeyId: `ASIA${text}`, userName: text },
  eventTime: new Date(Date.now() - i * 1000).toISOString().replace(/\.\d+/, ''),
  eventSource: 'iam.amazonaws.com',
  eventName: i % 3 ? 'CreateAccessKey' : text,
  awsRegion: i % 5 ? 'us-east-1' : text,
  sourceIPAddress: i % 2 ? text : '198.51.100.7',
  userAgent: text,
  errorCode: i % 4 ? undefined : text,
  errorMessage: text,
  requestParameters: { userName: text, bucketName: text, key: text },
  eventID: `20000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: i % 7 ? '111122223333' : '444455556666',
  eventCategory: 'Management',
});

let desk;
const texts = [...kOwn, ...public_lists()];
before(async () => (desk = await open_desk({ with_logs: false })));
after(() => desk?.close());

test('hostile values are text and nothing else', async (about) => {
  if (texts.length === kOwn.length) about.diagnostic('the public lists are not beside the project; our own are used');
  writeFileSync(join(desk.watched, 'hostile.json'), JSON.stringify({ Records: [...texts, kMegabyte].map(record) }));
  writeFileSync(join(desk.watched, '<img src=x onerror=alert(1)>.json'), '{"Records":[{"eventVersion": "<script>alert(1)</script>');
  const page = await desk.page('/discover?types=cloudtrail');
  await page.waitForFunction((n) => fetch('/api/v1/lake').then((answer) => answer.json()).then((lake) => lake.rows >= n), texts.length, { polling: 500 });

  const query = encodeURIComponent('fields @timestamp, userAgent, userIdentity.userName, eventName, sourceIPAddress, errorMessage | limit 500');
  const screens = [
    '/', '/findings?status=all', '/sources', '/live', '/rules', '/settings/accounts',
    '/discover?types=cloudtrail', '/discover?types=cloudtrail&columns=user_agent.original,event.action,source.ip,user.name,error_code,target',
    `/query?q=${query}`, `/query?q=${encodeURIComponent('stats count(*) as n by userAgent')}&view=chart`,
    ...kOwn.slice(0, 6).flatMap((text) => [`/entity/principal/${encodeURIComponent(text)}`, `/discover?q=${encodeURIComponent(text)}`, `/discover?filters=${encodeURIComponent(JSON.stringify([{ field: 'user_agent.original', op: 'is', values: [text] }]))}`, `/findings?text=${encodeURIComponent(text)}`, `/rules?text=${encodeURIComponent(text)}`, `/nowhere/${encodeURIComponent(text)}`]),
    `/discover?filters=${encodeURIComponent('<script>')}&types=${encodeURIComponent('<img>')}&open=${encodeURIComponent('"><svg onload=alert(1)>')}`,
  ];
  for (const [i, path] of screens.entries()) {
    await page.goto(path);
    await settled(page).catch(() => assert.fail(`${path} does not settle`));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 1, `${path}: ${overflow} px wider than the window`);
    if (i < 10) await picture(page, `hostile-${i}`);
  }
  // Each event's panel, its raw bytes and its reasons; the megabyte is the last.
  await page.goto('/discover?types=cloudtrail');
  await settled(page);
  const { csrf } = await page.evaluate(() => fetch('/api/v1/session').then((answer) => answer.json()));
  const pointers = await page.evaluate((csrf) => fetch('/api/v1/query', { method: 'POST', headers: { 'x-yagura-csrf': csrf }, body: JSON.stringify({ query: 'fields object_id, ordinal | sort @timestamp desc | limit 1000' }) }).then((answer) => answer.text()), csrf);
  const rows = pointers.split('\n').filter(Boolean).flatMap((line) => JSON.parse(line).rows ?? []);
  assert.ok(rows.length > kOwn.length);
  const looked = [...rows.slice(0, 25), rows.at(-1)];
  for (const [object, ordinal] of looked) {
    await page.goto(`/discover?types=cloudtrail&open=${object}/${ordinal}`);
    await settled(page);
    for (const tab of ['Raw', 'Why matched', 'Related']) await page.getByRole('complementary', { name: 'Event' }).getByRole('tab', { name: new RegExp(tab) }).click();
  }
  assert.deepEqual(desk.complaints, []);
});
