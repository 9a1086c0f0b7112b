#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# /init of the VM that boots a root with the packages (busybox): the root is
# read-only on the host, and systemd writes to an overlay in memory.

export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev

fail()
{
	echo "init: $*" >/dev/console
	poweroff -f
}

while read -r module; do
	insmod "/mod/$module" || fail "cannot load $module"
done </mod/order

mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro \
	host /host || fail "cannot mount the root"
mount -t tmpfs -o mode=0755 rw /rw
mkdir /rw/upper /rw/work
mount -t overlay -o lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work \
	root /new || fail "cannot overlay the root"

cat >/new/etc/systemd/system/check.service <<-'EOT'
	[Unit]
	Description=Checks of the packages
	After=multi-user.target
	[Service]
	Type=oneshot
	ExecStart=/bin/sh /srv/booted.sh
	ExecStopPost=/bin/systemctl --force --force poweroff
	StandardOutput=null
EOT
mkdir -p /new/etc/systemd/system/multi-user.target.wants
ln -s ../check.service /new/etc/systemd/system/multi-user.target.wants/
umount /sys /proc
mount -o move /dev /new/dev
exec switch_root /new /lib/systemd/systemd
