// SPDX-License-Identifier: GPL-2.0
#include "absence.h"

#include "sysfile.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

#define EFI		"/sys/firmware/efi"
#define EFI_GLOBAL	"8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SECURE_BOOT	EFI "/efivars/SecureBoot-" EFI_GLOBAL

static void look_at_kernel(struct report *r)
{
	u64 disabled;

	if (!sysfile_exists("/proc/version")) {
		report_say(r, VERDICT_UNKNOWN, "kernel",
			   "/proc is not there: whether it loads modules");
		report_advise(r, "run it outside of the container");
	} else if (!sysfile_exists("/proc/modules")) {
		report_say(r, VERDICT_PROBLEM, "kernel",
			   "this kernel was built without loadable modules");
		report_advise(r, "boot a kernel with CONFIG_MODULES=y, such as Debian's");
	} else if (sysfile_number("/proc/sys/kernel/modules_disabled",
				  &disabled) == 0 && disabled) {
		report_say(r, VERDICT_PROBLEM, "kernel",
			   "kernel.modules_disabled is set: none is loaded until the next boot");
		report_advise(r, "take it out of /etc/sysctl.conf and /etc/sysctl.d, and boot");
	} else {
		report_say(r, VERDICT_OK, "kernel", "it loads modules");
	}
}

static void look_at_netfilter(struct report *r)
{
	if (sysfile_exists("/proc/net/netfilter")) {
		report_say(r, VERDICT_OK, "netfilter", "in this kernel");
	} else if (sysfile_exists("/proc/net/dev")) {
		report_say(r, VERDICT_PROBLEM, "netfilter",
			   "not in this kernel, and the module sees packets by it");
		report_advise(r, "boot a kernel with CONFIG_NETFILTER=y, such as Debian's");
	} else {
		report_say(r, VERDICT_UNKNOWN, "netfilter",
			   "/proc/net is not there");
		report_advise(r, "run it outside of the container");
	}
}

/* Return: true if /lib/modules has it for another kernel; @list names them. */
static bool list_others(char *list, size_t size)
{
	DIR *dir = opendir("/lib/modules");
	const struct dirent *entry;
	char path[PATH_MAX];
	size_t len = 0;

	list[0] = '\0';
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || len + 1 >= size ||
		    !kofile_search(entry->d_name, path, sizeof(path)))
			continue;
		len += (size_t)snprintf(list + len, size - len, "%s%s",
					len ? ", " : "", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return len > 0;
}

/* What 'make' leaves: below the folder of the program, or below this one. */
static bool find_built(const char *release, char *path, size_t size)
{
	char program[PATH_MAX];
	ssize_t len;

	snprintf(path, size, "build/%s/module/tcptrace.ko", release);
	if (sysfile_exists(path))
		return true;
	len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (len < 0)
		return false;
	program[len] = '\0';
	snprintf(path, size, "%s/%s/module/tcptrace.ko",
		 dirname(dirname(program)), release);
	return sysfile_exists(path);
}

static void advise_build(struct report *r)
{
	report_advise(r, "in its source: 'make', 'make install', then 'modprobe tcptrace'");
}

/* Return: true if its first word is this kernel's release. */
static bool is_for(const struct kofile *file, const char *release)
{
	size_t len = strlen(release);

	return strncmp(file->vermagic, release, len) == 0 &&
	       (file->vermagic[len] == ' ' || file->vermagic[len] == '\0');
}

/* Return: true if the file can be loaded, as far as it is known. */
static bool judge_file(struct report *r, const struct kofiles *files,
		       const struct kofile *file, int err)
{
	if (err) {
		report_say(r, VERDICT_PROBLEM, "file", "%s: %s", file->path,
			   strerror(-err));
		advise_build(r);
		return false;
	}
	if (!is_for(file, files->release)) {
		report_say(r, VERDICT_PROBLEM, "file",
			   "%s was built for '%s', and this kernel is %s",
			   file->path, file->vermagic, files->release);
		advise_build(r);
		return false;
	}
	report_say(r, VERDICT_OK, "file", "%s, version %s, for this kernel",
		   file->path, file->version);
	return true;
}

static void say_none(struct report *r, const struct kofiles *files)
{
	char others[256];

	if (list_others(others, sizeof(others)))
		report_say(r, VERDICT_PROBLEM, "file",
			   "it is installed for %s, not for this kernel, %s",
			   others, files->release);
	else
		report_say(r, VERDICT_PROBLEM, "file",
			   "it is not installed, and not built for this kernel, %s",
			   files->release);
	advise_build(r);
}

/*
 * The first one there is: known to depmod, not known to it, only built.
 * Return: true if it can be loaded.
 */
static bool look_at_file(struct report *r, const struct kofiles *files,
			 struct kofile *file)
{
	char path[PATH_MAX];
	int err;

	err = kofiles_installed(files, file);
	if (file->path[0])
		return judge_file(r, files, file, err);
	if (kofile_search(files->release, path, sizeof(path))) {
		err = kofile_read(files, path, file);
		if (!judge_file(r, files, file, err))
			return false;
		report_say(r, VERDICT_PROBLEM, "depmod",
			   "modprobe does not know it yet");
		report_advise(r, "run 'depmod %s'", files->release);
		return true;
	}
	if (find_built(files->release, path, sizeof(path))) {
		err = kofile_read(files, path, file);
		if (!judge_file(r, files, file, err))
			return false;
		report_advise(r, "it is not installed: 'make install', or 'insmod %s'",
			      path);
		return true;
	}
	say_none(r, files);
	return false;
}

