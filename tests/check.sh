#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the tests, or only the named sections: check.sh [--help | SECTION...]
# The last line of the output counts test cases; build/log/summary has a copy.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

# Print PART-KERNEL for each kernel. PART is the part of tests/vm that make
# check runs on that kernel.
vm_sections()
{
	local series

	for series in $kernels; do
		echo "$(kernel_field "$series" 4)-$series"
	done
}

# The longest sections come first; those that need KUnit kernels, which may have
# to be built, come last.
sections="client $(vm_sections | xargs) packages style diff bench fuzz fleet"
# word splitting is intended: names contain no blanks
# shellcheck disable=SC2086
sections+=" $(printf 'kunit-%s ' $kernels)mutants"

usage()
{
	cat <<-EOF
	Sections of make check SECTION=, all by default:
	  $sections
	and only when named:
	  vm-KERNEL      tests/vm on any kernel (6.12, debug-kasan, 6.1-rt, ...)
	  main-KERNEL    the VM tests of what the module is for
	  short-KERNEL   three VM tests that may differ by kernel
	  stress-KERNEL  tests/stress with four CPUs
	  packages-SUITE  the packages in that release of Debian, upgraded and booted
	  smp1-KERNEL, smp4-KERNEL  a choice of the VM tests with one or four CPUs
	EOF
}

if [ "${1:-}" = --help ]; then
	usage
	exit
fi
lib=$src/tests/lib
claim_log check
log=$claimed
script_limit=1500	# seconds for a guest script; emulated CPUs are slow
smp_scripts=("$src"/tests/vm/{10-traffic,50-readers,52-hotplug,60-netns}.py
	"$src"/tests/vm/{70-reload,80-limits}.py
	"$src"/tests/stress/20-everything.py)
short_scripts=("$src"/tests/vm/{10-traffic,50-readers,70-reload}.py)
# The part "main" leaves out these scripts, because they take a long time,
# belong to the part "short", or do not test a main function of the module.
left_out="22-idle 25-corrections 27-findings 28-clean 33-copies 34-seqadj 36-packets
	37-time 45-capture 46-record 50-readers 51-accounting 52-hotplug
	54-parameters 56-filter 58-ring 59-mmap 61-netns-end 62-mmap-lifetime
	63-side-channel 64-hook-error 65-tracers 66-export 67-lessons 70-reload
	75-races 80-limits 85-malformed 86-hostile 90-procfs 95-doctor"
vm_parts="vm main short stress smp1 smp4"	# sections PART-KERNEL with VMs
lanes=$(($(nproc) + 1))	# concurrent sections: VMs often wait
fuzz_runs=2000		# of each target; make fuzz runs longer
fuzz_seconds=30		# limit of each target, even with fewer runs

declare -i all_passed=0 all_failed=0 all_skipped=0

# Build one kernel at a time, with a low priority.
build_kernels()
{
	local rc=0 series

	for series in $(sections_named kunit-); do
		nice -n 10 "$lib/uml.sh" --build "$series" || rc=$?
	done >"$log/kunit-build" 2>&1
	echo $rc >"$log/done-building"
}

wait_kernels()
{
	local begin=$SECONDS

	[ "$building" ] || return 0
	until [ -s "$log/done-building" ]; do
		sleep 0.5
	done
	building=
	[ "$(cat "$log/done-building")" = 0 ] || cat "$log/kunit-build" >&2
	spent "waiting for KUnit kernels" "$begin"
}

spent()
{
	printf '# %-55s %5d s\n' "$1" $((SECONDS - $2)) >>"$log/report"
}

sections_named()
{
	local section

	for section in $wanted; do
		case $section in
		"$1"*) echo "${section#"$1"}" ;;
		esac
	done
}

# Return: 0 if the section is PART-KERNEL, with a part of vm_parts.
boots_vms()
{
	case " $vm_parts " in
	*" ${1%%-*} "*) ;;
	*) return 1 ;;
	esac
}

# Print the kernels of the wanted sections PART-KERNEL, each kernel once.
vm_kernels()
{
	local section

	for section in $wanted; do
		! boots_vms "$section" || echo "${section#*-}"
	done | sort -u
}

