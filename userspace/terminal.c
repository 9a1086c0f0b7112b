// SPDX-License-Identifier: GPL-2.0
#include "terminal.h"

#include "tty.h"

#include <curses.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

enum {
	ESCAPE_MS	= 25,	/* ms to wait after an ESC byte */
	RESTORE_LEN	= 256,
	CRASH_STACK	= 65536,
};

/* Signals that indicate a crash. */
static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static FILE *keys;
static SCREEN *screen;
static int signals = -1;
static int ended_by;
static bool has_color;

/*
 * Data that the crash handler uses. The handler may call only the functions
 * that signal-safety(7) lists, such as write() and tcsetattr(); functions of
 * curses and stdio are not in the list.
 */
static struct termios before;
static int keys_fd;
static char restore[RESTORE_LEN];
static size_t restore_len;
static struct sigaction crash_before[ARRAY_SIZE(crashes)];
static char crash_stack[CRASH_STACK];

/* Check whether there is a terminal to draw on and to read keys from. */
bool terminal_is_there(void)
{
	const char *term = getenv("TERM");
	int fd;

	if (!isatty(STDOUT_FILENO) || !term || strcmp(term, "dumb") == 0)
		return false;
	if (isatty(STDIN_FILENO))
		return true;
	fd = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/*
 * Block the signals that terminal_wait() reports, and open a descriptor that
 * receives them. Call this before other threads start, because they must not
 * receive these signals.
 */
void terminal_block_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGQUIT);
	sigaddset(&mask, SIGWINCH);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	if (signals < 0)
		signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* This function uses static data, because tputs() cannot pass a pointer. */
static int keep_byte(int c)
{
	if (restore_len < sizeof(restore))
		restore[restore_len++] = (char)c;
	return c;
}

static void keep(const char *capability)
{
	if (capability)
		tputs(capability, 1, keep_byte);
}

/*
 * Restore the terminal, then raise the signal again with its previous
 * disposition, so that the kernel dumps core or a sanitizer reports the crash.
 */
static void crash(int number)
{
	size_t i;
	ssize_t n;

	n = write(STDOUT_FILENO, restore, restore_len);
	(void)n;
	tcsetattr(keys_fd, TCSANOW, &before);
	for (i = 0; i < ARRAY_SIZE(crashes); i++)
		sigaction(crashes[i], &crash_before[i], NULL);
	raise(number);
}

static void catch_crashes(void)
{
	stack_t stack = {
		.ss_sp = crash_stack, .ss_size = sizeof(crash_stack),
	};
	struct sigaction action = {
		.sa_handler = crash, .sa_flags = SA_ONSTACK,
	};
	size_t i;

	keep(exit_attribute_mode);
	keep(cursor_normal);
	keep(keypad_local);
	keep(exit_ca_mode);
	sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	for (i = 0; i < ARRAY_SIZE(crashes); i++)
		sigaction(crashes[i], &action, &crash_before[i]);
}

static void forget_crashes(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(crashes); i++)
		sigaction(crashes[i], &crash_before[i], NULL);
}

static void set_colors(void)
{
	has_color = tty_has_color() && has_colors();
	if (!has_color)
		return;
	start_color();
	use_default_colors();
	init_pair(TERMINAL_BAR, COLOR_BLACK, COLOR_CYAN);
	init_pair(TERMINAL_CURSOR, COLOR_BLACK, COLOR_CYAN);
	init_pair(TERMINAL_TITLE, COLOR_BLACK, COLOR_GREEN);
	init_pair(TERMINAL_SORTED, COLOR_BLACK, COLOR_CYAN);
	init_pair(TERMINAL_WARNING, COLOR_YELLOW, -1);
	init_pair(TERMINAL_ALARM, COLOR_RED, -1);
	init_pair(TERMINAL_DIM, -1, -1);
}

/**
 * terminal_open - start to use the terminal as a screen
 *
 * Return: 0, or a negative error number after a message.
 */
