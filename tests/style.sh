#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the style and build gates, one TAP case each. Most gates print what is
# wrong, and succeed if they print nothing.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$src/tests/lib/tap.sh"
. "$src/tests/lib/uapi.sh"

max_file=900
max_function=60
log=$src/build/log

cd "$src"
mkdir -p "$log"

# Print the files with these names. Files that git does not track are included,
# because new files must be clean, too.
files()
{
	local name
	local -a names=()

	for name; do
		names+=(-o -name "$name")
	done
	find . \( -path ./build -o -path ./.git -o -name '__pycache__' \) \
		-prune -o -type f \( "${names[@]:1}" \) -print |
		sed 's,^\./,,' | LC_ALL=C sort
}

silent()
{
	local output

	output=$(cat)
	[ -z "$output" ] || { echo "$output"; return 1; }
}

# checkpatch_files NAME OPTIONS: check the files that are listed on stdin. The
# hashes of files without a finding are cached, because checkpatch takes minutes
# of CPU time.
checkpatch_files()
{
	local tree known rest args="--strict --no-tree --terse --no-summary --show-types"

	tree=$("$src/tests/lib/source.sh" 6.12) || return 1
	known=$cache/checkpatch/$1-$(echo "$args $2" |
		cat - "$tree/scripts/checkpatch.pl" | sha256sum | cut -c 1-16)
	mkdir -p "$cache/checkpatch"
	touch "$known"
	rest=$(xargs sha256sum | grep -vxFf "$known") || return 0
	# word splitting is intended: options contain no blanks
	# shellcheck disable=SC2086
	cut -c 67- <<<"$rest" | xargs perl "$tree/scripts/checkpatch.pl" $args $2 \
		--file 2>&1 | silent || return 1
	echo "$rest" >>"$known"
}

# module/trace.h is formatted as the kernel's own tracepoint headers are.
# checkpatch complains about this format.
checkpatch()
{
	local layout=COMPLEX_MACRO,MULTISTATEMENT_MACRO_USE_DO_WHILE rc=0
	layout+=,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT

	# leave out tests/uapi/v1, which is an old copy of include/uapi
	files '*.c' '*.h' | grep -v -e '^module/trace.h$' \
		-e '^userspace/export_ipfix.c$' -e '^tests/uapi/v1/' |
		checkpatch_files all "" || rc=1
	# libfixbuf has names in CamelCase
	echo userspace/export_ipfix.c |
		checkpatch_files ipfix "--ignore CAMELCASE" || rc=1
	echo module/trace.h | checkpatch_files trace "--ignore $layout" || rc=1
	return $rc
}

# Build the module, and print all lines that are not normal output of make.
module_silent()
{
	local release rc=0

	release=$("$src/tests/lib/kernel.sh" headers "$1") || return 1
	# use a separate folder, because VMs may be using build/$release
	"$src/tests/lib/module.sh" --fresh --in "style-$release" "$release" \
		C=1 CONFIG_TCPTRACE_BENCH=m >"$log/module-$1" 2>&1 || rc=$?
	grep -vE '^  [A-Z]+ +(\[M\] +)?[^ ]+$' "$log/module-$1" |
		grep -v '^module for ' | silent && [ $rc = 0 ]
}

