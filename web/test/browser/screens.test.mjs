// Every screen in both languages and both themes: no serious finding of axe, no horizontal overflow, a picture to look at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibility, open_desk, picture, settled } from './desk.mjs';

const kScreens = {
  overview: '/',
  discover: '/discover',
  discover_cloudtrail: '/discover?types=cloudtrail&by=level',
  live: '/live',
  query: '/query',
  query_answer: '/query?q=' + encodeURIComponent('stats count(*) as n by bin(6h), @log'),
  entity: '/entity/address/203.0.113.77',
  findings: '/findings',
  rules: '/rules',
  rule_new: '/rules/new',
  exceptions: '/rules?tab=exceptions',
  sources: '/sources',
  docs: '/docs',
  docs_language: '/docs?tab=language',
  settings: '/settings/accounts',
  setup: '/setup',
  nowhere: '/nowhere',
};
let desk;
before(async () => (desk = await open_desk()));
after(() => desk?.close());

for (const [language, theme] of [['en', 'light'], ['ja', 'dark'], ['en', 'dark'], ['ja', 'light']]) {
  test(`every screen, ${language}, ${theme}`, async () => {
    const page = await desk.page('/', { language, theme });
    const problems = [];
    for (const [name, path] of Object.entries(kScreens)) {
      await page.goto(path);
      await settled(page);
      await page.waitForTimeout(250); // charts and editors draw after the data is there
      await picture(page, `${name}-${language}-${theme}`);
      for (const problem of await accessibility(page)) problems.push(`${name}: ${problem}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 1) problems.push(`${name}: ${overflow} px wider than the window`);
    }
    assert.deepEqual(problems, []);
  });
}

test('details, in pictures: an event, a finding, a rule', async () => {
  for (const [language, theme] of [['en', 'light'], ['ja', 'dark']]) {
    const page = await desk.page('/discover?types=cloudtrail', { language, theme });
    const problems = [];
    const look = async (name) => {
      await settled(page);
      await page.waitForTimeout(250);
      await picture(page, `${name}-${language}-${theme}`);
      for (const problem of await accessibility(page)) problems.push(`${name}: ${problem}`);
    };
    await page.locator('tbody tr:nth-child(4) td:nth-child(2)').click();
    await look('event');
    await page.goto('/findings');
    await page.locator('tbody tr td:nth-child(3)').first().click();
    await look('finding');
    await page.goto('/rules');
    await page.locator('tbody a[href^="/rules/"]').first().click();
    await page.waitForURL(/\/rules\/./);
    await look('rule');
    assert.deepEqual(problems, []);
  }
});

test('twice as large, nothing is lost: 200 % zoom of a small window', async () => {
  const page = await desk.page('/', { viewport: { width: 720, height: 450 } });
  for (const [name, path] of Object.entries(kScreens)) {
    await page.goto(path);
    await settled(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 1, `${name}: ${overflow} px wider than the window`);
  }
});
