/* SPDX-License-Identifier: GPL-2.0 */
/* Standard output, with the errors of writing to it. */
#ifndef _TCPTRACECTL_OUTPUT_H
#define _TCPTRACECTL_OUTPUT_H

int output_line(const char *text);
int output_flush(void);
int output_status(int err);

#endif /* _TCPTRACECTL_OUTPUT_H */
