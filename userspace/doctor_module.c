// SPDX-License-Identifier: GPL-2.0
#include "doctor_module.h"

#include "device.h"
#include "proc.h"
#include "proc_stats.h"
#include "version.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

#define EFI		"/sys/firmware/efi"
#define EFI_GLOBAL	"8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SECURE_BOOT	EFI "/efivars/SecureBoot-" EFI_GLOBAL

#define CAPTURE	"run 'tcptracectl watch -i any', which needs no module"

/*
 * Check whether the kernel supports loadable modules; if /proc is missing,
 * assume that it does.
 */
static bool has_modules(void)
{
	return proc_exists("/proc/modules") || !proc_exists("/proc/version");
}

static void look_at_kernel(struct report *r)
{
	u64 disabled;

	if (!proc_exists("/proc/version")) {
		doctor_say(r, VERDICT_UNKNOWN, "kernel",
			   "cannot tell whether it loads modules: /proc is missing");
		doctor_advise(r, "run it outside of the container");
	} else if (!has_modules()) {
		doctor_say(r, VERDICT_PROBLEM, "kernel",
			   "this kernel was built without loadable modules");
		doctor_advise(r,
			      CAPTURE "; or boot a kernel with CONFIG_MODULES=y, such as Debian's");
	} else if (proc_read_number("/proc/sys/kernel/modules_disabled",
				    &disabled) == 0 && disabled) {
		doctor_say(r, VERDICT_PROBLEM, "kernel",
			   "kernel.modules_disabled is set: no module can be loaded until a reboot");
		doctor_advise(r, "remove it from /etc/sysctl.conf and /etc/sysctl.d, and reboot");
	} else {
		doctor_say(r, VERDICT_OK, "kernel", "loads modules");
	}
}

static void look_at_netfilter(struct report *r)
{
	if (proc_exists("/proc/net/netfilter")) {
		doctor_say(r, VERDICT_OK, "netfilter", "in this kernel");
	} else if (proc_exists("/proc/net/dev")) {
		doctor_say(r, VERDICT_PROBLEM, "netfilter",
			   "not in this kernel: the module needs it to see packets");
		doctor_advise(r, "boot a kernel with CONFIG_NETFILTER=y, such as Debian's");
	} else {
		doctor_say(r, VERDICT_UNKNOWN, "netfilter",
			   "/proc/net is missing");
		doctor_advise(r, "run it outside of the container");
	}
}

/*
 * List the kernels for which /lib/modules has the module.
 * Return: true if there is such a kernel.
 */
static bool list_others(char *list, size_t size)
{
	DIR *dir = opendir("/lib/modules");
	const struct dirent *entry;
	char path[PATH_MAX];
	size_t len = 0;

	list[0] = '\0';
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || len + 1 >= size ||
		    !module_file_search(entry->d_name, path, sizeof(path)))
			continue;
		len += (size_t)snprintf(list + len, size - len, "%s%s",
					len ? ", " : "", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return len > 0;
}

/*
 * Find the module that 'make' has built: below the current directory, or in the
 * build directory of this program.
 */
static bool find_built(const char *release, char *path, size_t size)
{
	char program[PATH_MAX];
	ssize_t len;

	snprintf(path, size, "build/%s/module/tcptrace.ko", release);
	if (proc_exists(path))
		return true;
	len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (len < 0)
		return false;
	program[len] = '\0';
	snprintf(path, size, "%s/%s/module/tcptrace.ko",
		 dirname(dirname(program)), release);
	return proc_exists(path);
}

static void advise_build(struct report *r)
{
	doctor_advise(r, "run 'make' and 'make install' in the source, then 'modprobe tcptrace'");
}

/* Return: true if the vermagic begins with this kernel's release. */
static bool is_for(const struct module_file *file, const char *release)
{
	size_t len = strlen(release);

	return strncmp(file->vermagic, release, len) == 0 &&
	       (file->vermagic[len] == ' ' || file->vermagic[len] == '\0');
}

/* Return: true if the file can be read and is for this kernel. */
static bool judge_file(struct report *r, const struct module_files *files,
		       const struct module_file *file, int err)
{
	if (err) {
		doctor_say(r, VERDICT_PROBLEM, "file", "%s: %s", file->path,
			   strerror(-err));
		advise_build(r);
		return false;
	}
	if (!is_for(file, files->release)) {
		doctor_say(r, VERDICT_PROBLEM, "file",
			   "%s was built for '%s', but this kernel is %s",
			   file->path, file->vermagic, files->release);
		advise_build(r);
		return false;
	}
	doctor_say(r, VERDICT_OK, "file", "%s, version %s, for this kernel",
		   file->path, file->version);
	return true;
}

static void say_none(struct report *r, const struct module_files *files)
{
	char others[256];

	if (list_others(others, sizeof(others)))
		doctor_say(r, VERDICT_PROBLEM, "file",
			   "installed for %s, but not for this kernel, %s",
			   others, files->release);
	else
		doctor_say(r, VERDICT_PROBLEM, "file",
			   "neither installed nor built for this kernel, %s",
			   files->release);
	advise_build(r);
}

