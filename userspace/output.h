/* SPDX-License-Identifier: GPL-2.0 */
/* Write to standard output, and report write errors. */
#ifndef _TCPTRACECTL_OUTPUT_H
#define _TCPTRACECTL_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

void output_divert(FILE *to);
int output_line(const char *text);
int output_write(const char *text, size_t len);
int output_flush(void);
int output_status(int err);

#endif /* _TCPTRACECTL_OUTPUT_H */
