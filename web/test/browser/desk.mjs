// What every browser test works with: a real server over a real lake, and a browser that notices everything.
//
//   const desk = await open_desk();                       // server + Chromium
//   const page = await desk.page('/discover', { language: 'ja', theme: 'dark' });
//   await desk.close();                                   // fails when a page broke the policy or threw
//
// The lake is that of `yagura simulate key-leak`, made once a run and copied for each test file. Everything
// listens on loopback with a port of the system's choice.
import { spawn, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, '../../..');
export const program = resolve(process.env.YAGURA_PROGRAM ?? join(root, 'build/yagura'));
export const pictures = resolve(process.env.YAGURA_PICTURES ?? join(root, 'build/screens'));
const kBrowser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const kFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const kPatience_ms = 30_000;

export const run = (...words) => execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

// The incident's logs and a lake of them, made by whichever test file comes first after the program was built.
export function incident() {
  const kept = join(dirname(pictures), `browser-incident-${Math.floor(statSync(program).mtimeMs)}`);
  mkdirSync(dirname(pictures), { recursive: true });
  if (!existsSync(kept)) {
    const making = mkdtempSync(`${kept}.`);
    run('simulate', 'key-leak', '--seed', '7', '-o', join(making, 'sample'));
    run('ingest', join(making, 'sample/logs'), '--lake', join(making, 'lake'));
    try {
      renameSync(making, kept);
    } catch {
      rmSync(making, { recursive: true }); // another test file was faster
    }
  }
  return { logs: join(kept, 'sample/logs'), lake: join(kept, 'lake') };
}

// Starts `yagura serve`; resolves with its address once it listens.
export async function serve(lake, options = []) {
  const child = spawn(program, ['serve', '--lake', lake, '--listen', '127.0.0.1:0', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const address = await new Promise((done, failed) => {
    const look = (bytes) => {
      said += bytes;
      const found = /https?:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) done(found[0]);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => failed(new Error(`serve ended with ${code}\n${said}`)));
    setTimeout(() => failed(new Error(`serve does not say where it listens\n${said}`)), kPatience_ms).unref();
  });
  const stop = () =>
    new Promise((done) => {
      child.removeAllListeners('exit');
      child.on('exit', (code) => done({ code, said }));
      child.kill('SIGTERM');
    });
  return { address, stop, said: () => said };
}

export async function open_desk({ with_logs = true, options = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'yagura-browser-'));
  const lake = join(folder, 'lake');
  const watched = join(folder, 'watched');
  mkdirSync(watched);
  if (with_logs) cpSync(incident().lake, lake, { recursive: true });
  const server = await serve(lake, ['--watch', watched, ...options]);
  const browser = await chromium.launch({ executablePath: kBrowser, args: kFlags });
  const complaints = [];

  // A context is one person's browser: own cookies, own storage.
  async function person({ language = 'en', theme = 'light', viewport = { width: 1440, height: 900 }, zone = 'utc' } = {}) {
    const context = await browser.newContext({ viewport, colorScheme: theme, locale: language === 'ja' ? 'ja-JP' : 'en-GB', timezoneId: 'Asia/Tokyo', baseURL: server.address });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await context.addInitScript(
      ([kept]) => {
        if (!localStorage.getItem('yagura.preferences')) localStorage.setItem('yagura.preferences', kept);
        document.addEventListener('securitypolicyviolation', (event) => console.error(`POLICY ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
      },
      [JSON.stringify({ language, theme, zone })],
    );
    context.setDefaultTimeout(kPatience_ms);
    return context;
  }
  async function watch(page) {
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // A refused request is said by the screen itself; the browser's own line about it is not a fault of the page.
      if (message.type() === 'error' && !/^Failed to load resource/.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on('dialog', (dialog) => {
      complaints.push(`${page.url()}: a script opened a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }
  async function page(path = '/', choices = {}) {
    const opened = await (choices.context ?? (await person(choices))).newPage();
    await watch(opened);
    await opened.goto(path);
    await settled(opened);
    return opened;
  }
  async function close() {
    await browser.close();
    const ended = await server.stop();
    rmSync(folder, { recursive: true, force: true });
    if (complaints.length) throw new Error(`pages complained:\n${complaints.join('\n')}`);
    if (ended.code !== 0 && ended.code !== 130) throw new Error(`serve ended with ${ended.code}\n${ended.said}`);
  }
  return { server, lake, watched, folder, person, page, close, complaints };
}

// Nothing loads any more: no skeletons, no busy parts.
export async function settled(page) {
  await page.waitForSelector('#app > *');
  await page.waitForFunction(() => !document.querySelector('.skeleton, [aria-busy="true"]'), undefined, { timeout: kPatience_ms });
}

// Serious findings of axe, as sentences.
export async function accessibility(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 4).map((node) => `${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`).join('\n    ')}`);
}

export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

// Files below a folder, for tests that move logs into the watched one.
export function files_below(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? files_below(join(folder, entry.name)) : [join(folder, entry.name)]));
}
