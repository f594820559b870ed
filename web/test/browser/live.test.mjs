// What lands in a watched folder is on the screen; a rule written in the console finds it.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { open_desk, settled } from './desk.mjs';

let desk;
before(async () => (desk = await open_desk({ with_logs: false })));
after(() => desk?.close());

const record = (id, name, more = {}) => ({
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', principalId: 'AIDAEXAMPLE', arn: 'arn:aws:iam::111122223333:user/mika', accountId: '111122223333', userName: 'mika' },
  eventTime: new Date().toISOString().replace(/\.\d+/, ''),
  eventSource: 'iam.amazonaws.com',
  eventName: name,
  awsRegion: 'ap-northeast-1',
  sourceIPAddress: '198.51.100.9',
  userAgent: 'aws-cli/2.15',
  requestID: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  eventID: `10000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  readOnly: true,
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: '111122223333',
  eventCategory: 'Management',
  ...more,
});
function drop(name, records) {
  const aside = join(desk.folder, `${name}.part`);
  writeFileSync(aside, JSON.stringify({ Records: records }));
  renameSync(aside, join(desk.watched, name));
}

test('an event appears in the live tail, and pausing holds it back', async () => {
  const page = await desk.page('/live');
  await page.locator('.state.open').waitFor();
  drop('one.json', [record(1, 'ListUsers')]);
  await page.locator('tbody tr').filter({ hasText: 'ListUsers' }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  drop('two.json', [record(2, 'ListRoles')]);
  await page.getByText(/Paused; 1 event/).waitFor();
  assert.equal(await page.locator('tbody tr').filter({ hasText: 'ListRoles' }).count(), 0);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator('tbody tr').filter({ hasText: 'ListRoles' }).waitFor();
});

test('a filtered tail shows what meets the filter only', async () => {
  const page = await desk.page('/live?q=' + encodeURIComponent('eventName = "GetUser"'));
  await page.locator('.state.open').waitFor();
  drop('three.json', [record(3, 'ListGroups'), record(4, 'GetUser')]);
  await page.locator('tbody tr').filter({ hasText: 'GetUser' }).waitFor();
  assert.equal(await page.locator('tbody tr').filter({ hasText: 'ListGroups' }).count(), 0);
});

const kRule = `title: Somebody asked for the tower
id: 7d4a2c1e-0000-4000-8000-0000000000aa
status: experimental
description: A call nobody makes.
author: Test
date: 2026-11-22
tags:
    - attack.discovery
logsource:
    product: aws
    service: cloudtrail
detection:
    selection:
        eventName: AskForTheTower
    condition: selection
falsepositives:
    - None
level: high
`;

test('a rule written here becomes a finding with the next event', async () => {
  const page = await desk.page('/rules/new');
  const editor = page.getByRole('textbox', { name: 'Text of the rule' });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.evaluate((text) => navigator.clipboard.writeText(text), kRule);
  await page.keyboard.press('Control+v');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/rules\/7d4a2c1e/);
  await page.getByRole('heading', { name: 'Somebody asked for the tower' }).waitFor();
  // Rules are taken up between two files; a later file is asked by the new rule.
  for (let id = 100; id < 130; ++id) {
    drop(`ask-${id}.json`, [record(id, 'AskForTheTower')]);
    await page.goto('/findings?status=all');
    await settled(page);
    if (await page.locator('tbody tr').filter({ hasText: 'Somebody asked for the tower' }).count()) return;
    await page.waitForTimeout(500);
  }
  assert.fail('no finding of the new rule');
});

test('a mistake in a rule is marked with line and column and cannot be saved', async () => {
  const page = await desk.page('/rules/7d4a2c1e-0000-4000-8000-0000000000aa');
  const editor = page.getByRole('textbox', { name: 'Text of the rule' });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.evaluate((text) => navigator.clipboard.writeText(text), kRule.replace('eventName:', 'eventName|containz:'));
  await page.keyboard.press('Control+v');
  await page.getByText(/containz/).last().waitFor();
  await page.getByText(/1 mistake/).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
});
