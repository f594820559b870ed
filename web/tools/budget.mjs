// Fails when what a browser must load has grown too large. Sizes are gzip -9 bytes.
//
//   node tools/budget.mjs dist
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const kKilo = 1000;
const kFirstRoute = 150 * kKilo;
const kChunk = 300 * kKilo;
const kAll = 900 * kKilo;

const folder = process.argv[2] ?? 'dist';
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
const size = new Map(files.map((file) => [basename(file), gzipSync(readFileSync(file), { level: 9 }).length]));
const text = (name) => readFileSync(files.find((file) => basename(file) === name), 'utf8');
const named = (source, pattern) => [...source.matchAll(pattern)].map((found) => basename(found[1]));

// The first route: the page, what it names, what those import at once, the overview and one language.
function first_route() {
  const wanted = new Set(['index.html']);
  const add = (name) => {
    if (!size.has(name) || wanted.has(name)) return;
    wanted.add(name);
    if (name.endsWith('.js')) for (const next of named(text(name), /(?:from|import)\s*"(\.\/[^"]+)"/g)) add(next);
  };
  for (const name of named(text('index.html'), /(?:src|href)="(\/[^"]+)"/g)) add(name);
  for (const name of size.keys()) if (/^Overview-/.test(name)) add(name);
  const languages = [...size.keys()].filter((name) => /^(en|ja)-.*\.js$/.test(name)).sort((a, b) => size.get(b) - size.get(a));
  add(languages[0]);
  return [...wanted];
}

const route = first_route();
const sum = (names) => names.reduce((total, name) => total + size.get(name), 0);
const problems = [];
const check = (what, bytes, limit) => {
  console.log(`${what}: ${(bytes / kKilo).toFixed(1)} kB gz of ${limit / kKilo}`);
  if (bytes > limit) problems.push(what);
};
check('first route', sum(route), kFirstRoute);
const largest = [...size].sort((a, b) => b[1] - a[1])[0];
check(`largest file (${largest[0]})`, largest[1], kChunk);
check('everything', sum([...size.keys()]), kAll);

const html = text('index.html');
if (/<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=/i.test(html)) problems.push('index.html has something inline');
if (problems.length) {
  console.error(`budget: over the limit: ${problems.join(', ')}`);
  process.exit(1);
}
