#!/usr/bin/env bash
# espruino (its command line) 0.1.67; seen on Node 20.20 on 2026-11-29.
#
# The tools put each module that a program requires into the program, unless the board's description lists it as built into the
# interpreter. A module that they cannot find is a line on standard error and nothing else: the program is written as if it were
# whole and the exit code is 0, so that a build goes through. It fails on the chip, where the module is asked for.
#
# Output seen:
#   standard error: Module sensor-of-mine not found
#   exit code: 0
#   program written: var sensor = require("sensor-of-mine"); sensor.start();
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --omit=optional espruino@0.1.67

printf 'var sensor = require("sensor-of-mine");\nsensor.start();\n' > program.js
printf '{"info":{"builtin_modules":["Storage"]},"chip":{}}\n' > board.json

expected='standard error: Module sensor-of-mine not found
exit code: 0
program written: var sensor = require("sensor-of-mine"); sensor.start();'
code=0
# No place to look for modules, so that nothing depends on the network.
timeout 60 node node_modules/espruino/bin/espruino-cli.js program.js \
  --no-ble --board board.json -o packed.js --config MODULE_URL= >/dev/null 2>said || code=$?
came="standard error: $(cat said)
exit code: $code
program written: $(tr -s '\n' ' ' < packed.js | sed 's/^ //;s/ $//')"
printf '%s\n' "$came"
if [ "$came" != "$expected" ]; then
  printf 'This has changed. Expected:\n%s\n' "$expected" >&2
  exit 1
fi