# Make the large downloads before any time limit starts.
download()
{
	local begin=$SECONDS series

	# Debian 13 has no ClickHouse
	"$lib/deps.sh" fleet || true
	for series in $kernels; do
		"$lib/kernel.sh" headers "$series" >/dev/null
	done
	for series in $(vm_kernels); do
		"$lib/kernel.sh" image "$series" >/dev/null
	done
	case " $wanted " in
	*" packages "*) "$lib/debroot.sh" bookworm >/dev/null ;;
	esac
	spent downloads "$begin"
}

# Run a script, and put begin and end marks around its output, for tap.awk.
part()
{
	local begin=$SECONDS rc=0

	echo "# begin $1"
	bash "${@:2}" || rc=$?
	echo "# end $1: exit $rc in $((SECONDS - begin)) s"
	return $rc
}

# Before the sections PART-KERNEL start, build what they need, because two
# sections must not build the client at the same time.
build_for_vms()
{
	local series release

	for series in $(vm_kernels); do
		release=$("$lib/kernel.sh" headers "$series")
		quietly "$lib/module.sh" "$release"
		# for 64-hook-error and 75-races
		case " $wanted " in
		*" vm-$series "*)
			quietly "$lib/module.sh" --in "$release-delay" \
				"$release" CONFIG_TCPTRACE_DELAY=y
			;;
		esac
	done
	quietly make -C "$src/userspace" BUILD="$src/build/userspace"
	quietly "$lib/compat.sh"
	quietly "$lib/hostile.sh"
	quietly "$lib/tools.sh"
}

# Build once. If the build fails, the VMs must not test an older build instead.
ready_for_vms()
{
	local begin=$SECONDS

	[ -z "${vms_built:-}" ] || return 0
	set +e
	(set -e; build_for_vms)
	vms_built=$?
	set -e
	spent "building for the VMs" "$begin"
}

# Run the wanted scripts in a VM: vm_tests KERNEL NAME CPUS SCRIPT...
vm_tests()
{
	local script
	local -a scripts=()

	[ "$vms_built" = 0 ] || die "what the VMs test does not build"
	for script in "${@:4}"; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ ${script##*/} != ${TCPTRACE_TEST:-*}.py ]] ||
			scripts+=("$script")
	done
	if [ ${#scripts[@]} = 0 ]; then
		echo "1..0 # SKIP none of these"
		return
	fi
	"$lib/vm.sh" run "$1" --smp "$3" --timeout $script_limit \
		--log "$log/$2-$1" "${scripts[@]}"
}

main_tests()
{
	local script name
	local -a scripts=()

	for script in "$src"/tests/vm/*.py; do
		name=${script##*/}
		case " ${left_out//[[:space:]]/ } " in
		*" ${name%.py} "*) ;;
		*) scripts+=("$script") ;;
		esac
	done
	vm_tests "$1" main 2 "${scripts[@]}"
}

