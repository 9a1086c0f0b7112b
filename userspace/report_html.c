// SPDX-License-Identifier: GPL-2.0
#include "report_html.h"

#include "addr.h"
#include "core/name.h"
#include "html.h"
#include "ladder.h"
#include "names.h"
#include "output.h"
#include "report_chart.h"
#include "timefmt.h"
#include "tunnel.h"
#include "view_explain.h"
#include "view_finding.h"

#include <errno.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

enum {
	EXPLAIN_WIDTH	= 100,
	EXPLAIN_HEAD	= 300,	/* lines kept at the start of a long text */
	EXPLAIN_TAIL	= 60,
};

/* A script that sorts the table of connections by the clicked column. */
static const char script[] =
	"\"use strict\";\n"
	"(function () {\n"
	"  var table = document.getElementById(\"connections\");\n"
	"  if (!table) return;\n"
	"  var heads = Array.from(table.tHead.rows[0].cells);\n"
	"  function key(row, i) {\n"
	"    var cell = row.cells[i], n = cell.getAttribute(\"data-n\");\n"
	"    return n === null ? cell.textContent : Number(n);\n"
	"  }\n"
	"  function sort(head) {\n"
	"    var body = table.tBodies[0], i = head.cellIndex;\n"
	"    var up = head.getAttribute(\"aria-sort\") === \"descending\";\n"
	"    var rows = Array.from(body.rows).map(function (row) {\n"
	"      return [key(row, i), row];\n"
	"    });\n"
	"    rows.sort(function (a, b) {\n"
	"      var order = a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;\n"
	"      return up ? order : -order;\n"
	"    });\n"
	"    heads.forEach(function (other) {\n"
	"      other.removeAttribute(\"aria-sort\");\n"
	"    });\n"
	"    head.setAttribute(\"aria-sort\", up ? \"ascending\" : \"descending\");\n"
	"    body.append.apply(body, rows.map(function (pair) {\n"
	"      return pair[1];\n"
	"    }));\n"
	"  }\n"
	"  heads.forEach(function (head) {\n"
	"    head.tabIndex = 0;\n"
	"    head.className += \" sortable\";\n"
	"    head.addEventListener(\"click\", function () { sort(head); });\n"
	"    head.addEventListener(\"keydown\", function (event) {\n"
	"      if (event.key === \"Enter\") sort(head);\n"
	"    });\n"
	"  });\n"
	"}());\n";

