// SPDX-License-Identifier: GPL-2.0
#include "name.h"

#include "tcb.h"

#include <linux/tcptrace.h>

static const char *const state_names[TCPTRACE_STATES] = {
	[TCPTRACE_CLOSED]	= "CLOSED",
	[TCPTRACE_SYN_SENT]	= "SYN_SENT",
	[TCPTRACE_SYN_RECEIVED]	= "SYN_RECEIVED",
	[TCPTRACE_ESTAB]	= "ESTABLISHED",
	[TCPTRACE_FIN_WAIT_1]	= "FIN_WAIT_1",
	[TCPTRACE_FIN_WAIT_2]	= "FIN_WAIT_2",
	[TCPTRACE_CLOSE_WAIT]	= "CLOSE_WAIT",
	[TCPTRACE_CLOSING]	= "CLOSING",
	[TCPTRACE_LAST_ACK]	= "LAST_ACK",
	[TCPTRACE_TIME_WAIT]	= "TIME_WAIT",
};

const char *tcpt_state_name(unsigned int state)
{
	return state < ARRAY_SIZE(state_names) ? state_names[state] : "?";
}

/**
 * tcpt_marks_name - write the marks of a connection as letters
 * @marks: enum tcpt_mark, ORed
 * @buf: room for the letters, TCPT_MARKS_LEN bytes
 *
 * The letters are M (midstream), G (originator guessed), S (self-connection), O
 * (one way), C (closed) and H (half-open). Without any letter, the name is "-".
 *
 * Context: any.
 * Return: @buf.
 */
const char *tcpt_marks_name(unsigned int marks, char buf[TCPT_MARKS_LEN])
{
	static const struct {
		u8 mark;
		char letter;
	} letters[] = {
		{ TCPT_MARK_MIDSTREAM, 'M' }, { TCPT_MARK_GUESSED, 'G' },
		{ TCPT_MARK_SELF, 'S' }, { TCPT_MARK_ONE_WAY, 'O' },
		{ TCPT_MARK_CLOSED, 'C' },
	};
	unsigned int i;
	char *p = buf;

	for (i = 0; i < ARRAY_SIZE(letters); i++)
		if (marks & letters[i].mark)
			*p++ = letters[i].letter;
	if (!(marks & (TCPT_MARK_CONFIRMED | TCPT_MARK_CLOSED)))
		*p++ = 'H';
	if (p == buf)
		*p++ = '-';
	*p = '\0';
	return buf;
}

/**
 * tcpt_flags_name - write TCP flags as letters
 * @flags: TCPTRACE_FIN and so on; other bits are ignored
 * @buf: room for the letters, TCPT_FLAGS_LEN bytes
 *
 * The letters are tshark's: S, A, F, R, P, U, E (ECE), C (CWR), N (AE). If no
 * flag is set, the name is "-".
 *
 * Context: any.
 * Return: @buf.
 */
char *tcpt_flags_name(unsigned int flags, char buf[TCPT_FLAGS_LEN])
{
	static const struct {
		u16 flag;
		char letter;
	} letters[] = {
		{ TCPTRACE_AE, 'N' }, { TCPTRACE_CWR, 'C' },
		{ TCPTRACE_ECE, 'E' }, { TCPTRACE_URG, 'U' },
		{ TCPTRACE_SYN, 'S' }, { TCPTRACE_FIN, 'F' },
		{ TCPTRACE_RST, 'R' }, { TCPTRACE_PSH, 'P' },
		{ TCPTRACE_ACK, 'A' },
	};
	size_t i, n = 0;

	static_assert(ARRAY_SIZE(letters) + 1 <= TCPT_FLAGS_LEN,
		      "every letter has room");
	for (i = 0; i < ARRAY_SIZE(letters); i++)
		if (flags & letters[i].flag)
			buf[n++] = letters[i].letter;
	if (n == 0)
		buf[n++] = '-';
	buf[n] = '\0';
	return buf;
}
