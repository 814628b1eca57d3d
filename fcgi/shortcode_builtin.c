/* shortcode_builtin.c: a shortcode's arguments -> HTML.
 *
 * The elements are those of Hugo's embedded templates (gohugo.io/shortcodes),
 * but that code is not coloured; what comes from other sites is
 * shortcode_embed's.
 * Every argument is escaped, addresses have no scripts in them, and Markdown
 * in captions is closed before anything follows it.
 */
#include "shortcode_builtin.h"

#include "escape.h"
#include "htmlstack.h"
#include "markdown_link.h"
#include "shortcode_embed.h"
#include "shortcode_ref.h"
#include "text.h"
#include "utf8.h"

enum { PARAM_LIMIT = 4096 /* bytes: a text may name it a thousand times */ };

/* --- pieces ----------------------------------------------------------------- */

static bool has_argument(const struct shortcode_call *call, const char *name)
{
	struct str value;

	return shortcode_argument(call->arena, call->tag, name, -1, &value);
}

/* The argument as an attribute of the same name, where there is one. */
static void copy_attribute(const struct shortcode_call *call, struct buf *out, const char *name)
{
	struct str value = shortcode_call_get(call, name, -1);

	if (value.n)
		shortcode_call_put(out, name, value);
}

static void put_address(struct buf *out, const char *name, struct str url)
{
	buf_printf(out, " %s=\"", name);
	markdown_link_url(url, out);
	buf_char(out, '"');
}

/* An argument that is an address, or "" if it is a script. */
static struct str address(const struct shortcode_call *call, const char *name, int position,
			  bool image)
{
	struct str url = str_trim(shortcode_call_get(call, name, position));

	return markdown_is_safe_url(url, image) ? url : STR_LIT("");
}

void shortcode_balance(struct arena *arena, struct str html, struct buf *out)
{
	struct html_reader reader;
	struct html_token token;
	struct htmlstack open;

	htmlstack_start(&open, arena);
	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		size_t depth = open.depth, lost = open.lost_count;
		htmlstack_feed(&open, &token);
		bool stray = token.kind == HTML_CLOSE && open.depth == depth && open.lost_count == lost;
		if (token.kind == HTML_TEXT || (!stray && !token.unfinished))
			buf_str(out, token.bytes);
	}
	buf_str(out, htmlstack_end_tags(&open, arena));
}

static struct str plain_text(struct arena *arena, struct str html)
{
	struct buf out = BUF_EMPTY;

	text_from_html(html, &out);
	return shortcode_call_keep(arena, &out);
}

/* Markdown of one line as HTML without <p>; what makes other blocks is shown as
 * its text. */
static struct str inline_html(const struct shortcode_call *call, struct str markdown)
{
	struct buf html = BUF_EMPTY, out = BUF_EMPTY, err = BUF_EMPTY;
	int result = markdown_render(markdown, &call->context->markdown, &html, &err);
	struct str inside = str_trim(buf_view(&html));

	bool one = str_starts(inside, "<p>") && str_ends(inside, "</p>");
	if (one)
		inside = (struct str){inside.p + 3, inside.n - 7};
	if (!result && one && str_find(inside, "<p") == inside.n)
		shortcode_balance(call->arena, inside, &out);
	else
		escape_html(&out, result ? markdown : plain_text(call->arena, buf_view(&html)));
	buf_release(&html);
	buf_release(&err);
	return shortcode_call_keep(call->arena, &out);
}

/* --- figure ------------------------------------------------------------------- */

static void put_image(const struct shortcode_call *call, struct str caption, struct buf *out)
{
	struct str src = address(call, "src", 0, true);
	struct str alt = shortcode_call_get(call, "alt", -1);

	if (!src.n)
		return;
	buf_puts(out, "<img");
	put_address(out, "src", src);
	if (has_argument(call, "alt"))
		shortcode_call_put(out, "alt", alt);
	else if (caption.n)
		shortcode_call_put(out, "alt", plain_text(call->arena, caption));
	copy_attribute(call, out, "width");
	copy_attribute(call, out, "height");
	copy_attribute(call, out, "loading");
	buf_char(out, '>');
}