static const char style[] =
	"<style>\n"
	":root { color-scheme: light dark; --ink: #1d2329; --paper: #fff;\n"
	" --dim: #5d6872; --line: #d4dae0; --soft: #f2f5f8; --link: #1257b5;\n"
	" --bad: #b3261e; --client: #1f6fd0; --server: #12805c; }\n"
	"@media (prefers-color-scheme: dark) { :root { --ink: #dde3e9;\n"
	" --paper: #14181c; --dim: #98a4af; --line: #343c44; --soft: #1e242a;\n"
	" --link: #7db4ff; --bad: #ff8a80; --client: #6aa9f5; --server: #4cc79a; }\n"
	" .ladder { filter: invert(0.92) hue-rotate(180deg); } }\n"
	"body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink);\n"
	" background: var(--paper); margin: 0 auto; max-width: 1400px; padding: 16px; }\n"
	"h1 { font-size: 1.4em; margin: 0; overflow-wrap: anywhere; }\n"
	"h2 { font-size: 1.1em; margin: 1.6em 0 0.5em; }\n"
	"h3 { font-size: 1em; margin: 1.4em 0 0.4em; }\n"
	"a { color: var(--link); } .dim { color: var(--dim); } .bad { color: var(--bad); }\n"
	".tiles { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0; padding: 0; }\n"
	".tiles li { list-style: none; background: var(--soft); padding: 8px 14px;\n"
	" border-radius: 6px; } .tiles b { display: block; font-size: 1.3em; }\n"
	".columns { display: flex; flex-wrap: wrap; gap: 0 40px; }\n"
	".columns > section { flex: 1 1 420px; min-width: 0; }\n"
	".scroll { overflow-x: auto; } .rows { overflow: auto; max-height: 85vh; }\n"
	"table { border-collapse: collapse; font-size: 13px; }\n"
	"th, td { text-align: left; padding: 3px 8px; border-bottom: 1px solid var(--line);\n"
	" white-space: nowrap; vertical-align: top; }\n"
	"td.words { white-space: normal; min-width: 16em; }\n"
	"th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; }\n"
	"th { background: var(--soft); } thead { position: sticky; top: 0; }\n"
	"tr:target { background: var(--soft); outline: 2px solid var(--link); }\n"
	/* lay out only visible rows: a page with 10000 rows must open fast */
	"#connections, #connections > * { display: block; width: max-content; }\n"
	"#connections tr { display: grid; content-visibility: auto;\n"
	" contain-intrinsic-size: auto 26px; grid-template-columns: 4.5em 12em 12em\n"
	" 6em 7em 7em 12em repeat(3, 8.5em) repeat(3, 8em) 12em; }\n"
	"#connections :is(th, td) { white-space: normal; } #connections td { overflow-wrap: anywhere; }\n"
	"th.sortable { cursor: pointer; } th.sortable::after { content: \" \\2195\"; }\n"
	"th[aria-sort=descending]::after { content: \" \\2193\"; }\n"
	"th[aria-sort=ascending]::after { content: \" \\2191\"; }\n"
	"td.bar { width: 34%; min-width: 110px; }\n"
	".bar svg { display: inline-block; vertical-align: middle; }\n"
	".client { fill: var(--client); color: var(--client); }\n"
	".server { fill: var(--server); color: var(--server); }\n"
	".again { fill: var(--bad); } .axis { stroke: var(--line); }\n"
	".chart text { font: 12px system-ui, sans-serif; fill: var(--dim); }\n"
	".chart { max-width: 100%; height: auto; }\n"
	"pre { background: var(--soft); padding: 12px; overflow-x: auto; font-size: 12.5px; }\n"
	"article .ladder { max-width: 100%; height: auto; }\n"
	"summary { cursor: pointer; color: var(--link); }\n"
	"@media print { body { max-width: none; font-size: 11px; }\n"
	" * { print-color-adjust: exact; }\n"
	" .scroll, .rows { overflow: visible; max-height: none; }\n"
	" thead { position: static; } tr, .chart { break-inside: avoid; }\n"
	" pre { white-space: pre-wrap; }\n"
	" details::details-content { content-visibility: visible; block-size: auto; } }\n"
	"</style>\n";

/*
 * Write a Content-Security-Policy that allows no script except the one above,
 * so that text in the page cannot add a script.
 */
static void put_policy(FILE *to)
{
	char hash[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
	u8 digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, sizeof(script) - 1, (const u8 *)script);
	sha256_digest(&ctx, sizeof(digest), digest);
	base64_encode_raw(hash, sizeof(digest), digest);
	fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"", to);
	fprintf(to, "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-%s'\">\n",
		hash);
}

