# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced: gates that check the ABI header and detect changes of its layout, as
# TAP cases. Run them in the top folder of the project.

uapi=include/uapi/linux/tcptrace.h
uapi_record=tests/uapi/layout
uapi_first=tests/uapi/v1

# uapi_compiler FOLDER COMPILER...
# Set the array $compiler to a command that uses only the kernel's headers,
# because a 32-bit C library may not be installed. C90 has no long long: gcc
# permits it in system headers, such as the kernel's, but not in the project's
# header, which is included with -I. linux-libc-dev has asm/ in the multiarch
# folder.
uapi_compiler()
{
	local multiarch

	multiarch=$(gcc -print-multiarch)
	compiler=("${@:2}" -I"$1" -nostdinc -isystem /usr/include
		-isystem "/usr/include/$multiarch"
		-Wall -Wextra -Werror -pedantic)
}

# Print a source that includes the header twice, to test the include guard.
include_twice()
{
	printf '#include <linux/tcptrace.h>\n#include <linux/tcptrace.h>\n'
}

# uapi_is LANGUAGE STANDARD BITS
uapi_is()
{
	local name
	local -a compiler

	for name in gcc clang; do
		uapi_compiler "${uapi%/linux/*}" "$name" "-m$3"
		include_twice | "${compiler[@]}" -x "$1" "-std=$2" \
			-fsyntax-only - || return 1
	done
}

# uapi_layout BITS [FOLDER]
uapi_layout()
{
	local folder=${2:-${uapi%/linux/*}}
	local -a compiler

	uapi_compiler "$folder" gcc "-m$1"
	python3 tests/uapi/layout.py "$folder/linux/tcptrace.h" \
		"${compiler[@]}"
}

uapi_agrees()
{
	local of64 of32

	of64=$(uapi_layout 64) && of32=$(uapi_layout 32) || return 1
	diff -U0 --label "64 bits" --label "32 bits" \
		<(echo "$of64") <(echo "$of32")
}

# Check that each member begins where the previous member ends, and that the
# last member ends where the struct ends. This also proves that layout.py has
# found every member.
uapi_is_tight()
{
	local layout

	layout=$(uapi_layout 64) || return 1
	awk '
		function expect(at) {
			if (at != end) {
				print name ": " at - end " bytes of padding" \
					" at " end
				bad = 1
			}
		}
		$1 != "struct" { next }
		$3 == "size" {
			expect(size)
			size = $4
			end = 0
		}
		{ name = $2 }
		$3 == "offset" {
			expect($4)
			end = $4 + $6
		}
		END { expect(size); exit bad }' <<<"$layout"
}

uapi_is_recorded()
{
	local layout found

	layout=$(uapi_layout 64) || return 1
	if [ ! -e $uapi_record ]; then
		found="there is no $uapi_record"
	elif found=$(python3 tests/uapi/compare.py $uapi_record <<<"$layout")
	then
		return
	fi
	echo "A record grows only at its end. If this is meant:" \
		"make uapi-check RECORD=1"
	echo "$found"
	return 1
}

# Check that records have grown only at their ends since the first layout.
uapi_keeps_first()
{
	python3 tests/uapi/compare.py --older \
		<(uapi_layout 64 $uapi_first) <<<"$(uapi_layout 64)"
}

uapi_gates()
{
	local bits

	for bits in 64 32; do
		gate "UAPI header is C90, $bits bits, included twice" \
			uapi_is c c90 $bits
	done
	for bits in 64 32; do
		gate "UAPI header is C++98, $bits bits, included twice" \
			uapi_is c++ c++98 $bits
	done
	gate "UAPI layout is the same in 32 and 64 bits" uapi_agrees
	gate "UAPI structs have no implicit padding" uapi_is_tight
	gate "UAPI layout is the one in $uapi_record" uapi_is_recorded
	gate "UAPI layout breaks no program built with $uapi_first" \
		uapi_keeps_first
}
