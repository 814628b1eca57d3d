/* fuzz_markdown.c: any text, through both Markdown engines.
 *
 * The first byte picks options.  Asserted besides memory safety: the output is
 * valid UTF-8; no placeholder is left in it; the same text gives the same
 * output; in safe mode there are only tags and attributes that Markdown makes,
 * and no link that runs code.
 */
#include "html.h"
#include "markdown.h"
#include "markdown_prepare.h"
#include "utf8.h"

#include <assert.h>

enum { MAX_SIZE = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool in_list(struct str word, const char *list)
{
	struct str rest = str_from(list);

	while (rest.n)
		if (str_eq(str_cut(&rest, ' '), word))
			return true;
	return false;
}

static void check_attribute(const struct html_token *tag, const struct html_attribute *attribute)
{
	assert(in_list(attribute->name,
		       "href src alt title id class role start type checked disabled style"));
	if (str_is(attribute->name, "href") || str_is(attribute->name, "src"))
		assert(markdown_is_safe_url(attribute->value, html_is(tag, "img")));
}

static void check_safe(struct str html)
{
	struct html_reader reader;
	struct html_token token;
	struct html_attribute attribute;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		assert(!token.unfinished);
		if (token.kind == HTML_COMMENT)
			assert(markdown_is_divider(token.bytes));
		if (token.kind != HTML_OPEN && token.kind != HTML_CLOSE)
			continue;
		assert(in_list(token.name,
			       "p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code em "
			       "strong del a img br hr table thead tbody tr th td sup div input"));
		while (html_attribute_next(&token.attributes, &attribute))
			check_attribute(&token, &attribute);
	}
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
		check_safe(buf_view(&html));
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
