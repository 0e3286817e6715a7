#!/bin/sh
# In place of apt where nothing may be fetched: a package file goes to dpkg, what is to be fetched must be there already.
set -e
verb=$1
shift
for word in "$@"; do
  case "$verb $word" in
    *' --'*) ;;
    'install ./'*.deb) dpkg --install --force-depends --force-confold "/root/$word" ;;
    install*) dpkg -s "$word" >/dev/null ;;
    purge*) dpkg --purge "$word" ;;
  esac
done
