// SPDX-License-Identifier: GPL-2.0
/*
 * Implement Wireshark's protocol extcap(4). Wireshark asks for interfaces,
 * link types and options, and this program prints them. Then Wireshark asks the
 * program to write a capture to a FIFO.
 */
#include "command.h"
#include "expression.h"

#include <err.h>
#include <getopt.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

/**
 * struct extcap - a request from Wireshark
 * @ask: what Wireshark asks for; 0: a capture, or the check of a filter
 * @capture: start a capture
 * @fifo: path of the FIFO to which the capture is written
 * @filter: capture filter; NULL: none
 * @device: the device to read; NULL: the default
 * @events: events to write into comments; NULL: the default
 * @all_netns: capture in all network namespaces
 */
struct extcap {
	int ask;
	bool capture;
	const char *fifo;
	const char *filter;
	const char *device;
	const char *events;
	bool all_netns;
};

enum {
	ASK_INTERFACES = 256,
	ASK_DLTS,
	ASK_CONFIG,
	OPT_VERSION,
	OPT_INTERFACE,
	OPT_CAPTURE,
	OPT_FIFO,
	OPT_FILTER,
	OPT_DEVICE,
	OPT_EVENTS,
	OPT_ALL_NETNS,
};

static const struct option options[] = {
	{ "extcap-interfaces", no_argument, NULL, ASK_INTERFACES },
	{ "extcap-dlts", no_argument, NULL, ASK_DLTS },
	{ "extcap-config", no_argument, NULL, ASK_CONFIG },
	{ "extcap-version", optional_argument, NULL, OPT_VERSION },
	{ "extcap-interface", required_argument, NULL, OPT_INTERFACE },
	{ "extcap-capture-filter", required_argument, NULL, OPT_FILTER },
	{ "capture", no_argument, NULL, OPT_CAPTURE },
	{ "fifo", required_argument, NULL, OPT_FIFO },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "events", required_argument, NULL, OPT_EVENTS },
	{ "all-netns", no_argument, NULL, OPT_ALL_NETNS },
	{ NULL, 0, NULL, 0 },
};

static const char interfaces[] =
	"extcap {version=1.0}{help=man:tcptracectl}\n"
	"interface {value=tcptrace}{display=tcptrace: this kernel}\n";

static const char config[] =
	"arg {number=0}{call=--all-netns}{display=All network namespaces}{type=boolflag}\n"
	"arg {number=1}{call=--events}{display=Events in comments}{type=multicheck}\n"
	"value {arg=1}{value=state}{display=Changes of state}{default=true}\n"
	"value {arg=1}{value=established}{display=Handshakes}{default=true}\n"
	"value {arg=1}{value=close}{display=Ends}{default=true}\n"
	"value {arg=1}{value=suspected}{display=Suspicions}{default=true}\n"
	"value {arg=1}{value=finding}{display=Findings}{default=true}\n"
	"arg {number=2}{call=--device}{display=Device}{type=string}{default=" TCPTRACE_DEVICE "}\n";

/*
 * Check a filter. Print what is wrong with it, for Wireshark to show. Return:
 * the exit status.
 */
static int check_filter(const struct extcap *x)
{
	char *const words[] = { (char *)x->filter, NULL };
	struct expression expression;
	char why[512];

	if (!x->filter)
		return EXIT_OK;
	if (expression_compile(&expression, DLT_RAW, words, why,
			       sizeof(why)) != 0) {
		printf("%s\n", why);
		return EXIT_FAIL;
	}
	expression_free(&expression);
	return EXIT_OK;
}

static int answer(const struct extcap *x)
{
	switch (x->ask) {
	case ASK_INTERFACES:
		fputs(interfaces, stdout);
		return EXIT_OK;
	case ASK_DLTS:
		printf("dlt {number=%d}{name=DLT_RAW}{display=Raw IP}\n",
		       DLT_RAW);
		return EXIT_OK;
	case ASK_CONFIG:
		fputs(config, stdout);
		return EXIT_OK;
	default:
		return check_filter(x);
	}
}

/* Run the command "record" to make the capture. Return: the exit status. */
static int start(const struct extcap *x)
{
	const char *argv[12] = { "tcptracectl record" };
	int argc = 1;

	if (!x->fifo) {
		warnx("--capture needs --fifo FILE");
		return EXIT_USAGE;
	}
	if (x->device) {
		argv[argc++] = "--device";
		argv[argc++] = x->device;
	}
	if (x->events) {
		argv[argc++] = "--events";
		argv[argc++] = x->events;
	}
	if (x->all_netns)
		argv[argc++] = "--all-netns";
	argv[argc++] = "--";
	argv[argc++] = x->fifo;
	if (x->filter)
		argv[argc++] = x->filter;
	argv[argc] = NULL;
	/* 0: restart getopt */
	optind = 0;
	return record_main(argc, (char **)argv);
}

/* Take an option. Return: false if it is unknown; getopt prints the error. */
static bool take(struct extcap *x, int opt)
{
	switch (opt) {
	case ASK_INTERFACES:
	case ASK_DLTS:
	case ASK_CONFIG:
		x->ask = opt;
		return true;
	case OPT_VERSION:
	case OPT_INTERFACE:
		return true;
	case OPT_CAPTURE:
		x->capture = true;
		return true;
	case OPT_FIFO:
		x->fifo = optarg;
		return true;
	case OPT_FILTER:
		x->filter = *optarg ? optarg : NULL;
		return true;
	case OPT_DEVICE:
		x->device = optarg;
		return true;
	case OPT_EVENTS:
		x->events = *optarg ? optarg : NULL;
		return true;
	case OPT_ALL_NETNS:
		x->all_netns = true;
		return true;
	default:
		return false;
	}
}

/* Check whether Wireshark has called the program. */
bool extcap_is_wanted(char *const argv[])
{
	for (; *argv; argv++)
		if (strncmp(*argv, "--extcap-", strlen("--extcap-")) == 0)
			return true;
	return false;
}

int extcap_main(int argc, char **argv)
{
	struct extcap x = { .ask = 0 };
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take(&x, opt))
			return EXIT_USAGE;
	return x.capture ? start(&x) : answer(&x);
}
