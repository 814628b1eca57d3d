/* fuzz_markdown.c: any text, through both Markdown engines.
 *
 * The first byte picks options.  Asserted besides memory safety: the output is
 * valid UTF-8; no placeholder is left in it; the same text gives the same
 * output; in safe mode there are only tags and attributes that Markdown makes,
 * and no link that runs code.
 */
#include "../lib/safehtml.h"
#include "markdown_prepare.h"
#include "utf8.h"

enum { MAX_SIZE = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_address(const struct html_token *tag, struct str value)
{
	assert(markdown_is_safe_url(value, html_is(tag, "img")));
}

/* Nothing that stood for something else is left. */
static void check_placeholders(struct str body, const struct markdown_options *options,
			       struct str html)
{
	struct arena arena;
	struct markdown_slots slots;
	struct buf text = BUF_EMPTY;
	bool definitions;

	arena_init(&arena, 0);
	markdown_prepare(body, options, &arena, &slots, &text, &definitions);
	assert(utf8_valid(buf_view(&text)));
	assert(str_find(html, slots.nonce) == html.n);
	buf_release(&text);
	arena_release(&arena);
}

static void render(struct str body, const struct markdown_options *options)
{
	struct buf html = BUF_EMPTY, again = BUF_EMPTY, err = BUF_EMPTY;

	assert(markdown_render(body, options, &html, &err) == 0);
	assert(markdown_render(body, options, &again, &err) == 0);
	assert(str_eq(buf_view(&html), buf_view(&again)));
	assert(utf8_valid(buf_view(&html)));
	if (options->engine == MARKDOWN_DISCOUNT)
		check_placeholders(body, options, buf_view(&html));
	if (options->safe)
		safehtml_check(buf_view(&html), SAFEHTML_TAGS, SAFEHTML_ATTRIBUTES, check_address);
	buf_release(&html);
	buf_release(&again);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > MAX_SIZE)
		return 0;
	struct str body = {(const char *)data + 1, size - 1};
	struct markdown_options options = {.safe = data[0] & 1, .strict = data[0] & 2};
	if (!utf8_valid(body) || memchr(body.p, 0, body.n) || memchr(body.p, '\r', body.n))
		return 0;
	render(body, &options);
	options.engine = MARKDOWN_COMMONMARK;
	render(body, &options);
	return 0;
}
