// SPDX-License-Identifier: GPL-2.0
#include "report_chart.h"

#include "timefmt.h"

#define NS_PER_SEC	1000000000ULL

/* Pixels. */
enum {
	WIDTH		= 960,
	HEIGHT		= 150,
	TOP		= 20,	/* space above the highest bar */
	BOTTOM		= 20,	/* space below the axis */
	BAR_WIDTH	= 100,
	BAR_HEIGHT	= 10,
};

/* Format a rate, as in "1.2 MB/s". */
static void rate_text(u64 bytes, u64 width, char *buf, size_t size)
{
	double rate = (double)bytes * (double)NS_PER_SEC / (double)width;
	static const char *const units[] = { "B", "kB", "MB", "GB" };
	size_t i = 0;

	for (; rate >= 1000 && i < ARRAY_SIZE(units) - 1; i++)
		rate /= 1000;
	snprintf(buf, size, "%.*f %s/s", i && rate < 100 ? 1 : 0, rate,
		 units[i]);
}

/*
 * Draw the bars of @line on top of the bars of @below; if @below is
 * THROUGHPUT_LINES, draw them on the axis.
 */
static void put_bars(FILE *to, const struct throughput *s, enum throughput_line line,
		     enum throughput_line below, const char *class)
{
	double step = (double)WIDTH / (double)s->used, height, y;
	double unit = (double)HEIGHT / (double)throughput_max(s);
	size_t i;

	fprintf(to, "<g class=\"%s\">", class);
	for (i = 0; i < s->used; i++) {
		height = (double)s->bytes[i][line] * unit;
		y = TOP + HEIGHT - height;
		if (below != THROUGHPUT_LINES)
			y -= (double)s->bytes[i][below] * unit;
		if (height > 0)
			fprintf(to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
				(double)i * step, y, step, height);
	}
	fputs("</g>\n", to);
}

/* Draw the throughput over time. */
void report_chart_throughput(FILE *to, const struct throughput *s)
{
	char peak[TIMEFMT_LEN], span[TIMEFMT_LEN], width[TIMEFMT_LEN];
	u64 max = s->used ? throughput_max(s) : 0;

	if (!max)
		return;
	rate_text(max, s->width, peak, sizeof(peak));
	timefmt_span(s->width * s->used, span, sizeof(span));
	timefmt_span(s->width, width, sizeof(width));
	fprintf(to, "<section><h2>Throughput</h2>\n<p class=\"dim\">Payload in spans of %s: ",
		width);
	fputs("of <span class=\"server\">servers</span>, ", to);
	fputs("of <span class=\"client\">clients</span>, ", to);
	fputs("<span class=\"bad\">sent again</span>.</p>\n", to);
	fprintf(to, "<svg class=\"chart\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"",
		WIDTH, TOP + HEIGHT + BOTTOM, WIDTH, TOP + HEIGHT + BOTTOM);
	fprintf(to, " role=\"img\" aria-label=\"Throughput over time, at most %s\">\n",
		peak);
	put_bars(to, s, THROUGHPUT_CLIENT, THROUGHPUT_LINES, "client");
	put_bars(to, s, THROUGHPUT_SERVER, THROUGHPUT_CLIENT, "server");
	put_bars(to, s, THROUGHPUT_AGAIN, THROUGHPUT_LINES, "again");
	fprintf(to, "<line class=\"axis\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
		TOP + HEIGHT, WIDTH, TOP + HEIGHT);
	fprintf(to, "<text x=\"0\" y=\"12\">%s</text><text x=\"0\" y=\"%d\">0</text>", peak,
		TOP + HEIGHT + BOTTOM - 4);
	fprintf(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text></svg></section>\n",
		WIDTH, TOP + HEIGHT + BOTTOM - 4, span);
}

static void put_bar(FILE *to, const char *class, u64 n, u64 max)
{
	int width = max ? (int)((n * BAR_WIDTH + max - 1) / max) : 0;

	fputs("<td class=\"bar\">", to);
	if (!n)
		return;
	fprintf(to, "<svg width=\"%d\" height=\"%d\">", width, BAR_HEIGHT);
	fprintf(to, "<rect class=\"%s\" width=\"%d\" height=\"%d\"/></svg> %llu",
		class, width, BAR_HEIGHT, (unsigned long long)n);
}

static u64 max_of(const u64 list[TCPTRACE_RTT_BUCKETS])
{
	unsigned int i;
	u64 max = 0;

	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
		max = list[i] > max ? list[i] : max;
	return max;
}

/**
 * report_chart_histogram - write two histograms side by side
 * @to: the stream to write to
 * @title: the title of both histograms
 * @one: the heading of @a
 * @other: the heading of @b
 * @a: counts of the first histogram, with the buckets of tcptrace_dir.rtt_hist
 * @b: counts of the second histogram
 */
void report_chart_histogram(FILE *to, const char *title, const char *one,
			    const char *other,
			    const u64 a[TCPTRACE_RTT_BUCKETS],
			    const u64 b[TCPTRACE_RTT_BUCKETS])
{
	u64 max_a = max_of(a), max_b = max_of(b);
	char text[TIMEFMT_LEN];
	unsigned int i;

	fprintf(to, "<section><h2>%s</h2>\n", title);
	if (!max_a && !max_b) {
		fputs("<p>Not measured.</p></section>\n", to);
		return;
	}
	fprintf(to, "<table><thead><tr><th class=\"n\">From<th>%s<th>%s</thead><tbody>\n",
		one, other);
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++) {
		if (!a[i] && !b[i])
			continue;
		timefmt_bucket(i, text, sizeof(text));
		fprintf(to, "<tr><td class=\"n\">%s", text);
		put_bar(to, "server", a[i], max_a);
		put_bar(to, "client", b[i], max_b);
		fputc('\n', to);
	}
	fputs("</tbody></table></section>\n", to);
}