static bool is_row(const struct report *r, u64 id)
{
	size_t low = 0, high = r->nr_rows, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (r->rows[mid].close.flow.conn == id)
			return true;
		if (r->rows[mid].close.flow.conn < id)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static bool is_pick(const struct report *r, u64 id)
{
	size_t i;

	for (i = 0; i < r->nr_picks; i++)
		if (r->pick[i].row.close.flow.conn == id)
			return true;
	return false;
}

/* Write the ID of a connection, as a link if the page shows the connection. */
static void put_link(FILE *to, const struct report *r, u64 id)
{
	unsigned long long n = id;

	if (is_pick(r, id))
		fprintf(to, "<a href=\"#d%llu\">%llu</a>", n, n);
	else if (is_row(r, id))
		fprintf(to, "<a href=\"#c%llu\">%llu</a>", n, n);
	else
		fprintf(to, "%llu", n);
}

static void put_examples(FILE *to, const struct report *r,
			 const struct report_count *seen)
{
	size_t i;

	fprintf(to, "<td class=\"n\">%llu<td>", (unsigned long long)seen->count);
	for (i = 0; i < REPORT_EXAMPLES && i < seen->count; i++) {
		if (i)
			fputs(", ", to);
		put_link(to, r, seen->example[i]);
	}
	if (seen->count > REPORT_EXAMPLES)
		fputs(", ...", to);
}

static void put_end(FILE *to, const struct tcptrace_flow *flow,
		    unsigned int end)
{
	char text[ADDR_LEN];
	struct addr addr;

	addr_init(&addr, flow->family, tunnel_zone(flow->zone),
		  end ? flow->resp_addr : flow->orig_addr);
	addr_endpoint(&addr, end ? flow->resp_port : flow->orig_port, text,
		      sizeof(text));
	html_text(to, text);
}

static void put_ends(FILE *to, const struct tcptrace_flow *flow)
{
	put_end(to, flow, 0);
	fputs(" &rarr; ", to);
	put_end(to, flow, 1);
}

static void put_owner(FILE *to, const struct tcptrace_owner *owner)
{
	char comm[TCPTRACE_COMM_MAX + 1];

	if (owner->known < TCPTRACE_KNOWN_TASK || owner->pid == 0)
		return;
	html_text(to, event_printable(owner->comm, sizeof(owner->comm), comm));
	fprintf(to, "[%u] ", owner->pid);
}

static void put_tile(FILE *to, u64 number, const char *what)
{
	fprintf(to, "<li><b>%llu</b>%s\n", (unsigned long long)number, what);
}

static void put_head(FILE *to, const struct report *r,
		     const struct report_page *page)
{
	char begin[TIMEFMT_LEN], span[TIMEFMT_LEN];

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
	      to);
	put_policy(to);
	fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<title>tcptrace: ", to);
	html_text(to, page->from);
	fprintf(to, "</title>\n%s</head>\n<body>\n<h1>TCP connections of ",
		style);
	html_text(to, page->from);
	fputs("</h1>\n<p class=\"dim\">", to);
	if (r->begin <= r->end) {
		timefmt_rfc3339(r->begin + page->offset, begin);
		timefmt_span(r->end - r->begin, span, sizeof(span));
		fprintf(to, "from %s on, for %s. ", begin, span);
	}
	fputs("Written by tcptracectl report.</p>\n", to);
	if (page->notes[0]) {
		fputs("<p class=\"bad\">", to);
		html_text(to, page->notes);
		fputs("</p>\n", to);
	}
	fputs("<ul class=\"tiles\">\n", to);
	put_tile(to, r->connections, "connections");
	put_tile(to, r->failed, "never established");
	put_tile(to, r->open, "not ended");
	put_tile(to, r->segments, "segments");
	put_tile(to, r->bytes, "bytes of payload");
	put_tile(to, r->again, "bytes sent again");
	fputs("</ul>\n", to);
}

/* Begin a table. A blank before a heading marks a column of numbers. */
static void put_table(FILE *to, const char *tag, const char *const *heads,
		      size_t n)
{
	size_t i;

	fprintf(to, "%s<thead><tr>", tag);
	for (i = 0; i < n; i++)
		fprintf(to, "<th%s>%s",
			heads[i][0] == ' ' ? " class=\"n\"" : "",
			heads[i] + (heads[i][0] == ' '));
	fputs("</thead><tbody>\n", to);
}

static void put_failures(FILE *to, const struct report *r)
{
	static const char *const heads[] = { "Fate", " Connections", "Which" };
	size_t i;

	if (!r->nr_causes)
		return;
	fputs("<section><h2>Connections that were never established</h2>\n",
	      to);
	put_table(to, "<table>", heads, ARRAY_SIZE(heads));
	for (i = 0; i < r->nr_causes; i++) {
		fputs("<tr><td class=\"words\">", to);
		html_text(to, r->causes[i].text);
		put_examples(to, r, &r->causes[i].seen);
		fputc('\n', to);
	}
	fputs("</tbody></table></section>\n", to);
}