static void put_caption(const struct shortcode_call *call, struct str caption, struct buf *out)
{
	struct str title = shortcode_call_get(call, "title", -1);
	struct str attr = shortcode_call_get(call, "attr", -1);
	struct str link = address(call, "attrlink", -1, false);

	if (!title.n && !caption.n && !attr.n)
		return;
	buf_puts(out, "\n<figcaption>");
	if (title.n) {
		buf_puts(out, "<h4>");
		escape_html(out, title);
		buf_puts(out, "</h4>");
	}
	if (caption.n || attr.n) {
		buf_puts(out, "<p>");
		buf_str(out, caption);
		if (caption.n && attr.n)
			buf_char(out, ' ');
		if (attr.n && link.n) {
			buf_puts(out, "<a");
			put_address(out, "href", link);
			buf_char(out, '>');
		}
		if (attr.n)
			buf_str(out, inline_html(call, attr));
		buf_puts(out, attr.n && link.n ? "</a></p>" : "</p>");
	}
	buf_puts(out, "</figcaption>");
}

static void write_figure(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct str link = address(call, "link", -1, false);
	struct str caption = shortcode_call_get(call, "caption", -1);
	struct buf *out = &result->html;

	if (!shortcode_call_get(call, "src", 0).n)
		result->problem = SHORTCODE_NO_ARGUMENT;
	caption = caption.n ? inline_html(call, caption) : caption;
	result->block = true;
	result->plain = shortcode_call_get(call, "alt", -1);
	buf_puts(out, "<figure");
	copy_attribute(call, out, "class");
	buf_puts(out, ">");
	if (link.n) {
		buf_puts(out, "<a");
		put_address(out, "href", link);
		copy_attribute(call, out, "target");
		copy_attribute(call, out, "rel");
		buf_char(out, '>');
	}
	put_image(call, caption, out);
	if (link.n)
		buf_puts(out, "</a>");
	put_caption(call, caption, out);
	buf_puts(out, "\n</figure>");
}

/* --- what encloses something --------------------------------------------------- */

static void write_highlight(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct str language = str_trim(shortcode_call_get(call, "lang", 0));
	struct str options = shortcode_call_get(call, "options", 1);
	struct str code = call->inner;
	struct buf *out = &result->html;
	bool in_line = str_find(options, "hl_inline=true") < options.n ||
		       shortcode_call_says(call, "hl_inline");

	while (code.n && (code.p[0] == '\n' || code.p[0] == '\r'))
		code = str_skip(code, 1);
	while (code.n && ascii_space(code.p[code.n - 1]))
		code.n--;
	result->block = !in_line;
	result->plain = code;
	buf_puts(out, in_line ? "<code" : "<pre><code");
	language = arena_printf(call->arena, "language-%.*s", STR_ARG(language));
	if (!str_is(language, "language-"))
		shortcode_call_put(out, "class", language);
	buf_char(out, '>');
	escape_html(out, code);
	buf_puts(out, in_line ? "</code>" : "\n</code></pre>");
}

static void write_details(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct str summary = shortcode_call_get(call, "summary", 0);
	struct buf *out = &result->html;

	result->block = true;
	buf_puts(out, "<details");
	copy_attribute(call, out, "class");
	copy_attribute(call, out, "name");
	copy_attribute(call, out, "title");
	buf_puts(out, shortcode_call_says(call, "open") ? " open>\n<summary>" : ">\n<summary>");
	buf_str(out, summary.n ? inline_html(call, summary) : STR_LIT("Details"));
	buf_puts(out, "</summary>\n");
	buf_str(out, str_trim(call->inner));
	buf_puts(out, "\n</details>");
}

static void write_comment(const struct shortcode_call *call, struct shortcode_result *result)
{
	(void)call;
	(void)result;
}

