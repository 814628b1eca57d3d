/* shortcode.c: Markdown with shortcodes -> Markdown with a word for each.
 *
 * In:  a post's Markdown.  Out: that text, and what each word stands for.
 * A word that Markdown carries through is Hugo's own way.  What a theme's
 * shortcode encloses stays in the text around it: links and notes are defined
 * there.  How tags look is shortcode_tag's, what they show shortcode_builtin's
 * business.
 */
#include "shortcode.h"

#include "escape.h"
#include "markdown_line.h"
#include "shortcode_builtin.h"
#include "shortcode_scan.h"

enum { MAX_NESTING = 8 /* details in details; each takes a Markdown engine's stack */ };

struct expansion {
	struct arena *arena;
	struct str text;
	const struct shortcode_context *context;
	struct shortcodes *made;
	const struct value *params;
	struct shortcode_list list;
	unsigned nesting;
	struct buf *err;
	bool failed;
};

static void report(const struct expansion *e, const struct shortcode_found *found,
		   enum shortcode_problem problem)
{
	if (e->context->report && problem)
		e->context->report(e->context->reporting, found->tag.name, found->start, problem);
}

static struct str between(const struct expansion *e, size_t from, size_t to)
{
	return from < to ? str_head(str_skip(e->text, from), to - from) : STR_LIT("");
}

static void put_slot(struct expansion *e, bool block, struct str html, struct str plain,
		     struct buf *out)
{
	struct markdown_slot slot = {block ? SLOT_BLOCK : SLOT_SPAN, .html = html, .source = plain};

	markdown_slot_put(&e->made->slots, markdown_slot_add(&e->made->slots, slot), out);
}

/* A tag less the four bytes that make a comment of it. */
static struct str uncommented(struct arena *arena, struct str tag)
{
	return arena_printf(arena, "%.3s%.*s%.3s", tag.p, (int)tag.n - 10, tag.p + 5,
			    tag.p + tag.n - 3);
}

/* As text where nothing of it could be Markdown, else as a word. */
static void put_literal(struct expansion *e, const struct shortcode_found *found, struct buf *out)
{
	struct str shown = uncommented(e->arena, between(e, found->start, found->end));
	struct buf html = BUF_EMPTY;

	if (found->in_code) {
		buf_str(out, shown);
		return;
	}
	escape_html(&html, shown);
	put_slot(e, false, arena_str(e->arena, buf_view(&html)), shown, out);
	buf_release(&html);
}

/* A line without the marks of so many block quotes, as far as it has them. */
static struct str unquoted(struct str line, size_t quotes)
{
	for (size_t n; quotes; quotes--) {
		for (n = 0; n < line.n && (line.p[n] == ' ' || line.p[n] == '\t');)
			n++;
		if (n == line.n || line.p[n] != '>')
			break;
		line = str_skip(line, n + 1);
		if (line.n && line.p[0] == ' ')
			line = str_skip(line, 1);
	}
	return line;
}

/* The lines that a tag and its partner enclose, without what the lines of the
 * tag's containers begin with, and up to its own indentation: between two
 * indented tags nothing is code for that. */
static void put_dedented(struct str text, const struct shortcode_found *found, struct buf *out)
{
	struct str line;

	for (bool first = true; str_line(&text, &line); first = false) {
		struct str rest = first ? line : unquoted(line, found->quotes);
		size_t n = 0, taken = line.n - rest.n;
		while (taken + n < found->column && n < rest.n && (rest.p[n] == ' ' || rest.p[n] == '\t'))
			n++;
		buf_str(out, str_skip(rest, n));
		if (text.n)
			buf_char(out, '\n');
	}
}

/* "{{<name" as text: the "<" is not to begin a tag. */
static void put_broken(struct expansion *e, const struct shortcode_found *found, struct buf *out)
{
	buf_str(out, between(e, found->from, found->start));
	if (found->tag.markdown)
		buf_puts(out, "{{%");
	else
		put_slot(e, false, STR_LIT("{{&lt;"), STR_LIT("{{<"), out);
}