/* A row in the table of findings and suspicions. */
struct ranked {
	const struct report_count *seen;
	const char *name;
	const struct tcptrace_found *worst;	/* NULL: a suspicion */
};

static int by_count(const void *a, const void *b)
{
	const struct ranked *one = a, *other = b;

	return (one->seen->count < other->seen->count) -
	       (one->seen->count > other->seen->count);
}

static size_t rank(const struct report *r,
		   struct ranked list[TCPTRACE_FINDINGS + TCPTRACE_SUSPICIONS])
{
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < TCPTRACE_FINDINGS; i++)
		if (r->findings[i].count)
			list[n++] = (struct ranked) {
				&r->findings[i], tcpt_finding_name(i),
				&r->worst[i],
			};
	for (i = 0; i < TCPTRACE_SUSPICIONS; i++)
		if (r->suspicions[i].count)
			list[n++] = (struct ranked) {
				&r->suspicions[i], tcpt_suspicion_name(i), NULL,
			};
	qsort(list, n, sizeof(*list), by_count);
	return n;
}

static void put_findings(FILE *to, const struct report *r)
{
	static const char *const heads[] = {
		"Name", "The largest", " Connections", "Which",
	};
	struct ranked list[TCPTRACE_FINDINGS + TCPTRACE_SUSPICIONS];
	char text[VIEW_FINDING_LEN];
	size_t i, n = rank(r, list);

	fputs("<section><h2>Findings and suspicions</h2>\n", to);
	if (!n) {
		fputs("<p>None.</p></section>\n", to);
		return;
	}
	put_table(to, "<table>", heads, ARRAY_SIZE(heads));
	for (i = 0; i < n; i++) {
		fprintf(to, "<tr><td>%s<td class=\"words\">", list[i].name);
		if (list[i].worst && list[i].worst->finding) {
			view_finding_sentence(list[i].worst, text);
			html_text(to, text);
		} else if (!list[i].worst) {
			fputs("segments that may be forged", to);
		}
		put_examples(to, r, list[i].seen);
		fputc('\n', to);
	}
	fputs("</tbody></table></section>\n", to);
}

static void put_top(FILE *to, const struct report *r, enum report_top top)
{
	static const char *const titles[REPORT_TOPS] = {
		"Slowest handshakes", "Slowest responses of servers",
		"Most sent again",
	};
	const struct report_extreme *list = r->top[top];
	char text[TIMEFMT_LEN];
	size_t i;

	fprintf(to, "<section><h2>%s</h2>\n", titles[top]);
	if (!list[0].value) {
		fputs("<p>None.</p></section>\n", to);
		return;
	}
	fputs("<div class=\"scroll\"><table><tbody>\n", to);
	for (i = 0; i < REPORT_TOP && list[i].value; i++) {
		if (top == REPORT_AGAIN)
			snprintf(text, sizeof(text), "%llu B",
				 (unsigned long long)list[i].value);
		else
			timefmt_span(list[i].value, text, sizeof(text));
		fprintf(to, "<tr><td class=\"n\">%s<td>", text);
		put_link(to, r, list[i].row.close.flow.conn);
		fputs("<td>", to);
		put_ends(to, &list[i].row.close.flow);
		fputc('\n', to);
	}
	fputs("</tbody></table></div></section>\n", to);
}

static void put_span(FILE *to, u64 ns)
{
	char text[TIMEFMT_LEN] = "";

	if (ns)
		timefmt_span(ns, text, sizeof(text));
	fprintf(to, "<td class=\"n\" data-n=\"%llu\">%s",
		(unsigned long long)ns, text);
}

static void put_number(FILE *to, u64 number)
{
	fprintf(to, "<td class=\"n\" data-n=\"%llu\">%llu",
		(unsigned long long)number, (unsigned long long)number);
}

