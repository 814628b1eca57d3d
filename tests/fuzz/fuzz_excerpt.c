/* fuzz_excerpt.c: the prefix law for any HTML with a divider anywhere.
 *
 * Works on excerpt_find() alone, which takes any bytes: what a Markdown engine
 * could give is among them.
 */
#include "arena.h"
#include "excerpt.h"
#include "html.h"
#include "htmlstack.h"

#include <assert.h>
#include <stdint.h>

enum { MAX_SIZE = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t depth_after(struct arena *arena, struct str html)
{
	struct htmlstack stack;

	htmlstack_read(&stack, arena, html);
	return stack.depth;
}

/* A text that ends inside a tag, a comment or raw text pays no debts. */
static bool ends_in_text(struct str html)
{
	struct html_reader reader;
	struct html_token token;
	bool unfinished = false;

	html_start(&reader, html);
	while (html_next(&reader, &token))
		unfinished = token.unfinished || token.kind == HTML_RAW;
	return !unfinished && !reader.raw_name.n && !str_ends(html, "</");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str html = {(const char *)data, size < MAX_SIZE ? size : MAX_SIZE};
	struct excerpt e;
	struct arena arena;

	arena_init(&arena, 0);
	excerpt_find(&arena, html, &e);
	assert(e.cut <= e.html.n);
	assert(e.source == EXCERPT_DIVIDER || e.source == EXCERPT_AUTO || e.source == EXCERPT_FULL);
	/* The whole, but for a tag that the end of the text cuts off. */
	if (e.source == EXCERPT_FULL && e.cut < e.html.n)
		assert(!ends_in_text(e.html));
	struct buf excerpt = BUF_EMPTY;
	buf_str(&excerpt, str_head(e.html, e.cut));
	buf_str(&excerpt, e.owed);
	if (ends_in_text(str_head(e.html, e.cut)))
		assert(depth_after(&arena, buf_view(&excerpt)) == 0);
	buf_release(&excerpt);
	/* What was reopened is what was owed. */
	struct html_reader reader;
	struct html_token token;
	size_t closed = 0;
	html_start(&reader, e.owed);
	while (html_next(&reader, &token))
		closed += token.kind == HTML_CLOSE;
	assert(depth_after(&arena, str_head(e.html, e.cut)) == closed);
	arena_release(&arena);
	return 0;
}
