// Two people: what a viewer of one account sees is not what an administrator sees.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open_desk, settled } from './desk.mjs';

let desk;
let admin;
let account;
const kPassword = 'a tower over the sea';
before(async () => (desk = await open_desk()));
after(() => desk?.close());

test('the first password is set on the first run, and asks to sign in from then on', async () => {
  admin = await desk.person();
  const page = await desk.page('/setup', { context: admin });
  const form = page.locator('form').filter({ hasText: 'Set the password' });
  await form.getByLabel('Name').fill('mika');
  await form.getByLabel('Password', { exact: false }).first().fill(kPassword);
  await form.getByLabel('The same again').fill(kPassword);
  await form.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('There is an administrator').first().waitFor();
  const stranger = await desk.page('/findings');
  await stranger.getByRole('button', { name: 'Log in' }).waitFor();
  assert.equal(await stranger.locator('tbody tr').count(), 0);
});

test('a viewer of one account is made', async () => {
  const page = await desk.page('/settings/people', { context: admin });
  const lake = await page.evaluate(() => fetch('/api/v1/lake').then((answer) => answer.json()));
  account = lake.accounts[0].id;
  assert.ok(lake.accounts.length > 1);
  await page.getByRole('button', { name: 'Add a person' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('ken');
  await dialog.getByLabel('Password').fill('correct horse battery');
  await dialog.getByLabel('Sees the accounts').fill(account);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('cell', { name: 'ken', exact: true }).waitFor();
});

test('the viewer sees that account only, and no button that changes anything', async () => {
  const context = await desk.person();
  const page = await desk.page('/findings', { context });
  await page.getByLabel('Name').fill('ken');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('tbody tr').first().waitFor();
  await settled(page);
  assert.match(page.url(), /\/findings/);
  const found = await page.evaluate(() => fetch('/api/v1/findings?limit=1000&status=new,acknowledged,closed,suppressed').then((answer) => answer.json()));
  assert.ok(found.items.length > 0);
  for (const finding of found.items) assert.equal(finding.account, account);
  const lake = await page.evaluate(() => fetch('/api/v1/lake').then((answer) => answer.json()));
  assert.deepEqual(lake.accounts.map(({ id }) => id), [account]);
  const refused = await page.evaluate(() => fetch('/api/v1/users').then((answer) => answer.status));
  assert.equal(refused, 403);
  await page.goto('/rules');
  await settled(page);
  assert.equal(await page.getByRole('link', { name: 'New rule' }).count(), 0);
  await page.goto('/settings/people');
  await settled(page);
  assert.equal(await page.getByRole('tab', { name: 'People' }).count(), 0);
});

test('what was done stands in the audit log, whose chain is whole', async () => {
  const page = await desk.page('/settings/audit', { context: admin });
  await page.getByText('The log is whole').waitFor();
  await page.getByRole('cell', { name: 'ken' }).first().waitFor();
});