static void expand_range(struct expansion *e, size_t first, size_t last, size_t from, size_t to,
			 struct buf *out);

/* What the tags at i and its partner enclose, up to byte `to`: Markdown with
 * words, or the text of a raw shortcode. */
static void put_inner(struct expansion *e, size_t i, size_t to, struct buf *out)
{
	const struct shortcode_found *found = &e->list.v[i];
	struct buf inner = BUF_EMPTY;

	e->nesting++;
	expand_range(e, i + 1, (size_t)found->partner, found->end, to, &inner);
	e->nesting--;
	put_dedented(buf_view(&inner), found, out);
	e->failed |= buf_failed(&inner) || buf_failed(out);
	buf_release(&inner);
}

/* As HTML of its own: a block of the text around it would not end where the
 * shortcode does. */
static struct str rendered(struct expansion *e, struct str markdown)
{
	struct buf html = BUF_EMPTY, filled = BUF_EMPTY, balanced = BUF_EMPTY;

	if (markdown_render(markdown, &e->context->markdown, &html, e->err))
		e->failed = true;
	shortcode_fill(e->made, buf_view(&html), &filled);
	shortcode_balance(e->arena, buf_view(&filled), &balanced);
	e->failed |= buf_failed(&html) || buf_failed(&filled) || buf_failed(&balanced);
	struct str made = arena_str(e->arena, buf_view(&balanced));
	buf_release(&html);
	buf_release(&filled);
	buf_release(&balanced);
	return made;
}

static struct str inner_of(struct expansion *e, size_t i, size_t to, enum shortcode_inner wants)
{
	struct buf inner = BUF_EMPTY;

	put_inner(e, i, to, &inner);
	struct str made = wants == SHORTCODE_INNER_HTML ? rendered(e, buf_view(&inner)) :
							  arena_str(e->arena, buf_view(&inner));
	buf_release(&inner);
	return made;
}

/* True when it shows text, in a line. */
static bool put_builtin(struct expansion *e, const struct shortcode_found *found,
			const struct shortcode_builtin *builtin, struct str inner, struct buf *out)
{
	struct shortcode_call call = {e->arena, e->context, &found->tag, e->params, inner};
	struct shortcode_result result = {.plain = STR_LIT("")};

	builtin->write(&call, &result);
	report(e, found, result.problem);
	struct str html = arena_str(e->arena, buf_view(&result.html));
	bool is_param = found->tag.markdown && str_is(found->tag.name, "param");
	if (is_param) /* with %, a value is Markdown like the text around it */
		buf_str(out, result.plain);
	else
		put_slot(e, result.block, html, result.plain, out);
	e->failed |= buf_failed(&result.html);
	buf_release(&result.html);
	return !result.block && html.n;
}

/* The space between a tag that leaves nothing at the start of a line and the
 * text behind it is no indentation. */
static size_t behind_gone(const struct expansion *e, const struct shortcode_found *found, size_t at)
{
	while (found->first && at < e->text.n && (e->text.p[at] == ' ' || e->text.p[at] == '\t'))
		at++;
	return at;
}

/* True when nothing but the tag stands on its line, and the next line would
 * make a heading of it: not of text, but of a block and of nothing. */
static bool is_underlined(const struct expansion *e, const struct shortcode_found *found,
			  size_t end)
{
	struct str rest = str_skip(e->text, end), line;

	return found->first && str_line(&rest, &line) && markdown_line_blank(line) &&
	       str_line(&rest, &line) && markdown_line_underline(str_trim(line));
}

