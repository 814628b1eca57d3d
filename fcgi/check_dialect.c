/* check_dialect.c: the visible texts of both engines, compared chunk by chunk.
 *
 * Only the first difference is reported: what follows it is often the same one.
 */
#include "check_dialect.h"

#include "text.h"
#include "wordmap.h"

static struct str next_chunk(struct str *rest)
{
	while (rest->n && rest->p[0] == ' ')
		*rest = str_skip(*rest, 1);
	return str_cut(rest, ' ');
}

enum { SHOWN_CHUNKS = 4 };

/* A few words from where the texts part. */
static const char *beginning(struct arena *arena, struct str text)
{
	struct str rest = text;

	for (int i = 0; i < SHOWN_CHUNKS && rest.n; i++)
		next_chunk(&rest);
	struct str shown = str_trim((struct str){text.p, text.n - rest.n});
	return shown.n ? check_report_shown(arena, shown) : "nothing";
}

static void compare(struct check_report *r, struct str ours, struct str theirs)
{
	struct str a = ours, b = theirs, last_a, last_b;

	for (;;) {
		last_a = a;
		last_b = b;
		struct str x = next_chunk(&a), y = next_chunk(&b);
		if (!x.n && !y.n)
			return;
		if (!str_eq(x, y))
			break;
	}
	struct str before = {ours.p, (size_t)(last_a.p - ours.p)};
	size_t reach = wordmap_reach(r->source, before);
	while (reach < r->source.n && ascii_space(r->source.p[reach]))
		reach++;
	check_report_at(r, reach, "markdown/dialect",
			"CommonMark shows \"%s\" where discount shows \"%s\"; `markdown: "
			"commonmark` in the front "
			"matter chooses it",
			beginning(r->arena, str_trim(last_b)),
			beginning(r->arena, str_trim(last_a)));
}

void check_dialect(struct check_report *report, struct shortcode_context context, struct str html)
{
	struct buf theirs = BUF_EMPTY, err = BUF_EMPTY;

	context.markdown.engine = MARKDOWN_COMMONMARK;
	if (!shortcode_render(report->arena, report->source, &context, &theirs, &err))
		compare(report, text_line(report->arena, html),
			text_line(report->arena, buf_view(&theirs)));
	buf_release(&theirs);
	buf_release(&err);
}
