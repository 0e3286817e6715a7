#!/usr/bin/env bash
# espeak-ng as @echogarden/espeak-ng-emscripten 0.3.5; seen on Node 20.20 on 2026-11-29. Debian's espeak-ng 1.51 does the same.
#
# A surname in capitals that is also a Roman number is read as the number, with the word "roman" before it: "Officer XI" is
# spoken "officer roman eleven", where "Officer Xi" is a name. One that is no such number is spelt, as LI is. Whoever has names
# spoken that stand in capitals in a list does not hear those names.
#
# Output seen:
#   Officer Xi: ˈɑːfɪsɚ zˈaɪ
#   Officer XI: ˈɑːfɪsɚ ɹˌoʊmən ɪlˈɛvən
#   Officer LI: ˈɑːfɪsɚɹ ˌɛlˈaɪ
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
speaker.set_voice('English (America)')
for (const words of ['Officer Xi', 'Officer XI', 'Officer LI']) {
  console.log(`${words}: ${speaker.synthesize_ipa(words).ipa.replaceAll('_', '').trim()}`)
}
process.exit()
JS

expected='Officer Xi: ˈɑːfɪsɚ zˈaɪ
Officer XI: ˈɑːfɪsɚ ɹˌoʊmən ɪlˈɛvən
Officer LI: ˈɑːfɪsɚɹ ˌɛlˈaɪ'
came=$(timeout 60 node run.mjs)
printf '%s\n' "$came"
if [ "$came" != "$expected" ]; then
  printf 'This has changed. Expected:\n%s\n' "$expected" >&2
  exit 1
fi
