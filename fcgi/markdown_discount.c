/* markdown_discount.c: Markdown -> HTML, by discount (libmarkdown 2.2).
 *
 * The text is prepared before and the HTML mended after, because discount
 * follows the Markdown of 2004 and its own extensions where posts are written
 * for CommonMark.  The only file that knows mkdio.h.
 *
 * Debian has no archive of the library, so it is loaded when a post is rendered:
 * linked, it would cost every process that only answers a sixth of what an empty
 * program takes.
 */
#include "markdown_discount.h"

#include "markdown_prepare.h"
#include "markdown_repair.h"

#include <dlfcn.h>
#include <limits.h>
#include <mkdio.h>

/* What would be dialect to a Hugo author is off.  FENCEDCODE, AUTOLINK and
 * EXTRA_FOOTNOTE too: markdown_prepare has done that.  Links are slots; SAFELINK
 * stays on for what should slip through. */
static const mkd_flag_t FLAGS = MKD_GITHUBTAGS | MKD_NOALPHALIST | MKD_NODIVQUOTE |
				MKD_NOSUPERSCRIPT | MKD_NOSTYLE | MKD_EXPLICITLIST | MKD_NOHEADER |
				MKD_NODLDISCOUNT | MKD_NO_EXT | MKD_TABSTOP | MKD_NOPANTS |
				MKD_DLEXTRA | MKD_SAFELINK;

/* Those of its functions that are called. */
struct discount {
	__typeof__(mkd_with_html5_tags) *with_html5_tags;
	__typeof__(mkd_string) *string;
	__typeof__(mkd_compile) *compile;
	__typeof__(mkd_document) *document;
	__typeof__(mkd_cleanup) *cleanup;
};

/* Once loaded it stays, and to ask again costs nothing. */
static int load(struct discount *discount, struct buf *err)
{
	void *library = dlopen("libmarkdown.so.2", RTLD_NOW | RTLD_LOCAL);

	if (library && (discount->with_html5_tags = dlsym(library, "mkd_with_html5_tags")) &&
	    (discount->string = dlsym(library, "mkd_string")) &&
	    (discount->compile = dlsym(library, "mkd_compile")) &&
	    (discount->document = dlsym(library, "mkd_document")) &&
	    (discount->cleanup = dlsym(library, "mkd_cleanup")))
		return 0;
	buf_printf(err, "discount cannot be loaded: %s", dlerror());
	return -1;
}

static int render(const struct discount *discount, struct str text, mkd_flag_t flags, struct buf *html)
{
	char *bytes = NULL;
	int result = -1;

	if (text.n > INT_MAX)
		return -1;
	discount->with_html5_tags(); /* a global table; does nothing the second time */
	MMIOT *document = discount->string(text.p, (int)text.n, flags);
	if (!document)
		return -1;
	if (discount->compile(document, flags)) {
		int n = discount->document(document, &bytes);
		/* The bytes belong to the document. */
		if (n >= 0) {
			buf_add(html, bytes, (size_t)n);
			result = 0;
		}
	}
	discount->cleanup(document);
	return result;
}

int markdown_discount(struct str body, const struct markdown_options *options, struct buf *html,
		      struct buf *err)
{
	struct arena arena;
	struct markdown_slots slots;
	struct buf text = BUF_EMPTY, raw = BUF_EMPTY;
	struct discount discount;
	bool definitions;

	if (load(&discount, err))
		return -1;
	arena_init(&arena, 0);
	markdown_prepare(body, options, &arena, &slots, &text, &definitions);
	/* To look for definitions costs a pass over the rest of a text for each line. */
	mkd_flag_t flags = FLAGS | (definitions ? 0 : MKD_NODLIST);
	int result = buf_failed(&text) ? -1 : render(&discount, buf_view(&text), flags, &raw);
	if (result == 0)
		markdown_repair(buf_view(&raw), &slots, html);
	else
		buf_puts(err, "discount could not render the text");
	buf_release(&text);
	buf_release(&raw);
	arena_release(&arena);
	return result;
}