floor_of()
{
	case $1 in
	*..*) ;;
	core/*) echo 1 ;;
	config | conn | context | delay | drop_reason | listener | pack | \
		reader | ring | ring_mmap | ring_plain | row | stats | table | \
		vantage | version | walk)
		echo 2
		;;
	end | event | gc | limit | packet | trace | tracker) echo 3 ;;
	chardev | fate | hook | net | param | procfs) echo 4 ;;
	netns) echo 5 ;;
	main) echo 6 ;;
	esac
}

# Print each include of a header from a higher floor (see CONTRIBUTING.md).
floors()
{
	local file name target mine its

	grep -nH '^#include "' module/*.[ch] module/core/*.[ch] |
		sed 's/:#include "/:/; s/".*//' |
		while IFS=: read -r file line target; do
			name=${file#module/}
			mine=$(floor_of "${name%.[ch]}")
			case $name in
			core/*) target=core/${target#core/} ;;
			esac
			its=$(floor_of "${target%.h}")
			if [ -z "$mine" ] || [ -z "$its" ]; then
				echo "$file:$line: no floor for $name or $target"
			elif [ "$its" -gt "$mine" ]; then
				echo "$file:$line: floor $mine includes $target," \
					"floor $its"
			fi
		done | silent
}

# The core may include the ABI, which is floor 0 and defines the values of
# states and reasons.
core_is_pure()
{
	grep -n '^#include <' module/core/*.[ch] |
		grep -v '^module/core/env.h:' |
		grep -v '#include <linux/tcptrace.h>$' | silent
}

file_lengths()
{
	# The whole ABI is one header on purpose, because programs need only
	# that file.
	files '*.c' '*.h' '*.sh' '*.py' '*.awk' | grep -v '/linux/tcptrace\.h$' |
		xargs awk -v max=$max_file '
			FNR == max + 1 { print FILENAME ": over " max " lines" }
		' | silent
}

function_lengths()
{
	files '*.c' '*.h' | xargs awk -v max=$max_function '
		FNR == 1 { begin = 0 }
		/^\{/ { begin = FNR }
		/^\}/ && begin {
			if (FNR - begin + 1 > max)
				print FILENAME ":" begin ": " \
					FNR - begin + 1 " lines"
			begin = 0
		}' | silent
}

# The SPDX line is line 1, or line 2 of a script whose line 1 names the
# interpreter.
spdx()
{
	{
		files '*.c' '*.h' '*.sh' '*.py' '*.awk' '*.rules' Kbuild \
			Kconfig Makefile kunitconfig
		echo .ci/run
	} | while read -r file; do
		head -n 2 "$file" | awk '
			NR == 1 && !/^#!/ && !/SPDX-License-Identifier: / { exit }
			/SPDX-License-Identifier: GPL-2\.0/ { found = 1 }
			END { exit !found }' || echo "$file: no SPDX line"
	done | silent
}

readme_names_kernels()
{
	local series

	for series in $kernels; do
		grep -q "Linux.*\<${series/./\\.}\>.*tested" README.md ||
			echo "README.md: Linux $series is tested as well"
	done | silent
}

no_version_tests()
{
	files '*.c' '*.h' | xargs grep -nE '(LINUX|KERNEL)_VERSION' |
		silent
}

# Print files that tools have left behind and that git tracks by mistake.
stray_files()
{
	git ls-files | grep -E '(\.(orig|rej|mod\.c|o|ko)|~)$|(^|/)\.checkpatch-' |
		silent
}

shell_scripts()
{
	{
		files '*.sh'
		echo .ci/run
	} | xargs shellcheck -x -P SCRIPTDIR
}

python_scripts()
{
	files '*.py' | xargs pyflakes3 && files '*.py' | xargs tests/imports.py
}

man_page()
{
	[ -r userspace/tcptracectl.8 ] || { echo "there is none"; return 1; }
	man --warnings -l userspace/tcptracectl.8 2>&1 >/dev/null |
		silent || return 1
	groff -man -Tutf8 -ww -z userspace/tcptracectl.8 2>&1 | silent
}

gate "checkpatch --strict finds nothing" checkpatch
for series in $kernels; do
	gate "module builds silently with W=1 C=1 on $series" \
		module_silent "$series"
done
uapi_gates
gate "no include goes up a floor" floors
gate "core includes only the ABI, its own and env.h" core_is_pure
gate "no file over $max_file lines" file_lengths
gate "no function over $max_function lines" function_lengths
gate "SPDX on the first line" spdx
gate "no kernel version tests" no_version_tests
gate "README names the tested kernels" readme_names_kernels
gate "no stray file in git" stray_files
gate "shellcheck finds nothing" shell_scripts
gate "Python: pyflakes finds nothing, imported names exist" python_scripts
gate "man page lints" man_page
tap_end
