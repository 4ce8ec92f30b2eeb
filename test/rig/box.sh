#!/bin/sh
# The first process of a box: gives this mount and PID namespace the folders of a machine of its own, tells its PID
# as the outside sees it, then lives exactly as long as its stdin is open. Its end takes every process of the box along.
# Called as: box.sh ROOT WORK [TMPFS_BYTES]   ROOT is / or a chroot; WORK is a folder seen under the same path inside.
set -eu
root=${1%/}
work=$2
tmpfs_bytes=${3:-}

# read before the new /proc is mounted: the old one knows the PID that nsenter needs outside
read -r pid _ </proc/self/stat

if [ -n "$root" ]; then
  # dockerd remounts / with the flags it finds there, which only works on a mount of its own
  mount --rbind "$root" "$root"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t tmpfs -o mode=1777 tmpfs "$root/var/tmp"
  mkdir -p "$root$work"
  mount --rbind "$work" "$root$work"
fi

# users, passwords and sudo rules made here must not reach the machine's own /etc
mkdir -p "$work/etc" "$work/root" "$work/home"
chmod 0700 "$work/root"
# in memory: on the disk a thousand new files, and later their removal, take up to a second of processor time
mount -t tmpfs -o mode=755 tmpfs "$work/etc"
cp -a "$root/etc/." "$work/etc/"
for folder in etc root home; do
  mount --bind "$work/$folder" "$root/$folder"
done

mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/run/sshd" "$root/run/lock"
mount -t proc proc "$root/proc"

if [ -n "$tmpfs_bytes" ]; then
  mkdir -p "$work/data"
  mount -t tmpfs -o "size=$tmpfs_bytes,mode=711" tmpfs "$root$work/data"
fi

# a chroot is kept and shared by many boxes: nothing may change in it
if [ -n "$root" ]; then
  mount -o remount,bind,ro "$root"
fi

# said from inside the chroot: who entered by this PID any sooner would land in the machine's own /
hold='echo "ready $1"; while read -r _; do :; done'
if [ -n "$root" ]; then
  exec chroot "$root" /bin/sh -c "$hold" sh "$pid"
fi
exec /bin/sh -c "$hold" sh "$pid"
