// A copy of a box's root that can be written to, without any network but its own loopback; it goes with the box.

/** The beginning of a shell script: the copy is `$1/over/root`, with an empty /tmp. What follows ends with a chroot into it. */
export const makeOfflineRoot = `set -eu
mkdir -p "$1/over"
mount -t tmpfs tmpfs "$1/over"
mkdir "$1/over/up" "$1/over/work" "$1/over/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/over/up,workdir=$1/over/work" "$1/over/root"
mount --rbind /proc "$1/over/root/proc"
mount --rbind /dev "$1/over/root/dev"
mount -t tmpfs tmpfs "$1/over/root/tmp"`;
