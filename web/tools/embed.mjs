// Writes what the program carries: each built file gzipped, one assembler file that takes them in, and a table.
//
//   node tools/embed.mjs DIST OUT        OUT/gz/*, OUT/assets.S, OUT/assets.cpp  (see src/server/assets.h)
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

const [dist, out] = process.argv.slice(2).map((folder) => resolve(folder));
const packed = join(out, 'gz');
rmSync(packed, { recursive: true, force: true });
mkdirSync(packed, { recursive: true });

const assets = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort()
  .map((file, i) => {
    const type = kTypes[extname(file)];
    if (!type) throw new Error(`embed: which content type is ${file}?`);
    const raw = readFileSync(file);
    const gzip = join(packed, `${i}.gz`);
    writeFileSync(gzip, gzipSync(raw, { level: 9 }));
    const path = `/${relative(dist, file)}`;
    const etag = `\\"${createHash('sha256').update(raw).digest('hex').slice(0, 24)}\\"`;
    return { path, type, etag, gzip, size: raw.length, immutable: path.startsWith('/assets/') };
  });

const assembly = assets.map(
  ({ gzip }, i) => `.global yagura_asset_${i}\n.global yagura_asset_${i}_end\nyagura_asset_${i}:\n.incbin "${gzip}"\nyagura_asset_${i}_end:\n.byte 0\n`,
);
writeFileSync(join(out, 'assets.S'), `.section .rodata\n${assembly.join('')}.section .note.GNU-stack,"",@progbits\n`);

const symbols = assets.map((_, i) => `extern const std::byte yagura_asset_${i}[];\nextern const std::byte yagura_asset_${i}_end[];\n`);
const rows = assets.map(
  ({ path, type, etag, size, immutable }, i) =>
    `        {"${path}", "${type}", "${etag}", {yagura_asset_${i}, yagura_asset_${i}_end}, ${immutable}, ${size}},\n`,
);
writeFileSync(
  join(out, 'assets.cpp'),
  `#include "server/assets.h"

extern "C" {
${symbols.join('')}}

namespace yagura::server {

std::span<const Asset> web_assets() {
    static const Asset kAssets[] = {
${rows.join('')}    };
    return kAssets;
}

}  // namespace yagura::server
`,
);
