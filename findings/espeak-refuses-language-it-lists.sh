#!/usr/bin/env bash
# @echogarden/espeak-ng-emscripten 0.3.5; seen on Node 20.20 on 2026-11-29.
#
# list_voices gives each voice its languages, and set_voice takes the name of a language: "de" and "en-us" are set. But twelve of the languages that the list itself gives are not taken, "en-gb" among
# them. That is no error: set_voice answers 2 instead of 0, and what is spoken next is in the voice of before. A voice's full
# name from the same list is always taken.
#
# Output seen:
#   de: answers 0, "hello" is hˈɛloː
#   en-us: answers 0, "hello" is həlˈoʊ
#   de: answers 0, "hello" is hˈɛloː
#   en-gb: answers 2, "hello" is hˈɛloː
#   English (Great Britain): answers 0, "hello" is həlˈəʊ
#   languages listed 150, not taken 12
#   names listed 140, not taken 0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @echogarden/espeak-ng-emscripten@0.3.5

cat > run.mjs <<'JS'
import load from '@echogarden/espeak-ng-emscripten'

const { eSpeakNGWorker } = await load()
const speaker = new eSpeakNGWorker()
const voices = speaker.list_voices()
const spoken = () => speaker.synthesize_ipa('hello').ipa.replaceAll('_', '').trim()
for (const asked of ['de', 'en-us', 'de', 'en-gb', 'English (Great Britain)']) {
  const answer = speaker.set_voice(asked)
  console.log(`${asked}: answers ${answer}, "hello" is ${spoken()}`)
}
const languages = [...new Set(voices.flatMap(voice => voice.languages.map(({ name }) => name)))]
console.log(`languages listed ${languages.length}, not taken ${languages.filter(each => speaker.set_voice(each) !== 0).length}`)
console.log(`names listed ${voices.length}, not taken ${voices.filter(({ name }) => speaker.set_voice(name) !== 0).length}`)
process.exit()
JS

expected='de: answers 0, "hello" is hˈɛloː
en-us: answers 0, "hello" is həlˈoʊ
de: answers 0, "hello" is hˈɛloː
en-gb: answers 2, "hello" is hˈɛloː
English (Great Britain): answers 0, "hello" is həlˈəʊ
languages listed 150, not taken 12
names listed 140, not taken 0'
came=$(timeout 60 node run.mjs)
printf '%s\n' "$came"
if [ "$came" != "$expected" ]; then
  printf 'This has changed. Expected:\n%s\n' "$expected" >&2
  exit 1
fi