/*
 * Check one .ko file of the module: the file in depmod's index; otherwise
 * an installed file; otherwise a file that was built but not installed.
 * Return: true if the file can be read and is for this kernel.
 */
static bool look_at_file(struct report *r, const struct module_files *files,
			 struct module_file *file)
{
	char path[PATH_MAX];
	int err;

	err = module_files_installed(files, file);
	if (file->path[0])
		return judge_file(r, files, file, err);
	if (module_file_search(files->release, path, sizeof(path))) {
		err = module_file_read(files, path, file);
		if (!judge_file(r, files, file, err))
			return false;
		doctor_say(r, VERDICT_PROBLEM, "depmod",
			   "modprobe does not know the module yet");
		doctor_advise(r, "run 'depmod %s'", files->release);
		return true;
	}
	if (find_built(files->release, path, sizeof(path))) {
		err = module_file_read(files, path, file);
		if (!judge_file(r, files, file, err))
			return false;
		doctor_advise(r, "run 'make install', or load it with 'insmod %s'",
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
	if (proc_exists(path)) {
		doctor_say(r, VERDICT_OK, "headers", "the headers of %s are installed",
			   release);
		return;
	}
	doctor_say(r, VERDICT_PROBLEM, "headers",
		   "the headers of %s are not installed: no module can be built",
		   release);
	doctor_advise(r,
		      "run 'apt-get install linux-headers-%s'; if that is gone, upgrade the kernel",
		      release);
}

enum answer {
	NO,
	YES,
	NOT_KNOWN,
};

/* Brackets mark the lockdown mode in use: none [integrity] confidentiality */
static enum answer is_locked_down(void)
{
	char text[64];

	if (proc_read("/sys/kernel/security/lockdown", text, sizeof(text)) < 0)
		return NOT_KNOWN;
	return strstr(text, "[none]") ? NO : YES;
}

static enum answer is_enforced(void)
{
	char text[8];

	if (proc_read("/sys/module/module/parameters/sig_enforce", text,
		      sizeof(text)) < 0)
		return NOT_KNOWN;
	return text[0] == 'Y' ? YES : NO;
}

/* In an EFI variable's file, four bytes of attributes precede the value. */
static enum answer is_secure_boot(void)
{
	char data[8];
	ssize_t len;

	if (!proc_exists("/sys/firmware"))
		return NOT_KNOWN;
	if (!proc_exists(EFI))
		return NO;
	len = proc_read(SECURE_BOOT, data, sizeof(data));
	if (len == -ENOENT && proc_exists(EFI "/efivars"))
		return NO;
	if (len < 5)
		return NOT_KNOWN;
	return data[4] == 1 ? YES : NO;
}

/*
 * Check whether one of the kernel's keys names the signer. A process without
 * privileges does not see these keys.
 */
static enum answer has_key_of(const char *signer)
{
	FILE *file = fopen("/proc/keys", "re");
	enum answer answer = NOT_KNOWN;
	char line[512];

	if (!file)
		return NOT_KNOWN;
	while (answer != YES && fgets(line, sizeof(line), file)) {
		if (!strstr(line, " asymmetri "))
			continue;
		answer = strstr(line, signer) ? YES : NO;
	}
	fclose(file);
	return answer;
}

#define SIGN_MORE	"with a key that 'mokutil --import' has enrolled"

static void advise_signature(struct report *r, const char *release)
{
	doctor_advise(r,
		      "sign it with /lib/modules/%s/build/scripts/sign-file, " SIGN_MORE,
		      release);
}

static void look_at_signature(struct report *r, const struct module_file *file,
			      const char *release)
{
	enum answer locked = is_locked_down(), enforced = is_enforced();
	enum answer secure = is_secure_boot();

	if (file->signer[0] && (locked == YES || enforced == YES) &&
	    has_key_of(file->signer) == NO) {
		doctor_say(r, VERDICT_PROBLEM, "signature",
			   "signed by %s, and this kernel has no key of that name",
			   file->signer);
		doctor_advise(r,
			      "enroll its certificate with 'mokutil --import', and reboot");
	} else if (file->signer[0]) {
		doctor_say(r, VERDICT_OK, "signature", "signed by %s",
			   file->signer);
	} else if (locked == YES || enforced == YES) {
		doctor_say(r, VERDICT_PROBLEM, "signature",
			   "not signed, and this kernel requires a signature (%s)",
			   locked == YES ? "lockdown" : "module.sig_enforce");
		advise_signature(r, release);
	} else if (secure == YES && locked == NOT_KNOWN) {
		doctor_say(r, VERDICT_WARNING, "signature",
			   "not signed, and Secure Boot is on: the kernel may require a signature");
		advise_signature(r, release);
	} else if (locked == NO || enforced == NO || secure == NO) {
		doctor_say(r, VERDICT_OK, "signature",
			   "not signed, and no signature is required");
	} else {
		doctor_say(r, VERDICT_UNKNOWN, "signature",
			   "not signed, and cannot read the state of lockdown and Secure Boot");
		doctor_advise(r, "run it outside of the container");
	}
}

/* Check whether module_blacklist= in /proc/cmdline names the module. */
static bool is_refused(void)
{
	char line[4096], *word, *name, *outer, *inner;

	if (proc_read("/proc/cmdline", line, sizeof(line)) < 0)
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

static void look_at_modprobe(struct report *r, const struct module_files *files)
{
	char command[256];

	if (is_refused()) {
		doctor_say(r, VERDICT_PROBLEM, "modprobe",
			   "module_blacklist= on the kernel's command line names the module");
		doctor_advise(r, "remove it from the command line and reboot");
	} else if (module_files_replaced(files, command, sizeof(command))) {
		doctor_say(r, VERDICT_PROBLEM, "modprobe",
			   "modprobe runs '%s' instead of loading it", command);
		doctor_advise(r, "remove the line 'install tcptrace' from /etc/modprobe.d");
	} else if (module_files_blacklisted(files)) {
		doctor_say(r, VERDICT_WARNING, "modprobe",
			   "blacklisted: only 'modprobe tcptrace' loads it");
		doctor_advise(r, "remove the line 'blacklist tcptrace' from /etc/modprobe.d");
	} else {
		doctor_say(r, VERDICT_OK, "modprobe", "nothing prevents loading");
	}
}

/*
 * Report why the module is not loaded. If the kernel does not support loadable
 * modules, check neither the module's .ko file nor modprobe.
 */
void doctor_module_explain(struct report *report,
			   const struct module_files *files)
{
	struct module_file file;

	look_at_kernel(report);
	look_at_netfilter(report);
	if (!has_modules())
		return;
	if (look_at_file(report, files, &file))
		look_at_signature(report, &file, files->release);
	else
		look_at_headers(report, files->release);
	look_at_modprobe(report, files);
}

static enum presence find(void)
{
	if (proc_exists("/sys/module/tcptrace") ||
	    proc_exists(PROC_STATS_PATH) ||
	    proc_has_word("/proc/modules", "tcptrace"))
		return PRESENCE_YES;
	/* a kernel without loadable modules has no /proc/modules */
	return proc_exists("/sys/module") ||
	       proc_exists("/proc/version") ? PRESENCE_NO : PRESENCE_UNKNOWN;
}

enum presence doctor_module_check(struct report *report)
{
	enum presence presence = find();

	switch (presence) {
	case PRESENCE_YES:
		doctor_say(report, VERDICT_OK, "module", "loaded");
		break;
	case PRESENCE_NO:
		doctor_say(report, VERDICT_PROBLEM, "module", "not loaded");
		doctor_advise(report, has_modules() ?
			      "follow the advice below, then 'modprobe tcptrace' or 'make load'" :
			      CAPTURE);
		break;
	case PRESENCE_UNKNOWN:
		doctor_say(report, VERDICT_UNKNOWN, "module",
			   "cannot tell whether it is loaded: /sys and /proc are missing");
		doctor_advise(report, "run it outside of the container");
	}
	return presence;
}

static void check_version(struct report *r)
{
	char version[64];

	if (proc_read("/sys/module/tcptrace/version", version,
		      sizeof(version)) < 0) {
		doctor_say(r, VERDICT_UNKNOWN, "version",
			   "cannot read /sys/module/tcptrace/version");
		doctor_advise(r, "run it outside of the container");
	} else if (strcmp(version, TCPTRACE_VERSION) != 0) {
		doctor_say(r, VERDICT_WARNING, "version",
			   "module %s, this program "
			   TCPTRACE_VERSION, version);
		doctor_advise(r,
			      "install both from one source with 'make install', and reload the module");
	} else {
		doctor_say(r, VERDICT_OK, "version", "%s, as this program",
			   version);
	}
}

/* Return: the minor number of the device, or -1. */
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
	char value[PROC_PARAMETER_LEN];
	int minor;

	switch (err) {
	case -EBUSY:
		doctor_advise(r,
			      "end a reader ('fuser -v %s'), or raise max_readers (now %s)",
			      TCPTRACE_DEVICE,
			      proc_parameter_text("max_readers", value));
		break;
	case -EACCES:
	case -EPERM:
		doctor_advise(r,
			      "run as root, or with CAP_NET_ADMIN and a group: see 60-tcptrace.rules");
		break;
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		minor = find_minor();
		if (minor >= 0)
			doctor_advise(r,
				      "give the container the device, or 'mknod -m 600 %s c 10 %d'",
				      TCPTRACE_DEVICE, minor);
		else
			doctor_advise(r,
				      "give the container the device, or reload the module");
		break;
	default:
		doctor_advise(r, "see 'dmesg'");
	}
}

static void check_device(struct report *r)
{
	int fd = device_open(TCPTRACE_DEVICE);

	if (fd >= 0) {
		close(fd);
		doctor_say(r, VERDICT_OK, "device",
			   TCPTRACE_DEVICE " can be read");
		return;
	}
	doctor_say(r, VERDICT_PROBLEM, "device", TCPTRACE_DEVICE ": %s",
		   strerror(-fd));
	advise_access(r, fd);
}

/* Check that this program can use the loaded module. */
void doctor_module_check_use(struct report *report)
{
	check_version(report);
	check_device(report);
}
