// Small things that make work bearable: the sample comes and goes, buckets wait, secrets stay hidden, columns fit,
// what is copied works as pasted, and no screen without logs is a dead end.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessibility, open_desk, picture, program, settled } from './desk.mjs';

let full; // the incident as ordinary logs
let empty;
before(async () => {
  full = await open_desk();
  empty = await open_desk({ with_logs: false });
});
after(async () => {
  await full?.close();
  await empty?.close();
});

test('without logs every screen leads to where they come in', async () => {
  const page = await empty.page('/discover');
  for (const path of ['/discover', '/findings']) {
    await page.goto(path);
    await settled(page);
    await page.getByRole('main').getByRole('link', { name: 'Sources' }).click();
    await page.waitForURL(/\/sources/);
  }
});

test('a bucket is noted for later, corrected, taken away and brought back', async () => {
  const page = await empty.page('/sources');
  await page.getByRole('button', { name: 'Add a bucket' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Bucket' }).fill('s3://Org_Trail/AWSLogs/');
  await dialog.getByRole('textbox', { name: 'Region' }).fill('ap-northeast-1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').getByText(/is no bucket name/).waitFor();
  await dialog.getByRole('textbox', { name: 'Bucket' }).fill('s3://org-trail/AWSLogs/');
  await dialog.getByRole('textbox', { name: 'Role ARN' }).fill('arn:aws:iam::111122223333:role/log-reader');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('region', { name: 'Buckets waiting for the S3 collector' }).locator('tbody tr');
  await row.getByText('Not read yet').waitFor();
  assert.match(await row.innerText(), /org-trail\s+AWSLogs\/\s+ap-northeast-1\s+arn:aws:iam/);
  await page.reload();
  await row.getByRole('button', { name: 'Change the bucket' }).click();
  await dialog.getByRole('textbox', { name: 'Region' }).fill('eu-west-1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row.getByText('eu-west-1').waitFor();
  await picture(page, 'sources-bucket-en-light');
  assert.deepEqual(await accessibility(page), []);
  await row.getByRole('button', { name: 'Remove org-trail' }).click();
  await row.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await row.getByText('eu-west-1').waitFor();
});

const kToken = `IQoJb3JpZ2luX2Vj${'A1b2C3d4'.repeat(20)}==`;
const record = {
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/mika', accountId: '111122223333', userName: 'mika' },
  eventTime: '2026-11-22T03:04:05Z',
  eventSource: 'sts.amazonaws.com',
  eventName: 'GetSessionToken',
  awsRegion: 'us-east-1',
  sourceIPAddress: '198.51.100.9',
  userAgent: `aws-cli/2.15 https://x.example/?X-Amz-Security-Token=${encodeURIComponent(kToken)}&a=1`,
  responseElements: { credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE01', sessionToken: kToken, expiration: 'Nov 22, 2026, 4:04:05 AM' } },
  eventID: '30000000-0000-4000-8000-000000000001',
  recipientAccountId: '111122223333',
};

test('a session token is hidden wherever it stands, until somebody asks for it', async () => {
  writeFileSync(join(empty.folder, 'secret.part'), JSON.stringify({ Records: [record] }));
  renameSync(join(empty.folder, 'secret.part'), join(empty.watched, 'secret.json'));
  const page = await empty.page('/discover?types=cloudtrail&columns=responseElements,user_agent.original');
  for (let i = 0; i < 60 && !(await page.locator('tbody tr[data-index]').count()); i += 1) {
    await page.waitForTimeout(500);
    await page.reload();
    await settled(page);
  }
  const shown = () => page.evaluate((token) => document.body.textContent.includes(token.slice(0, 40)), kToken);
  await page.locator('tbody tr[data-index] td:nth-child(2)').first().click();
  const panel = page.getByRole('complementary', { name: 'Event' });
  await panel.getByText('GetSessionToken').first().waitFor();
  assert.equal(await shown(), false, 'in the fields or the table');
  await panel.getByRole('tab', { name: 'Raw' }).click();
  await panel.getByText('ASIAEXAMPLEEXAMPLE01').waitFor();
  assert.equal(await shown(), false, 'in the raw record');
  await panel.getByRole('button', { name: 'Copy', exact: true }).first().click();
  assert.doesNotMatch(await page.evaluate(() => navigator.clipboard.readText()), /IQoJb3JpZ2luX2Vj/);
  assert.deepEqual(await accessibility(page), []);
  await panel.getByRole('button', { name: 'Hidden: a secret. Show it' }).last().click();
  assert.equal(await shown(), true);
});

test('the sample is marked on every screen, and one click removes it', async () => {
  const page = await empty.page('/setup');
  await page.getByRole('button', { name: 'Load the sample' }).click();
  const mark = page.getByRole('banner').getByRole('button', { name: '[SAMPLE]' });
  await mark.waitFor({ timeout: 60_000 });
  await page.goto('/findings');
  await settled(page);
  assert.ok((await page.locator('tbody tr').filter({ hasText: '[SAMPLE]' }).count()) > 10);
  await picture(page, 'findings-sample-en-light');
  await page.goto('/discover?types=guardduty');
  await settled(page);
  await page.locator('tbody tr[data-index] td:nth-child(2)').first().click();
  await page.getByRole('complementary', { name: 'Event' }).getByText('[SAMPLE]').waitFor();
  await page.keyboard.press('Escape');
  await mark.click();
  await page.getByRole('button', { name: 'Remove the sample' }).click();
  await mark.waitFor({ state: 'detached' });
  await page.goto('/findings?status=all');
  await settled(page);
  assert.equal(await page.locator('tbody tr').filter({ hasText: '[SAMPLE]' }).count(), 0);
});

test('a page at rest asks for nothing', async () => {
  const page = await full.page('/sources');
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.waitForTimeout(2500);
  assert.deepEqual(asked.filter((url) => url.includes('/api/') && !url.includes('/stream')), []);
});

test('the usual columns fit a window of 1440 pixels', async () => {
  const page = await full.page('/discover');
  for (const types of ['', 'cloudtrail', 'guardduty']) {
    await page.goto(`/discover?types=${types}`);
    await settled(page);
    const [needed, there] = await page.locator('.rows .scroller').evaluate((box) => [box.scrollWidth, box.clientWidth]);
    assert.ok(needed <= there, `${types || 'all logs'}: ${needed} of ${there} pixels`);
  }
});

test('the command line that is copied answers as pasted', async () => {
  const page = await full.page('/discover?types=guardduty&q=' + encodeURIComponent("severity > 1 and type like /EC2|IAM/ and not (type = \"it's\")"));
  const rows = await page.locator('tbody tr[data-index]').count();
  await page.getByRole('button', { name: 'Export' }).click();
  await page.locator('[role^=menuitem]').filter({ hasText: 'Command line' }).click();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  symlinkSync(program, join(full.folder, 'yagura'));
  const said = execFileSync('bash', ['-c', `${line} -f csv`], { encoding: 'utf8', env: { ...process.env, PATH: `${full.folder}:${process.env.PATH}` }, stdio: ['ignore', 'pipe', 'ignore'] });
  assert.equal(said.trim().split('\n').length - 1, rows);
  await page.getByRole('button', { name: 'Export' }).click();
  await page.locator('[role^=menuitem]').filter({ hasText: 'API call' }).click();
  const call = await page.evaluate(() => navigator.clipboard.readText());
  const answer = execFileSync('bash', ['-c', `${call} -s`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  assert.equal(JSON.parse(answer.trim().split('\n').at(-1)).done.rows, rows);
});

test('the findings of an entity are counted as they are listed', async () => {
  const page = await full.page('/entity/address/203.0.113.77');
  const link = page.getByRole('main').getByRole('link', { name: /findings of what it did/ });
  const said = Number(/\d+/.exec(await link.innerText())[0]);
  await link.click();
  await page.waitForURL(/\/findings\?.*source_ip=/);
  await page.getByText(`${said} findings`, { exact: true }).waitFor();
});

test('what is new since the last visit can be listed by what makes it new', async () => {
  const page = await full.page('/findings?new=rule&status=new,acknowledged,closed');
  await page.getByText('Of rules hit for the first time since your last visit').waitFor();
  await page.getByText('0 findings', { exact: true }).waitFor();
});

test('a window with little room keeps what a table is for', async () => {
  const page = await full.page('/findings', { viewport: { width: 1024, height: 800 } });
  await page.locator('tbody tr').first().waitFor();
  for (const name of ['Severity', 'Type', 'Principal', 'Source IP', 'Events', 'Last (UTC)']) {
    const box = await page.getByRole('columnheader', { name }).boundingBox();
    assert.ok(box && box.x + box.width <= 1024, `${name} is out of sight`);
  }
  const rail = await page.getByRole('navigation', { name: 'Screens' }).boundingBox();
  assert.ok(rail.width < 60);
  // Whoever chooses the columns gets what they chose, here and on the next visit.
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.locator('[role^=menuitem]').filter({ hasText: 'Account' }).click();
  await page.getByRole('columnheader', { name: 'Account' }).waitFor();
  await page.reload();
  await page.getByRole('columnheader', { name: 'Account' }).waitFor();
});

test('a number of an answer stands beside what it counts', async () => {
  const page = await full.page('/query?q=stats%20count(*)%20as%20n%20by%20eventSource');
  const head = page.getByRole('columnheader', { name: 'n', exact: true });
  await head.waitFor();
  const box = await head.boundingBox();
  const table = await page.locator('.answer').boundingBox();
  assert.ok(box.x + box.width < table.x + table.width / 2, 'far from its row');
});

test('language, theme and time zone are under settings, also before there are people', async () => {
  const page = await full.page('/settings');
  await page.getByRole('link', { name: 'Choose an administrator password' }).waitFor();
  await page.getByRole('main').getByLabel('Time zone').selectOption('jst');
  await page.getByRole('main').getByLabel('Language').selectOption('ja');
  await page.getByRole('heading', { name: '言語と外観' }).waitFor();
  await page.goto('/findings');
  await page.getByRole('columnheader', { name: /JST/ }).first().waitFor();
});