int terminal_open(void)
{
	/* LC_NUMERIC is not set, so the decimal separator remains '.' */
	setlocale(LC_CTYPE, "");
	keys = isatty(STDIN_FILENO) ? stdin : fopen("/dev/tty", "re");
	if (!keys) {
		warn("/dev/tty");
		return -ENOTTY;
	}
	keys_fd = fileno(keys);
	tcgetattr(keys_fd, &before);
	set_escdelay(ESCAPE_MS);
	screen = newterm(NULL, stdout, keys);
	if (!screen) {
		warnx("unknown terminal: '%s'", getenv("TERM"));
		return -ENOTTY;
	}
	catch_crashes();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	set_colors();
	return 0;
}

static void resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row &&
	    size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

static unsigned int read_signals(void)
{
	struct signalfd_siginfo info;
	unsigned int events = 0;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			events |= TERMINAL_RESIZED;
		} else {
			events |= TERMINAL_END;
			ended_by = (int)info.ssi_signo;
		}
	}
	if (events & TERMINAL_RESIZED)
		resize();
	return events;
}

/**
 * terminal_wait - wait for a key, a signal or data
 * @other: an additional descriptor from which data can come, or -1
 * @ms: maximum time to wait, -1: no limit
 *
 * Return: bits of enum terminal_event; 0 if @ms passed without an event, or if
 * a signal that is not blocked ended the wait.
 */
unsigned int terminal_wait(int other, int ms)
{
	struct pollfd fds[] = {
		{ .fd = keys_fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		{ .fd = other, .events = POLLIN },
	};
	unsigned int events = 0;

	if (poll(fds, ARRAY_SIZE(fds), ms) <= 0)
		return 0;
	if (fds[1].revents)
		events |= read_signals();
	if (fds[0].revents & POLLIN)
		events |= TERMINAL_KEY;
	else if (fds[0].revents)
		events |= TERMINAL_END;
	if (fds[2].revents)
		events |= TERMINAL_OTHER;
	return events;
}

/* Return: the next key, as from getch(); ERR if there is none. */
int terminal_key(void)
{
	return getch();
}

/* Return: attributes for attrset(). */
unsigned long terminal_color(enum terminal_color color)
{
	static const unsigned long without[TERMINAL_COLORS] = {
		[TERMINAL_BAR]		= A_REVERSE,
		[TERMINAL_CURSOR]	= A_REVERSE,
		[TERMINAL_TITLE]	= A_REVERSE,
		[TERMINAL_SORTED]	= A_REVERSE | A_BOLD,
		[TERMINAL_ALARM]	= A_BOLD,
	};

	if (!has_color)
		return without[color];
	if (color == TERMINAL_DIM)
		return A_DIM;
	return color == TERMINAL_PLAIN ? A_NORMAL :
	       (unsigned long)COLOR_PAIR(color);
}

/**
 * terminal_put - put text on the screen
 * @y: the line of the text
 * @x: the first column of the text
 * @text: the text; invalid bytes, and characters that cannot be printed or have
 *	no width, become '?'
 * @width: columns that the text may take; unused columns are cleared
 */
void terminal_put(int y, int x, const char *text, int width)
{
	mbstate_t state = { 0 };
	size_t len, left = strlen(text);
	attr_t attributes;
	wchar_t c[2] = L"";
	cchar_t cell;
	short pair;
	int taken;

	attr_get(&attributes, &pair, NULL);
	for (; left && width > 0; text += len, left -= len) {
		len = mbrtowc(c, text, left, &state);
		if (len == 0 || len > left) {
			memset(&state, 0, sizeof(state));
			len = 1;
			c[0] = L'?';
		}
		taken = iswprint((wint_t)c[0]) ? wcwidth(c[0]) : -1;
		if (taken <= 0) {
			c[0] = L'?';
			taken = 1;
		}
		if (taken > width)
			break;
		setcchar(&cell, c, attributes, pair, NULL);
		mvadd_wch(y, x, &cell);
		x += taken;
		width -= taken;
	}
	for (; width > 0; width--)
		mvaddch(y, x++, ' ');
}

/* Return: the last signal that caused TERMINAL_END, or 0. */
int terminal_signal(void)
{
	return ended_by;
}

/* Restore the terminal. */
void terminal_close(void)
{
	endwin();
	forget_crashes();
	delscreen(screen);
	screen = NULL;
	if (keys != stdin)
		fclose(keys);
}
