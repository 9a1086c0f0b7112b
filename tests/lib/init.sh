#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# /init of the test VM (busybox): mount a folder of the host as the root.
# The folder is read-only in the guest, which writes to an overlay in memory.
# With tcptrace.job on the kernel's command line, the folder is the host's root,
# and guest.sh runs the job. Otherwise, the folder is a root that tests/packages
# has prepared, and systemd boots it.

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

# Start systemd, with the service that checks the packages.
boot()
{
	units=/new/etc/systemd/system

	mkdir -p $units/multi-user.target.wants
	cp /new/srv/check.service $units/
	ln -s ../check.service $units/multi-user.target.wants/
	umount /sys /proc
	mount -o move /dev /new/dev
	exec switch_root /new /lib/systemd/systemd
}

while read -r module; do
	insmod "/mod/$module" || fail "cannot load $module"
done </mod/order

read -r cmdline </proc/cmdline
for arg in $cmdline; do
	case $arg in
	tcptrace.job=*) job=${arg#*=} ;;
	tcptrace.src=*) src=${arg#*=} ;;
	tcptrace.modules=*) modules=${arg#*=} ;;
	esac
done

mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro \
	host /host || fail "cannot mount the root"
mount -t tmpfs -o mode=0755 rw /rw
mkdir /rw/upper /rw/work
mount -t overlay -o lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work \
	root /new || fail "cannot overlay the root"

[ -n "${job:-}" ] || boot

# The kernel runs /sbin/modprobe of this root; let it load modules of /new.
mkdir -p /sbin
cat >/sbin/modprobe <<-'EOT'
	#!/bin/sh
	exec chroot /new /sbin/modprobe "$@"
EOT
chmod 755 /sbin/modprobe

# Mount the modules of the guest's kernel, which are in the cache. Make the
# folder /lib/modules first, because a host that is a container may not have the
# folder.
version=$(uname -r)
mkdir -p /new/lib/modules
mount -t tmpfs -o mode=0755 modules /new/lib/modules ||
	fail "cannot mount a tmpfs over /lib/modules"
mkdir "/new/lib/modules/$version"
mount -o bind "/host$modules/lib/modules/$version" \
	"/new/lib/modules/$version" || fail "no modules of $version"

mount -t tmpfs -o mode=0755 run /new/run
mount -o move /proc /new/proc
mount -o move /sys /new/sys
mount -o move /dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts -o mode=0620,ptmxmode=0666 devpts /new/dev/pts
mount -t tmpfs -o mode=1777 shm /new/dev/shm
ln -s /proc/self/fd /new/dev/fd
ln -s /proc/self/fd/0 /new/dev/stdin
ln -s /proc/self/fd/1 /new/dev/stdout
ln -s /proc/self/fd/2 /new/dev/stderr

chroot /new /bin/bash "$src/tests/lib/guest.sh" "$job" ||
	echo "init: the guest's part failed" >/new/dev/console
poweroff -f
