#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot a stock Debian kernel, or a kernel that was built here, under QEMU, and
# run scripts or a shell in it as root.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

boot_limit=180	# seconds; 5 to 20 are normal, the machine may be busy
debug_slow=5	# factor for every time limit on a debug kernel

usage()
{
	cat <<-EOT
	usage: vm.sh run KERNEL [--smp N] [--memory MIB] [--timeout S]
	                 [--log DIR] [--count | --plugin FILE] SCRIPT...
	       vm.sh shell KERNEL [--smp N] [--memory MIB] [--log DIR]
	KERNEL is one of: $all_kernels.
	--timeout is for each script; debug kernels get $debug_slow times as long for everything.
	--count: the only CPU's time stamp counter counts instructions.
	--plugin: QEMU loads it, and its output is in DIR/plugin. Both leave the
	kernel's mitigations on.
	EOT
}

misuse()
{
	echo "vm.sh: $*" >&2
	usage >&2
	exit 2
}

parse()
{
	mode=${1:-}
	kernel=${2:-}
	smp=2
	memory=
	timeout=120
	log=
	count=
	plugin=
	scripts=()
	case $mode in
	run | shell) ;;
	-h | --help)
		usage
		exit 0
		;;
	*) misuse "what to do: run or shell?" ;;
	esac
	case " $all_kernels " in
	*" $kernel "*) ;;
	*) misuse "which kernel of: $all_kernels?" ;;
	esac
	slow=1
	[[ $kernel != debug-* ]] || slow=$debug_slow
	shift 2
	while [ $# -gt 0 ]; do
		case $1 in
		--count)
			count=y
			shift
			;;
		--smp | --memory | --timeout | --log | --plugin)
			[ $# -gt 1 ] || misuse "$1 wants a value"
			declare -g "${1#--}=$2"
			shift 2
			;;
		-*) misuse "unknown option $1" ;;
		*)
			[ -x "$1" ] || die "no executable script: $1"
			scripts+=("$(realpath "$1")")
			shift
			;;
		esac
	done
	[ "$mode" = shell ] || [ ${#scripts[@]} -gt 0 ] || misuse "which script?"
	if [ -z "$log" ]; then
		claim_log "vm-$kernel"
		log=$claimed
	fi
	[[ $mode:$kernel != run:debug-* ]] ||
		scripts+=("$src/tests/debug/end.py")
	# KASAN's shadow memory and kmemleak's records need two thirds of 3 GiB
	: "${memory:=$((slow > 1 ? 3072 : 1024))}"
	timeout=$((timeout * slow))
	boot_limit=$((boot_limit * slow))
}

# Copy the programs, so that a concurrent build cannot replace them.
prepare_programs()
{
	local program

	cp "$ko" "$log/tcptrace.ko"
	rm -rf "${log:?}/bin"
	mkdir "$log/bin"
	for program in userspace/tcptracectl userspace/example-reader \
		userspace/example-mmap example-reader-v1 tcptrace32 hostile flood; do
		[ ! -x "$src/build/$program" ] ||
			cp "$src/build/$program" "$log/bin/"
	done
	[ ! -d "$src/build/userspace/locale" ] ||
		cp -r "$src/build/userspace/locale" "$log/bin/"
	[ ! -e "$src/build/${image##*/}-delay/module/tcptrace.ko" ] ||
		cp "$src/build/${image##*/}-delay/module/tcptrace.ko" \
			"$log/bin/tcptrace-delay.ko"
	[ ! -d "$src/build/bench" ] ||
		cp "$src/build/bench/"* "$log/bin/"
}

# Write the files of the job to a folder, where the guest can read them: the
# guest sees the host's files.
prepare_job()
{
	local size

	image=$("$src/tests/lib/kernel.sh" image "$kernel")
	ko=${TCPTRACE_KO:-$src/build/${image##*/}/module/tcptrace.ko}
	[ -e "$ko" ] || die "no $ko: run make module KVER=${image##*/}"
	command -v qemu-system-x86_64 >/dev/null ||
		die "no qemu-system-x86_64: run make deps"
	mkdir -p "$log"
	log=$(realpath "$log")
	rm -f "$log"/{env,scripts,status,verdicts,console,initramfs,qemu,out}
	prepare_programs
	"$src/tests/lib/kernel.sh" initramfs "$image" "$log/initramfs"
	size=$(stty size 2>/dev/null || true)
	printf '%s=%q\n' VM_MODE "$mode" VM_TIMEOUT "$timeout" \
		VM_PATH "$log/bin" \
		VM_ROWS "${size% *}" VM_COLUMNS "${size#* }" \
		TERM "${TERM:-dumb}" TCPTRACE_KERNEL "$kernel" \
		TCPTRACE_COLOR "$([ -t 1 ] && echo always)" \
		TCPTRACE_SLOW "$slow" TCPTRACE_SHORT "${TCPTRACE_SHORT:-}" \
		TCPTRACE_KO "$log/tcptrace.ko" TCPTRACE_SRC "$src" \
		TCPTRACE_TOOLS "$cache/tools" \
		TCPTRACE_PACKETS "${TCPTRACE_PACKETS:-}" \
		TCPTRACE_SECONDS "${TCPTRACE_SECONDS:-}" \
		TCPTRACE_SEED "${TCPTRACE_SEED:-}" \
		TCPTRACE_LESSON "${TCPTRACE_LESSON:-}" \
		TCPTRACE_LANG "${TCPTRACE_LANG:-}" \
		>"$log/env"
	[ "$size" ] || sed -i '/^VM_ROWS\|^VM_COLUMNS/s/=.*/=0/' "$log/env"
	: >"$log/status"
}

# Use KVM only on request, because a stock kernel may hang although /dev/kvm
# exists. On a busy host, the emulated timer may tick too late for the kernel's
# timer check (no_timer_check) and for its clock watchdog (tsc=nowatchdog).
# Without slab_nomerge, the kernel may merge a slab cache of the module with
# another cache: the merged cache has no separate counts, and unloading the
# module does not destroy it.
qemu_args()
{
	local accel="-accel tcg,thread=multi -cpu max" quick="mitigations=off tsc=nowatchdog"

	[ "${TCPTRACE_KVM:-}" = 1 ] && accel="-accel kvm -cpu host"
	if [ "$count" ]; then
		smp=1
		accel="-accel tcg,thread=single -icount shift=0,sleep=on -cpu max"
	fi
	# QEMU counts each byte of rep movsb as an instruction; without ERMS and
	# FSRM, the kernel does not use rep movsb
	if [ "$count$plugin" ]; then
		accel+=,-erms,-fsrm
		quick=
	fi
	# The TSCs of two emulated CPUs differ, so the kernel would use HPET,
	# whose reads take a lock.
	[ -z "$plugin" ] || quick="tsc=reliable clocksource=tsc"
	# these kernels cannot use the ACPI tables of QEMU's default machine
	! is_own "$kernel" || accel+=" -machine q35"
	if [[ $kernel = debug-* ]]; then
		quick+=" printk.time=1 kasan_multi_shot page_poison=1"
		# with failslab's cache-filter, allocations fail only in these
		# slab caches
		quick+=" slub_debug=A,tcpt_conn,tcpt_full,tcpt_packed_*,vmap_area,proc_dir_entry"
		# room for the reports of all injected failures
		quick+=" log_buf_len=16M"
	fi
	# word splitting is intended: options contain no blanks
	# shellcheck disable=SC2206
	args=(
		$accel -smp "$smp" -m "$memory"
		-nodefaults -no-user-config -no-reboot -display none
		-kernel "$image/vmlinuz" -initrd "$log/initramfs"
		-virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
		-serial "file:$log/console"
		${plugin:+-plugin "$plugin" -d plugin -D "$log/plugin"}
		-append "console=ttyS0 quiet panic=-1 oops=panic nokaslr no_timer_check slab_nomerge $quick random.trust_cpu=on tcptrace.job=$log tcptrace.src=$src tcptrace.modules=$image"
	)
}

# Write the output and the results to their own ports, so that kernel messages
# are not mixed into them.
ports_args()
{
	args+=(
		-device virtio-serial-pci
		-chardev "file,id=out,path=$log/out"
		-device "virtserialport,chardev=out,name=tcptrace.out"
		-chardev "file,id=status,path=$log/status"
		-device "virtserialport,chardev=status,name=tcptrace.status"
	)
}

terminal_args()
{
	args+=(
		-chardev "stdio,id=term,mux=on,signal=off" -echr 29
		-serial chardev:term -mon "chardev=term,mode=readline"
	)
}

# Kill only the QEMU that this run started.
stop_vm()
{
	set +e
	if [ "${qemu:-}" ]; then
		kill "$qemu" 2>/dev/null
		wait "$qemu"
	fi
	exec 3>&-
	[ -z "${reader:-}" ] || wait "$reader"
	[ -z "${terminal:-}" ] || stty "$terminal"
	rm -f "${log:?}/initramfs" "$log/out"
}

watch_vm()
{
	local limit=$((SECONDS + boot_limit)) booted=

	while kill -0 "$qemu" 2>/dev/null; do
		if [ -z "$booted" ] && [ -s "$log/status" ]; then
			booted=y
			note "vm $kernel: up after $((SECONDS - begin)) s"
			limit=$((SECONDS + 30 + (timeout + 15) * ${#scripts[@]}))
		fi
		if [ $SECONDS -ge $limit ]; then
			note "vm $kernel: no end within its time, stopped"
			kill "$qemu"
			return
		fi
		sleep 0.2
	done
}

judge()
{
	local failed=0 script verdict

	for script in "${scripts[@]}"; do
		verdict=$(grep -a " $script\$" "$log/verdicts" | head -n 1 || true)
		case $verdict in
		"exit 0 "*) ;;
		'')
			echo "# vm $kernel: $script: no verdict"
			failed=1
			;;
		*) failed=1 ;;
		esac
	done
	if ! grep -aqx end "$log/status"; then
		echo "# vm $kernel: the VM did not end properly; its console ends:"
		tail -n 25 "$log/console" | tr -d '\r' | sed 's/^/#   /'
		failed=1
	fi
	# Fail if the kernel reports a problem, even if every script passes.
	if ! python3 "$src/tests/vm/lib/kmsg.py" "$log/console"; then
		echo "# vm $kernel: reports of the kernel in $log/console"
		failed=1
	fi
	return $failed
}

# When a kernel patches its own code, QEMU can execute the temporary breakpoint
# too late. QEMU can also crash (139 is SIGSEGV). Both happen on busy hosts.
emulator_failed()
{
	[ "$qemu_status" != 139 ] || return 0
	! grep -aqx end "$log/status" &&
		grep -aq 'int3: 0000 \[#1\]' "$log/console"
}

# List the scripts that have no result yet.
list_scripts()
{
	local script

	for script in "${scripts[@]}"; do
		grep -aq " $script\$" "$log/verdicts" || echo "$script"
	done >"$log/scripts"
}

run()
{
	local attempt

	ports_args
	: >"$log/verdicts"
	for attempt in {1..5}; do
		: >"$log/status"
		list_scripts
		boot
		cat "$log/status" >>"$log/verdicts"
		if [ "$attempt" = 5 ] || ! emulator_failed; then
			break
		fi
		cp "$log/console" "$log/console.$attempt"
		# tap.awk discards the counts of the script that was running
		echo "# restart: QEMU crashed or missed a kernel text patch" \
			"(its bug), see $log/console.$attempt"
	done
	judge
}

boot()
{
	begin=$SECONDS
	rm -f "$log/out"
	mkfifo "$log/out"
	# Keep the pipe open, so that QEMU does not block when it opens the
	# pipe, and cat does not end before QEMU.
	exec 3<>"$log/out"
	cat "$log/out" 3>&- &
	reader=$!
	qemu-system-x86_64 "${args[@]}" </dev/null >"$log/qemu" 2>&1 3>&- &
	qemu=$!
	watch_vm
	qemu_status=0
	wait "$qemu" || qemu_status=$?
	[ $qemu_status = 0 ] ||
		note "vm $kernel: QEMU: $qemu_status $(head -n 3 "$log/qemu")"
	qemu=
	exec 3>&-
	wait "$reader"
	reader=
}

shell()
{
	terminal=$(stty -g 2>/dev/null || true)
	terminal_args
	note "booting $kernel; Ctrl-] x kills it"
	qemu-system-x86_64 "${args[@]}" <&0 &
	qemu=$!
	wait "$qemu"
	qemu=
}

parse "$@"
prepare_job
qemu_args
trap stop_vm EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
"$mode"