static void put_names(FILE *to, const struct tcptrace_close *c)
{
	unsigned int i;

	fprintf(to, "<td data-n=\"%d\">",
		__builtin_popcount(c->findings) +
		__builtin_popcount(c->suspected));
	for (i = TCPTRACE_FINDING_NONE + 1; i < TCPTRACE_FINDINGS; i++)
		if (c->findings & 1U << i)
			fprintf(to, "%s ", tcpt_finding_name(i));
	for (i = TCPTRACE_SUSPECT_NONE + 1; i < TCPTRACE_SUSPICIONS; i++)
		if (c->suspected & 1U << i)
			fprintf(to, "%s ", tcpt_suspicion_name(i));
}

static void put_row(FILE *to, const struct report *r,
		    const struct report_row *row)
{
	const struct tcptrace_close *c = &row->close;
	bool is_open = c->reason == TCPTRACE_CLOSE_NONE ||
		       c->reason == TCPTRACE_CLOSE_CAPTURE;
	unsigned long long id = c->flow.conn;

	fprintf(to, "<tr id=\"c%llu\"><td class=\"n\" data-n=\"%llu\">", id, id);
	if (is_pick(r, id))
		fprintf(to, "<a href=\"#d%llu\">%llu</a>", id, id);
	else
		fprintf(to, "%llu", id);
	fputs("<td>", to);
	put_end(to, &c->flow, 0);
	fputs("<td>", to);
	put_end(to, &c->flow, 1);
	put_span(to, c->start > r->begin ? c->start - r->begin : 0);
	put_span(to, c->duration_ns);
	fprintf(to, "<td>%s %s", is_open ? "open" : tcpt_close_name(c->reason),
		tcpt_conn_state_name(c->conn_state));
	put_names(to, c);
	put_number(to, c->dir[0].bytes);
	put_number(to, c->dir[1].bytes);
	put_number(to, c->dir[0].rexmit_bytes + c->dir[1].rexmit_bytes);
	put_span(to, row->handshake_ns);
	put_span(to, c->dir[0].srtt_ns);
	put_span(to, c->time[1].response_max_ns);
	fputs("<td>", to);
	put_owner(to, &c->context.owner[0]);
	put_owner(to, &c->context.owner[1]);
	fputc('\n', to);
}

static void put_rows(FILE *to, const struct report *r)
{
	static const char *const heads[] = {
		" No.", "Client", "Server", " Start", " Duration", "End",
		"Findings", " Bytes of client", " of server", " Sent again",
		" Handshake", " RTT to server", " Response", "Process",
	};
	size_t i;

	fputs("<section><h2>Connections</h2>\n", to);
	if (r->nr_rows < r->connections)
		fprintf(to, "<p>The %zu most interesting of %llu.</p>\n",
			r->nr_rows, (unsigned long long)r->connections);
	put_table(to, "<div class=\"rows\"><table id=\"connections\">", heads,
		  ARRAY_SIZE(heads));
	for (i = 0; i < r->nr_rows; i++)
		put_row(to, r, &r->rows[i]);
	fputs("</tbody></table></div></section>\n", to);
}

static int put_ladder(FILE *to, const struct conversation *c)
{
	static struct ladder ladder;
	struct ladder_svg svg;
	int err = ladder_svg_inline(&svg, to);

	if (err)
		return err;
	fputs("<div class=\"scroll\">", to);
	err = ladder_build(&ladder, c, false, true);
	err = err ?: ladder_svg_draw(&svg, &ladder);
	ladder_free(&ladder);
	err = ladder_svg_close(&svg) ?: err;
	fputs("</div>\n", to);
	return err;
}

