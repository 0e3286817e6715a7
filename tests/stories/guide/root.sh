#!/bin/sh
# A machine of its own for the guide, within namespaces of its own: this machine's files with all that is written kept apart in
# memory, a network with nothing on it, processes that end with it. Arguments: a folder, this clone, the Node that runs the tests.
set -e
folder=$1 clone=$2 node=$3
root="$folder/root"
mkdir -p "$folder/memory" "$root"
mount -t tmpfs tmpfs "$folder/memory"
mkdir "$folder/memory/written" "$folder/memory/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/memory/written,workdir=$folder/memory/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root$clone"
mount --bind "$clone" "$root$clone"
[ -e "$root/usr/bin/node" ] || ln -s "$node" "$root/usr/bin/node"
# SIOCSIFFLAGS: the machine's own address, up.
perl -MSocket -e 'socket(S, PF_INET, SOCK_DGRAM, 0) or die; $up = pack("a16 s x22", "lo", 1); ioctl(S, 0x8914, $up) or die'

bin="$root/usr/local/lib/guide"
mkdir -p "$bin" "$root/run/systemd/system" "$root/run/tocsin-units"
cp "$clone/tests/stories/guide/apt.sh" "$bin/apt"
cp "$clone/tests/stories/guide/systemctl.mjs" "$bin/systemctl"
chmod 755 "$bin/apt" "$bin/systemctl"
chmod 777 "$root/run/tocsin-units"
cp "$folder"/*.deb "$root/root/"
echo '127.0.0.1 pbx.example' >>"$root/etc/hosts"
cd /
exec chroot "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$clone" \
  env PATH=/usr/local/lib/guide:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
  "$node" --import tsx tests/stories/guide/follow.ts
