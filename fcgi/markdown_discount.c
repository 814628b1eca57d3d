/* markdown_discount.c: Markdown -> HTML, by discount (libmarkdown 2.2).
 *
 * The text is prepared before and the HTML mended after, because discount
 * follows the Markdown of 2004 and its own extensions where posts are written
 * for CommonMark.  The only file that knows mkdio.h.
 */
#include "markdown_discount.h"

#include "markdown_prepare.h"
#include "markdown_repair.h"

#include <limits.h>
#include <mkdio.h>

/* What would be dialect to a Hugo author is off.  FENCEDCODE, AUTOLINK and
 * EXTRA_FOOTNOTE too: markdown_prepare has done that.  Links are slots; SAFELINK
 * stays on for what should slip through. */
static const mkd_flag_t FLAGS = MKD_GITHUBTAGS | MKD_NOALPHALIST | MKD_NODIVQUOTE |
				MKD_NOSUPERSCRIPT | MKD_NOSTYLE | MKD_EXPLICITLIST | MKD_NOHEADER |
				MKD_NODLDISCOUNT | MKD_NO_EXT | MKD_TABSTOP | MKD_NOPANTS |
				MKD_DLEXTRA | MKD_SAFELINK;

static int render(struct str text, mkd_flag_t flags, struct buf *html)
{
	char *bytes = NULL;
	int result = -1;

	if (text.n > INT_MAX)
		return -1;
	mkd_with_html5_tags(); /* a global table; does nothing the second time */
	MMIOT *document = mkd_string(text.p, (int)text.n, flags);
	if (!document)
		return -1;
	if (mkd_compile(document, flags)) {
		int n = mkd_document(document, &bytes);
		/* The bytes belong to the document. */
		if (n >= 0) {
			buf_add(html, bytes, (size_t)n);
			result = 0;
		}
	}
	mkd_cleanup(document);
	return result;
}

int markdown_discount(struct str body, const struct markdown_options *options, struct buf *html,
		      struct buf *err)
{
	struct arena arena;
	struct markdown_slots slots;
	struct buf text = BUF_EMPTY, raw = BUF_EMPTY;
	bool definitions;

	arena_init(&arena, 0);
	markdown_prepare(body, options, &arena, &slots, &text, &definitions);
	/* To look for definitions costs a pass over the rest of a text for each line. */
	mkd_flag_t flags = FLAGS | (definitions ? 0 : MKD_NODLIST);
	int result = buf_failed(&text) ? -1 : render(buf_view(&text), flags, &raw);
	if (result == 0)
		markdown_repair(buf_view(&raw), &slots, html);
	else
		buf_puts(err, "discount could not render the text");
	buf_release(&text);
	buf_release(&raw);
	arena_release(&arena);
	return result;
}
