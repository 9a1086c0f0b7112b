// SPDX-License-Identifier: GPL-2.0
#include "presence.h"

#include "device.h"
#include "parameter.h"
#include "sums.h"
#include "sysfile.h"
#include "version.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static enum presence find(void)
{
	if (sysfile_exists("/sys/module/tcptrace") ||
	    sysfile_exists(SUMS_PATH) ||
	    sysfile_has_word("/proc/modules", "tcptrace"))
		return PRESENCE_YES;
	/* a kernel without modules has neither of the two */
	return sysfile_exists("/sys/module") ||
	       sysfile_exists("/proc/version") ? PRESENCE_NO : PRESENCE_UNKNOWN;
}

/**
 * presence_check - is the module loaded?
 * @report: where what was found goes
 *
 * Return: enum presence.
 */
enum presence presence_check(struct report *report)
{
	enum presence presence = find();

	switch (presence) {
	case PRESENCE_YES:
		report_say(report, VERDICT_OK, "module", "loaded");
		break;
	case PRESENCE_NO:
		report_say(report, VERDICT_PROBLEM, "module", "not loaded");
		report_advise(report,
			      "do what is said below, then 'modprobe tcptrace' or 'make load'");
		break;
	case PRESENCE_UNKNOWN:
		report_say(report, VERDICT_UNKNOWN, "module",
			   "neither /sys nor /proc is there to tell whether it is loaded");
		report_advise(report, "run it outside of the container");
	}
	return presence;
}

static void check_version(struct report *r)
{
	char version[64];

	if (sysfile_read("/sys/module/tcptrace/version", version,
			 sizeof(version)) < 0) {
		report_say(r, VERDICT_UNKNOWN, "version",
			   "/sys/module/tcptrace/version cannot be read");
		report_advise(r, "run it outside of the container");
	} else if (strcmp(version, TCPTRACECTL_VERSION) != 0) {
		report_say(r, VERDICT_WARNING, "version",
			   "of the module %s, of this program "
			   TCPTRACECTL_VERSION, version);
		report_advise(r,
			      "build both from one source: 'make install', and load it again");
	} else {
		report_say(r, VERDICT_OK, "version", "%s, as this program",
			   version);
	}
}

/* Return: the minor number that the kernel has given it, or -1. */
static int find_minor(void)
{
	FILE *file = fopen("/proc/misc", "re");
	char name[64], line[128];
	int minor, found = -1;

	while (file && found < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "%d %63s", &minor, name) == 2 &&
		    strcmp(name, "tcptrace") == 0)
			found = minor;
	if (file)
		fclose(file);
	return found;
}

static void advise_access(struct report *r, int err)
{
	char value[PARAMETER_LEN];
	int minor;

	switch (err) {
	case -EBUSY:
		report_advise(r,
			      "end a reader ('fuser -v %s'), or raise max_readers (now %s)",
			      TCPTRACE_DEVICE,
			      parameter_text("max_readers", value));
		break;
	case -EACCES:
	case -EPERM:
		report_advise(r,
			      "be root, or have CAP_NET_ADMIN and a group: see 60-tcptrace.rules");
		break;
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		minor = find_minor();
		if (minor >= 0)
			report_advise(r,
				      "give the container the device, or 'mknod -m 600 %s c 10 %d'",
				      TCPTRACE_DEVICE, minor);
		else
			report_advise(r,
				      "give the container the device, or load the module again");
		break;
	default:
		report_advise(r, "'dmesg' may say more");
	}
}

static void check_device(struct report *r)
{
	int fd = device_open(TCPTRACE_DEVICE);

	if (fd >= 0) {
		close(fd);
		report_say(r, VERDICT_OK, "device",
			   TCPTRACE_DEVICE " can be read");
		return;
	}
	report_say(r, VERDICT_PROBLEM, "device", TCPTRACE_DEVICE ": %s",
		   strerror(-fd));
	advise_access(r, fd);
}

/**
 * presence_check_use - is the module that is loaded of use to this program?
 * @report: where what was found goes
 */
void presence_check_use(struct report *report)
{
	check_version(report);
	check_device(report);
}
