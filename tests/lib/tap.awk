# SPDX-License-Identifier: GPL-2.0
# Count the cases of a TAP or KTAP stream, and print "PASSED FAILED SKIPPED" at
# the end. Only leaves count: a result after indented results sums them up.
#
# A part of the stream between "# begin NAME" and "# end NAME: exit N in S s"
# must have a plan and keep the plan. If the part exits with a failure, one of
# its cases must have failed. Otherwise the part counts as one failed case, and
# its name is printed unless quiet is set. "# restart" discards the counts of
# the current part, which begins again.

function owe(what)
{
	failed++
	if (!quiet)
		print "not ok - " part ": " what
}

function close_part(status)
{
	if (part == "")
		return
	if (plan < 0)
		owe("no plan: it died (exit " status ")")
	else if (plan != top)
		owe("planned " plan " results, gave " top " (exit " status ")")
	else if (status != 0 && failed == failed_before)
		owe("exit " status)
	part = ""
}

BEGIN { plan = -1; part = "" }

/^# begin / {
	close_part("unknown")
	part = $3
	plan = -1
	top = 0
	passed_before = passed
	failed_before = failed
	skipped_before = skipped
	for (i in below)
		delete below[i]
	next
}

/^# restart/ {
	passed = passed_before
	failed = failed_before
	skipped = skipped_before
	part = ""
	next
}

/^# end [^ ]*: exit / {
	if (part != "")
		close_part($5)
	next
}

/^1\.\.[0-9]+/ {
	plan = substr($1, 4) + 0
	if (plan == 0)
		skipped++
	next
}

/^Bail out!/ { owe($0); next }

/^ *(not )?ok( |$)/ {
	indent = match($0, /[^ ]/) - 1
	leaf = 1
	for (i in below) {
		if (i + 0 > indent) {
			leaf = 0
			if (below[i] == "bad")
				known = 1
			delete below[i]
		}
	}
	bad = $1 == "not"
	if (leaf && !bad && toupper($0) ~ /# *SKIP/)
		skipped++
	else if (leaf && !bad)
		passed++
	else if (bad && (leaf || !known))
		failed++
	known = 0
	if (bad)
		below[indent] = "bad"
	else if (!(indent in below))
		below[indent] = "good"
	if (indent == 0) {
		top++
		delete below[0]
	}
}

END {
	close_part("unknown")
	print passed + 0, failed + 0, skipped + 0
}
