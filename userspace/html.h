/* SPDX-License-Identifier: GPL-2.0 */
/* Text in HTML and SVG. */
#ifndef _TCPTRACECTL_HTML_H
#define _TCPTRACECTL_HTML_H

#include <stdio.h>

void html_text(FILE *to, const char *text);

#endif /* _TCPTRACECTL_HTML_H */
