# SPDX-License-Identifier: GPL-2.0
# Completion of tcptracectl(8) for fish. Commands and options are read from the
# program's help.

# Print the options of a command, each with a tab and its description.
function __tcptracectl_options
    $argv[1] $argv[2] --help 2>/dev/null | awk '{
		text = $0
		if (!sub(/^ +-.*  +/, "", text))
			text = ""
		rest = $0
		while (match(rest, /--[a-z-]+(\[?=)?/)) {
			option = substr(rest, RSTART, RLENGTH)
			rest = substr(rest, RSTART + RLENGTH)
			# --color[=WHEN] is complete with and without a value
			if (sub(/\[=$/, "", option))
				about[option "="] = text
			if (about[option] == "")
				about[option] = text
		}
	}
	END {
		for (option in about)
			print option "\t" about[option]
	}'
end

# Print the values of an option, one a line.
function __tcptracectl_values
    switch "$argv[1]:$argv[2]"
        case watch:--events watch:-e record:--events record:-e
            printf '%s\n' open state established segment close suspected \
                limit finding icmp drop owner all failures findings
        case explain:--level
            printf '%s\n' basic full
        case explain:--lang
            printf '%s\n' en ko
        case '*:--color'
            printf '%s\n' auto always never
        case watch:--time
            printf '%s\n' real iso utc mono delta relative
        case '*:--interface' '*:-i'
            printf '%s\n' any
            command ls /sys/class/net 2>/dev/null
        case list:--state list:-s
            printf '%s\n' closed syn-sent syn-received established \
                fin-wait-1 fin-wait-2 close-wait closing last-ack time-wait
        case list:--finding
            printf '%s\n' old_connection syn_repeated synack_repeated \
                synack_unanswered two_synacks tfo_not_taken old_timestamp \
                wscale_lost window_shrunk window_overrun zero_window \
                probes_unanswered keep_alives_unanswered data_unanswered \
                fin_unanswered path_mtu sack_outside ack_loop one_way \
                seen_twice stray_rst syn_timestamp too_big route_moved \
                asymmetric listener_full
    end
end

function __tcptracectl
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    set -l option $words[-1]
    set -l before ''

    if test (count $words) -eq 1
        $words[1] help 2>/dev/null |
            string replace -rf '^  ([a-z]+) +(.*)' '$1\t$2'
        return
    end
    if string match -q -- '--*=*' $cur
        set option (string replace -r '=.*' '' -- $cur)
        set before "$option="
    else if string match -q -- '*,*' $cur
        set before (string replace -r '[^,]*$' '' -- $cur)
    end
    set -l values (__tcptracectl_values $words[2] $option)
    if set -q values[1]
        printf '%s\n' $before$values
        return
    end
    switch $option
        case --device --svg --textfile --state-file --file --output -o --read -r --write -w
            __fish_complete_path $cur
            return
    end
    if string match -q -- '-*' $cur
        __tcptracectl_options $words[1] $words[2]
    else if test $words[2] = record
        __fish_complete_path $cur
    end
end

complete -c tcptracectl -f -a '(__tcptracectl)'
