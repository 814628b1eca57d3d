/* fuzz_shortcode.c: any text with Hugo's shortcodes, through both Markdown
 * engines.
 *
 * The first byte picks options.  Asserted besides memory safety: the output is
 * valid UTF-8 and holds no word of ours; what one shortcode shows is closed
 * before the next text begins; in safe mode there are only tags and attributes
 * that Markdown and shortcodes make, and nothing that runs code; problems are
 * reported where their tags begin; without "{{", and in strict mode, the text
 * is Markdown's alone.
 */
#include "../lib/safehtml.h"
#include "shortcode.h"
#include "text.h"
#include "utf8.h"
#include "value.h"

enum { MAX_SIZE = 2048, MAX_OPEN = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- what may come out ----------------------------------------------------- */

static void check_address(const struct html_token *tag, struct str value)
{
	struct buf url = BUF_EMPTY;

	text_unescape(value, &url);
	assert(markdown_is_safe_url(buf_view(&url), html_is(tag, "img")));
	assert(!html_is(tag, "iframe") ||
	       str_starts(buf_view(&url), "https://www.youtube-nocookie.com/embed/") ||
	       str_starts(buf_view(&url), "https://player.vimeo.com/video/"));
	buf_release(&url);
}

/* Each start tag with its end tag, strictly nested: what stands in one place
 * of a page does not reach into another. */
static void check_closed(struct str html)
{
	struct html_reader reader;
	struct html_token token;
	struct str open[MAX_OPEN];
	size_t depth = 0;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		assert(!token.unfinished);
		if (token.kind == HTML_OPEN && !html_is_void(token.name) && depth < MAX_OPEN)
			open[depth++] = token.name;
		else if (token.kind == HTML_OPEN && !html_is_void(token.name))
			return;
		else if (token.kind == HTML_CLOSE && !html_is_void(token.name))
			assert(depth && str_eq_fold(open[--depth], token.name));
	}
	assert(!depth);
}

static void check_slots(struct str body, const struct shortcode_context *context, struct str html)
{
	struct arena arena;
	struct shortcodes made;
	struct buf err = BUF_EMPTY;

	arena_init(&arena, 0);
	value_pool(&arena);
	assert(shortcode_expand(&arena, body, context, &made, &err) == 0);
	assert(utf8_valid(made.markdown));
	/* A library loses parts of words in a "[^x" that is no footnote. */
	if (made.slots.arena && str_find(body, "[^") == body.n)
		assert(str_find(html, made.slots.nonce) == html.n);
	/* What an author's raw HTML opens in a caption may nest as it likes. */
	for (size_t i = N_FIXED_SLOTS; context->markdown.safe && i < made.slots.n; i++)
		check_closed(made.slots.v[i].html);
	buf_release(&err);
	arena_release(&arena);
}

/* --- one text --------------------------------------------------------------- */

static void report(void *reporting, struct str name, size_t offset, enum shortcode_problem problem)
{
	const struct str *body = reporting;

	assert(problem && offset + 3 < body->n);
	assert(str_starts(str_skip(*body, offset), "{{"));
	assert(name.p >= body->p + offset + 3 && name.p + name.n <= body->p + body->n);
}

static void render_once(struct str body, struct shortcode_context *context, struct buf *html)
{
	struct arena arena;
	struct buf err = BUF_EMPTY;

	arena_init(&arena, 0);
	value_pool(&arena);
	assert(shortcode_render(&arena, body, context, html, &err) == 0);
	assert(!err.n);
	buf_release(&err);
	arena_release(&arena);
}

static void render(struct str body, struct shortcode_context *context)
{
	struct buf html = BUF_EMPTY, again = BUF_EMPTY, alone = BUF_EMPTY, err = BUF_EMPTY;
	bool none = context->markdown.strict || str_find(body, "{{") == body.n;

	render_once(body, context, &html);
	render_once(body, context, &again);
	assert(str_eq(buf_view(&html), buf_view(&again)));
	assert(utf8_valid(buf_view(&html)));
	if (none) {
		assert(markdown_render(body, &context->markdown, &alone, &err) == 0);
		assert(str_eq(buf_view(&html), buf_view(&alone)));
	} else {
		check_slots(body, context, buf_view(&html));
	}
	if (context->markdown.safe)
		safehtml_check(buf_view(&html), SAFEHTML_TAGS "figure figcaption details summary iframe",
			       SAFEHTML_ATTRIBUTES "width height loading target rel name open "
						   "referrerpolicy allowfullscreen",
			       check_address);
	buf_release(&html);
	buf_release(&again);
	buf_release(&alone);
	buf_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > MAX_SIZE)
		return 0;
	struct str body = {(const char *)data + 1, size - 1};
	if (!utf8_valid(body) || memchr(body.p, 0, body.n) || memchr(body.p, '\r', body.n))
		return 0;
	struct shortcode_context context = {
		.place = {.mount = "", .lang = "en", .folder = STR_LIT("")},
		.title = STR_LIT("A <title> *b* {{< x >}}"),
		.params = STR_LIT("{\"s\":\"javascript:x\",\"m\":\"a *b* [c]: <d> `e`\\n# f\","
				  "\"o\":{\"p\":[1],\"q\":true}}"),
		.markdown = {.safe = data[0] & 1, .strict = data[0] & 2},
		.report = report,
		.reporting = &body,
	};
	render(body, &context);
	context.markdown.engine = MARKDOWN_COMMONMARK;
	render(body, &context);
	return 0;
}