/* The opening or only tag at *i; moves *i and *at over what is done with it. */
static void expand_open(struct expansion *e, size_t *i, size_t *at, struct buf *out)
{
	const struct shortcode_found *found = &e->list.v[*i];
	const struct shortcode_builtin *builtin = shortcode_builtin_find(found->tag.name);
	enum shortcode_inner wants = builtin ? builtin->inner : SHORTCODE_INNER_NONE;
	bool paired = found->partner != SHORTCODE_ALONE;
	bool raw = shortcode_is_raw(found->tag.name), text = false;
	size_t to = paired ? e->list.v[found->partner].from : found->end;
	struct str inner = STR_LIT("");

	if (!builtin)
		report(e, found, SHORTCODE_UNKNOWN);
	else if (wants && !paired && found->tag.kind == SHORTCODE_OPEN)
		report(e, found, SHORTCODE_UNCLOSED);
	if (wants == SHORTCODE_INNER_HTML && e->nesting == MAX_NESTING)
		builtin = NULL;
	if (paired && (raw || (builtin && wants))) {
		if (wants)
			inner = inner_of(e, *i, to, wants);
		*i = (size_t)found->partner;
		*at = e->list.v[*i].end;
	}
	if (builtin && (paired || !wants))
		text = put_builtin(e, found, builtin, inner, out);
	else if (!paired || raw) /* a word that shows nothing keeps the line */
		put_slot(e, false, STR_LIT(""), STR_LIT(""), out);
	else
		*at = behind_gone(e, found, *at);
	if (!text && is_underlined(e, found, *at))
		buf_char(out, '\n');
}

/* The tags from `first` to `last` with the text around them, from byte `from`
 * to `to`. */
static void expand_range(struct expansion *e, size_t first, size_t last, size_t from, size_t to,
			 struct buf *out)
{
	size_t at = from;

	for (size_t i = first; i < last; i++) {
		const struct shortcode_found *found = &e->list.v[i];
		buf_str(out, between(e, at, found->from));
		at = found->end;
		switch (found->tag.kind) {
		case SHORTCODE_OPEN:
		case SHORTCODE_SELF_CLOSED: expand_open(e, &i, &at, out); break;
		case SHORTCODE_LITERAL: put_literal(e, found, out); break;
		case SHORTCODE_BROKEN:
			report(e, found, SHORTCODE_MALFORMED);
			put_broken(e, found, out);
			break;
		case SHORTCODE_CLOSE:
			if (found->partner == SHORTCODE_ALONE)
				report(e, found, SHORTCODE_UNOPENED);
			at = behind_gone(e, found, at);
		}
	}
	buf_str(out, between(e, at, to));
}

int shortcode_expand(struct arena *arena, struct str markdown,
		     const struct shortcode_context *context, struct shortcodes *made,
		     struct buf *err)
{
	struct expansion e = {
		.arena = arena,
		.text = markdown,
		.context = context,
		.made = made,
		.err = err,
	};
	struct buf out = BUF_EMPTY, unread = BUF_EMPTY;

	*made = (struct shortcodes){.markdown = markdown, .safe = context->markdown.safe};
	shortcode_scan(arena, markdown, &e.list);
	if (!e.list.n)
		return 0;
	/* A value of the post may come into the text too. */
	struct str words = arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(markdown),
					STR_ARG(context->params), STR_ARG(context->title));
	markdown_slots_init(&made->slots, arena, words);
	if (context->params.n)
		e.params = value_read(context->params, &unread);
	expand_range(&e, 0, e.list.n, 0, markdown.n, &out);
	made->markdown = arena_str(arena, buf_view(&out));
	if (buf_failed(&out))
		e.failed = true;
	if (e.failed && !err->n)
		buf_puts(err, "out of memory");
	buf_release(&out);
	buf_release(&unread);
	return e.failed ? -1 : 0;
}

int shortcode_render(struct arena *arena, struct str markdown,
		     const struct shortcode_context *context, struct buf *html, struct buf *err)
{
	struct shortcodes made;
	struct buf rendered = BUF_EMPTY;

	if (context->markdown.strict)
		return markdown_render(markdown, &context->markdown, html, err);
	int result = shortcode_expand(arena, markdown, context, &made, err);
	if (!result)
		result = markdown_render(made.markdown, &context->markdown, &rendered, err);
	if (!result && buf_failed(&rendered)) {
		buf_puts(err, "out of memory");
		result = -1;
	}
	if (!result)
		shortcode_fill(&made, buf_view(&rendered), html);
	buf_release(&rendered);
	return result;
}
