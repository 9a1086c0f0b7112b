#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Mount an overlay of ROOT on FOLDER/root, and run SCRIPT in the overlay:
# enter.sh ROOT FOLDER DEBS SCRIPTS SCRIPT [ARGUMENT...]. The caller makes a
# mount namespace. If SCRIPT is an absolute path, it is a program to run in the
# host's root.
set -eu
root=$1 dir=$2 debs=$3 scripts=$4
script=$5
shift 5

mount -t overlay overlay \
	-o "lowerdir=$root,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
mount -t proc proc "$dir/root/proc"
mount --rbind /dev "$dir/root/dev"
mount --bind "$debs" "$dir/root/mnt"
mount --bind "$scripts" "$dir/root/srv"
case $script in
/*) exec "$script" "$@" ;;
esac
exec chroot "$dir/root" env -i LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
	HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin sh "/srv/$script" "$@"
