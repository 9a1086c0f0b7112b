#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot, under QEMU, the root folder ROOT, in which the packages are installed:
# boot.sh ROOT FOLDER DEBS SERIES. Writes the results to FOLDER/status.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
. "$src/tests/lib/apt.sh"

limit=420	# seconds; 60 to 120 are normal

root=$1 dir=$2 debs=$3
image=$("$src/tests/lib/kernel.sh" image "$4")
"$src/tests/lib/kernel.sh" initramfs "$image" "$dir/initramfs"
: >"$dir/status"
as_root unshare --mount --propagation private --pid --fork --kill-child \
	"$src/tests/packages/enter.sh" "$root" "$dir" "$debs" \
	"$src/tests/packages" "$(command -v timeout)" $limit \
	qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 \
	-nodefaults -no-user-config -no-reboot -display none \
	-kernel "$image/vmlinuz" -initrd "$dir/initramfs" \
	-virtfs "local,path=$dir/root,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
	-serial "file:$dir/console" -device virtio-serial-pci \
	-chardev "file,id=status,path=$dir/status" \
	-device virtserialport,chardev=status,name=tcptrace.status \
	-append "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check random.trust_cpu=on systemd.show_status=false" \
	</dev/null >"$dir/qemu" 2>&1 || true
rm -f "$dir/initramfs"
if ! grep -qx end "$dir/status"; then
	echo "no end of the checks; the console ends:"
	tail -n 25 "$dir/console" | tr -d '\r'
	exit 1
fi