run_section()
{
	case $1 in
	style) part style "$src/tests/style.sh" ;;
	packages) part packages "$src/tests/packages/run.sh" --short ;;
	packages-*) part "$1" "$src/tests/packages/run.sh" "${1#*-}" ;;
	client) part client "$src/tests/client.sh" ;;
	diff) part diff "$src/tests/diff.sh" ${TCPTRACE_SHORT:+--seeds 1-2} ;;
	fuzz)
		FUZZ_RUNS=$fuzz_runs part fuzz "$src/tests/fuzz/run.sh" \
			$fuzz_seconds
		;;
	bench) "$src/tests/bench.sh" --short ;;
	fleet) part fleet "$src/tests/fleet.sh" --short ;;
	vm-*) vm_tests "${1#vm-}" vm 2 "$src"/tests/vm/*.py ;;
	main-*) main_tests "${1#main-}" ;;
	short-*) vm_tests "${1#short-}" short 2 "${short_scripts[@]}" ;;
	stress-*)
		script_limit=900
		vm_tests "${1#stress-}" stress 4 "$src"/tests/stress/*.py
		;;
	smp[14]-*)
		vm_tests "${1#*-}" "${1%%-*}" "${1:3:1}" "${smp_scripts[@]}"
		;;
	kunit-*) part "$1" "$lib/uml.sh" "${1#kunit-}" ;;
	mutants) part mutants "$src/tests/mutants.sh" --short ;;
	*)
		echo "check.sh: no section $1" >&2
		return 2
		;;
	esac
}

# The section leaves "EXIT SECONDS" in a file, because it runs in the
# background.
timed_section()
{
	local begin=$SECONDS rc

	# The section runs in a subshell, because set -e has no effect in a
	# condition or before ||.
	set +e
	(set -e; run_section "$1")
	rc=$?
	set -e
	echo "$rc $((SECONDS - begin))" >"$log/done-$1.new"
	mv "$log/done-$1.new" "$log/done-$1"
}

ready_for()
{
	case $1 in
	kunit-* | mutants) wait_kernels ;;
	*) ! boots_vms "$1" || ready_for_vms ;;
	esac
}

# Count the sections that have begun but not ended.
running()
{
	local name n=0

	for name; do
		[ -e "$log/done-$name" ] || n=$((n + 1))
	done
	echo $n
}

# Start all sections in order in the background, at most $lanes at once.
run_sections()
{
	local name building
	local -a begun=()

	building=$(sections_named kunit-)
	[ -z "$building" ] || build_kernels &
	download
	for name in $wanted; do
		ready_for "$name"
		while [ "$(running "${begun[@]}")" -ge "$lanes" ]; do
			wait -n || true
		done
		timed_section "$name" >"$log/check-$name" 2>&1 &
		echo $! >"$log/pid-$name"
		begun+=("$name")
	done
	wait
}

# Print the output of a section until the section ends.
follow()
{
	until [ -s "$log/pid-$1" ]; do
		kill -0 "$runner" 2>/dev/null ||
			die "section $1 does not begin"
		sleep 0.2
	done
	tail -n +1 -s 0.2 -f --pid "$(cat "$log/pid-$1")" "$log/check-$1"
	[ -e "$log/done-$1" ] || die "section $1 did not end properly"
}

section()
{
	local rc seconds passed failed skipped

	echo "# section $1"
	follow "$1"
	read -r rc seconds <"$log/done-$1"
	awk -f "$lib/tap.awk" "$log/check-$1" >"$log/count-$1"
	sed '$d' "$log/count-$1"
	read -r passed failed skipped < <(tail -n 1 "$log/count-$1")
	if [ "$rc" != 0 ] && [ "$failed" = 0 ]; then
		echo "not ok - $1: exit $rc without a failed case"
		failed=1
	elif [ $((passed + failed + skipped)) = 0 ]; then
		echo "not ok - $1: ran no test"
		failed=1
	fi
	# list each failed case with the Python error that was printed before it
	awk -v section="$1" '
		FNR == 1 { part = "" }
		/^# begin / { part = " " $3 }
		/^# [A-Za-z.]*(Error|Expired)/ { why = " (" substr($0, 3) ")" }
		/^ok/ { why = "" }
		/^not ok/ { print "# " section part ": " $0 why; why = "" }' \
		"$log/check-$1" "$log/count-$1" >>"$log/failures"
	all_passed+=$passed
	all_failed+=$failed
	all_skipped+=$skipped
	printf '# %-11s %5d passed %5d failed %5d skipped %5d s\n' \
		"$1" "$passed" "$failed" "$skipped" "$seconds" >>"$log/report"
}

finish()
{
	[ -z "${runner:-}" ] || kill -- "-$runner" 2>/dev/null || true
	cat "$log/report" "$log/failures"
	echo "$all_passed passed, $all_failed failed, $all_skipped skipped" |
		tee "$src/build/log/summary"
}

# If this script gives up, report a failure even if all tests so far passed.
abandon()
{
	all_failed+=1
	finish
	exit 1
}

wanted=${*:-$sections}
# if all sections run, run a shorter form of the long sections
[ $# != 0 ] || export TCPTRACE_SHORT=1
begin=$SECONDS
rm -f "$src/build/log/summary" "$log"/{done,pid}-*
: >"$log/report"
: >"$log/failures"
trap abandon EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
"$lib/deps.sh" check
spent packages "$begin"
# run the sections in a process group, so that they can be stopped together
set -m
run_sections &
set +m
runner=$!
for name in $wanted; do
	section "$name"
done
spent total "$begin"
trap - EXIT
finish
[ "$all_failed" = 0 ]