static size_t lines_in(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* Write @text; if it is long, leave out its middle lines. Modifies @text. */
static void put_lines(FILE *to, char *text, u64 id,
		      const struct report_page *page)
{
	size_t i = 0, all = lines_in(text);
	bool is_long = all > EXPLAIN_HEAD + EXPLAIN_TAIL;
	char *end;

	for (; (end = strchr(text, '\n')); text = end + 1, i++) {
		*end = '\0';
		if (is_long && i == EXPLAIN_HEAD) {
			fprintf(to, "\n<i>%zu lines are left out",
				all - EXPLAIN_HEAD - EXPLAIN_TAIL);
			if (page->command) {
				fputs(": tcptracectl explain ", to);
				html_text(to, page->command);
				fprintf(to, " -c %llu", (unsigned long long)id);
			}
			fputs("</i>\n\n", to);
		}
		if (is_long && i >= EXPLAIN_HEAD && i < all - EXPLAIN_TAIL)
			continue;
		html_text(to, text);
		fputc('\n', to);
	}
}

static int put_explanation(FILE *to, const struct conversation *c,
			   const struct report_page *page)
{
	struct view_explain view = {
		.full = true, .look = { .width = EXPLAIN_WIDTH },
	};
	char *text = NULL;
	size_t len = 0;
	FILE *memory;
	int err;

	memory = open_memstream(&text, &len);
	if (!memory)
		return -ENOMEM;
	output_divert(memory);
	err = view_explain(&view, c);
	output_divert(NULL);
	if (fclose(memory) == EOF && !err)
		err = -ENOMEM;
	if (!err) {
		fputs("<details><summary>Explanation, segment by segment</summary>\n<pre>",
		      to);
		put_lines(to, text, c->id, page);
		fputs("</pre></details>\n", to);
	}
	free(text);
	return err;
}

static int put_pick(FILE *to, const struct report_pick *pick,
		    const struct report_page *page)
{
	unsigned long long id = pick->row.close.flow.conn;
	int err;

	fprintf(to, "<article id=\"d%llu\"><h3><a href=\"#c%llu\">%llu</a> ",
		id, id, id);
	put_ends(to, &pick->row.close.flow);
	fputs("</h3>\n", to);
	err = put_ladder(to, &pick->conversation);
	err = err ?: put_explanation(to, &pick->conversation, page);
	fputs("</article>\n", to);
	return err;
}

static int put_picks(FILE *to, const struct report *r,
		     const struct report_page *page)
{
	int err = 0;
	size_t i;

	if (!r->nr_picks)
		return 0;
	fputs("<section><h2>The most interesting connections</h2>\n", to);
	fputs("<svg width=\"0\" height=\"0\" aria-hidden=\"true\">", to);
	ladder_svg_style(to);
	fputs("</svg>\n", to);
	for (i = 0; i < r->nr_picks && !err; i++)
		err = put_pick(to, &r->pick[i], page);
	fputs("</section>\n", to);
	return err;
}

/**
 * report_html - write a report as an HTML page
 * @to: the stream to write to
 * @r: the report, after report_finish()
 * @page: the data of the page that @r does not contain
 *
 * Return: 0 or a negative error number.
 */
int report_html(FILE *to, const struct report *r,
		const struct report_page *page)
{
	enum report_top top;
	int err;

	put_head(to, r, page);
	fputs("<div class=\"columns\">\n", to);
	put_failures(to, r);
	put_findings(to, r);
	fputs("</div>\n", to);
	report_chart_throughput(to, &r->throughput);
	fputs("<div class=\"columns\">\n", to);
	report_chart_histogram(to, "Round trip times",
			       "to the server and back",
			       "to the client and back", r->rtt[0], r->rtt[1]);
	report_chart_histogram(to, "Response times", "of servers",
			       "of clients", r->response[1], r->response[0]);
	fputs("</div>\n<div class=\"columns\">\n", to);
	for (top = 0; top < REPORT_TOPS; top++)
		put_top(to, r, top);
	fputs("</div>\n", to);
	put_rows(to, r);
	err = put_picks(to, r, page);
	fprintf(to, "<script>%s</script>\n</body>\n</html>\n", script);
	if (!err && ferror(to))
		err = errno ? -errno : -EIO;
	return err;
}