/* --- what the post knows --------------------------------------------------------- */

static void write_ref(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct str to = shortcode_call_get(call, "path", 0);
	struct str lang = shortcode_call_get(call, "lang", -1);
	const struct shortcode_context *context = call->context;

	if (!to.n) {
		result->problem = SHORTCODE_NO_ARGUMENT;
		return;
	}
	if (!shortcode_ref(call->arena, &context->place, context->default_lang, to, lang,
			   &result->plain))
		result->problem = SHORTCODE_NO_TARGET;
	escape_html(&result->html, result->plain);
}

/* Hugo's keys know no case. */
static const struct value *member(const struct value *object, struct str key)
{
	const struct value *found = value_get(object, key), *v;
	struct str name;
	void *at = NULL;

	while (!found && value_each(object, &at, &name, &v))
		if (str_eq_fold(name, key))
			found = v;
	return found;
}

/* "a.b" is a member of that name, or b in a. */
static const struct value *param_at(const struct value *params, struct str key)
{
	const struct value *v = member(params, key);

	while (!v && key.n && params) {
		params = member(params, str_cut(&key, '.'));
		v = key.n ? member(params, key) : NULL;
	}
	return v;
}

static struct str param_text(struct arena *arena, const struct value *v)
{
	struct buf out = BUF_EMPTY;

	switch (value_kind(v)) {
	case VALUE_STRING: return value_text(v);
	case VALUE_BOOL:
	case VALUE_INTEGER:
	case VALUE_REAL: value_write(v, false, &out); break;
	case VALUE_NULL:
	case VALUE_ARRAY:
	case VALUE_OBJECT: break;
	}
	return shortcode_call_keep(arena, &out);
}

static void write_param(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct str key = shortcode_call_get(call, "name", 0);
	const struct value *v = param_at(call->params, key);

	result->plain = v ? param_text(call->arena, v) : STR_LIT("");
	if (!v && str_is_fold(key, "title"))
		result->plain = call->context->title;
	result->plain = utf8_head(result->plain, PARAM_LIMIT);
	if (!result->plain.n)
		result->problem = key.n ? SHORTCODE_NO_VALUE : SHORTCODE_NO_ARGUMENT;
	escape_html(&result->html, result->plain);
}

const struct shortcode_builtin *shortcode_builtin_find(struct str name)
{
	static const struct shortcode_builtin list[] = {
		{"figure", SHORTCODE_INNER_NONE, write_figure},
		{"highlight", SHORTCODE_INNER_TEXT, write_highlight},
		{"details", SHORTCODE_INNER_HTML, write_details},
		{"comment", SHORTCODE_INNER_TEXT, write_comment},
		{"ref", SHORTCODE_INNER_NONE, write_ref},
		{"relref", SHORTCODE_INNER_NONE, write_ref},
		{"param", SHORTCODE_INNER_NONE, write_param},
		{"youtube", SHORTCODE_INNER_NONE, shortcode_embed_youtube},
		{"vimeo", SHORTCODE_INNER_NONE, shortcode_embed_vimeo},
		{"vimeo_simple", SHORTCODE_INNER_NONE, shortcode_embed_vimeo},
		{"gist", SHORTCODE_INNER_NONE, shortcode_embed_gist},
		{"x", SHORTCODE_INNER_NONE, shortcode_embed_x},
		{"x_simple", SHORTCODE_INNER_NONE, shortcode_embed_x},
		{"tweet", SHORTCODE_INNER_NONE, shortcode_embed_x},
		{"twitter", SHORTCODE_INNER_NONE, shortcode_embed_x},
		{"twitter_simple", SHORTCODE_INNER_NONE, shortcode_embed_x},
		{"instagram", SHORTCODE_INNER_NONE, shortcode_embed_instagram},
		{"instagram_simple", SHORTCODE_INNER_NONE, shortcode_embed_instagram},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_is(name, list[i].name))
			return &list[i];
	return NULL;
}