static void look_at_headers(struct report *r, const char *release)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/lib/modules/%s/build/Makefile", release);
	if (sysfile_exists(path)) {
		report_say(r, VERDICT_OK, "headers", "those of %s are there",
			   release);
		return;
	}
	report_say(r, VERDICT_PROBLEM, "headers",
		   "those of %s are not there: nothing can be built for it",
		   release);
	report_advise(r,
		      "'apt-get install linux-headers-%s'; if it is gone, upgrade the kernel",
		      release);
}

enum answer {
	NO,
	YES,
	NOT_KNOWN,
};

/* The kernel marks the mode in use: none [integrity] confidentiality */
static enum answer is_locked_down(void)
{
	char text[64];

	if (sysfile_read("/sys/kernel/security/lockdown", text,
			 sizeof(text)) < 0)
		return NOT_KNOWN;
	return strstr(text, "[none]") ? NO : YES;
}

static enum answer is_enforced(void)
{
	char text[8];

	if (sysfile_read("/sys/module/module/parameters/sig_enforce", text,
			 sizeof(text)) < 0)
		return NOT_KNOWN;
	return text[0] == 'Y' ? YES : NO;
}

/* Four bytes of attributes come before the value. */
static enum answer is_secure_boot(void)
{
	char data[8];
	ssize_t len;

	if (!sysfile_exists("/sys/firmware"))
		return NOT_KNOWN;
	if (!sysfile_exists(EFI))
		return NO;
	len = sysfile_read(SECURE_BOOT, data, sizeof(data));
	if (len == -ENOENT && sysfile_exists(EFI "/efivars"))
		return NO;
	if (len < 5)
		return NOT_KNOWN;
	return data[4] == 1 ? YES : NO;
}

#define SIGN_MORE	"with a key that 'mokutil --import' has enrolled"

static void advise_signature(struct report *r, const char *release)
{
	report_advise(r,
		      "sign it by /lib/modules/%s/build/scripts/sign-file, " SIGN_MORE,
		      release);
}

static void look_at_signature(struct report *r, const struct kofile *file,
			      const char *release)
{
	enum answer locked = is_locked_down(), enforced = is_enforced();
	enum answer secure = is_secure_boot();

	if (file->signer[0]) {
		report_say(r, VERDICT_OK, "signature", "signed by %s",
			   file->signer);
	} else if (locked == YES || enforced == YES) {
		report_say(r, VERDICT_PROBLEM, "signature",
			   "it is not signed, and this kernel wants a signature (%s)",
			   locked == YES ? "lockdown" : "module.sig_enforce");
		advise_signature(r, release);
	} else if (secure == YES && locked == NOT_KNOWN) {
		report_say(r, VERDICT_WARNING, "signature",
			   "it is not signed, and Secure Boot is on: it may have to be");
		advise_signature(r, release);
	} else if (locked == NO || enforced == NO || secure == NO) {
		report_say(r, VERDICT_OK, "signature",
			   "not signed, and no signature is wanted");
	} else {
		report_say(r, VERDICT_UNKNOWN, "signature",
			   "not signed, and neither lockdown nor Secure Boot can be read");
		report_advise(r, "run it outside of the container");
	}
}

/* module_blacklist=a,b on the command line: the kernel itself refuses. */
static bool is_refused(void)
{
	char line[4096], *word, *name, *outer, *inner;

	if (sysfile_read("/proc/cmdline", line, sizeof(line)) < 0)
		return false;
	for (word = strtok_r(line, " ", &outer); word;
	     word = strtok_r(NULL, " ", &outer)) {
		if (strncmp(word, "module_blacklist=", 17) != 0)
			continue;
		for (name = strtok_r(word + 17, ",", &inner); name;
		     name = strtok_r(NULL, ",", &inner))
			if (strcmp(name, "tcptrace") == 0)
				return true;
	}
	return false;
}

static void look_at_modprobe(struct report *r, const struct kofiles *files)
{
	char command[256];

	if (is_refused()) {
		report_say(r, VERDICT_PROBLEM, "modprobe",
			   "module_blacklist= on the kernel's command line names it");
		report_advise(r, "take it out of there and boot again");
	} else if (kofiles_replaced(files, command, sizeof(command))) {
		report_say(r, VERDICT_PROBLEM, "modprobe",
			   "modprobe runs '%s' in its place", command);
		report_advise(r, "take the line 'install tcptrace' out of /etc/modprobe.d");
	} else if (kofiles_blacklisted(files)) {
		report_say(r, VERDICT_WARNING, "modprobe",
			   "it is blacklisted: only 'modprobe tcptrace' loads it");
		report_advise(r, "take the line 'blacklist tcptrace' out of /etc/modprobe.d");
	} else {
		report_say(r, VERDICT_OK, "modprobe", "nothing forbids it");
	}
}

/**
 * absence_explain - say why the module is not loaded
 * @report: where it goes
 * @files: where modprobe looks
 */
void absence_explain(struct report *report, const struct kofiles *files)
{
	struct kofile file;

	look_at_kernel(report);
	look_at_netfilter(report);
	if (look_at_file(report, files, &file))
		look_at_signature(report, &file, files->release);
	else
		look_at_headers(report, files->release);
	look_at_modprobe(report, files);
}
