// SPDX-License-Identifier: GPL-2.0
#include "doctor_report.h"

#include "command.h"
#include "json_writer.h"
#include "output.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	INDENT	= 21,	/* where the text begins */
};

static const char *const names[] = {
	[VERDICT_OK]		= "ok",
	[VERDICT_WARNING]	= "warning",
	[VERDICT_PROBLEM]	= "problem",
	[VERDICT_UNKNOWN]	= "not known",
};

static int write_json(const struct report *report)
{
	static struct json_writer w;

	json_writer_open(&w, NULL, '{');
	json_writer_text(&w, "check", report->check);
	json_writer_text(&w, "verdict", names[report->verdict]);
	json_writer_text(&w, "text", report->text);
	if (report->advice[0])
		json_writer_text(&w, "advice", report->advice);
	json_writer_close(&w, '}');
	return json_writer_line(&w);
}

static int write_text(const struct report *report)
{
	char line[sizeof(report->text) + INDENT + 1];
	int err;

	snprintf(line, sizeof(line), "%-9s %-10s %s", names[report->verdict],
		 report->check, report->text);
	err = output_line(line);
	if (err || !report->advice[0])
		return err;
	snprintf(line, sizeof(line), "%*s%s", INDENT, "", report->advice);
	return output_line(line);
}

/* Flush now, because the next step may take a while. */
static void write_out(struct report *report)
{
	if (!report->check || report->err)
		return;
	report->err = report->json ? write_json(report) : write_text(report);
	if (!report->err)
		report->err = output_flush();
}

/* Replace control characters: file names and contents may be any bytes. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/**
 * doctor_say - add a finding
 * @report: the report
 * @verdict: severity of the finding
 * @check: name of the check, a constant word of up to ten letters
 * @format: printf() format of the text that says what was found
 */
void doctor_say(struct report *report, enum verdict verdict,
		const char *check, const char *format, ...)
{
	va_list args;

	write_out(report);
	report->verdict = verdict;
	report->check = check;
	report->advice[0] = '\0';
	report->problems += verdict == VERDICT_PROBLEM;
	va_start(args, format);
	vsnprintf(report->text, sizeof(report->text), format, args);
	make_printable(report->text);
	va_end(args);
}

/* Add advice to the last finding. */
void doctor_advise(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(report->advice, sizeof(report->advice), format, args);
	make_printable(report->advice);
	va_end(args);
}

/* Write the last finding. Return: the exit status. */
int doctor_end(struct report *report)
{
	int status;

	write_out(report);
	status = output_status(report->err);
	return report->problems ? EXIT_FAIL : status;
}
