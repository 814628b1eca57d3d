/* outline.c: rendered HTML -> the same with ids on its headings, and their list.
 *
 * In:  tokens of html.h.  Out: html with ` id="…"` added, entries in order.
 * Two passes: the first counts the headings and reserves every id of the
 * document, so that a made one never takes the name of an anchor further down.
 * A heading ends at the next heading tag, opened or closed, as in the HTML
 * standard's tree (§13.2.6.4.7); no other nesting is looked at, but that what a
 * figure has is the title of a picture and begins no section.
 */
#include "outline.h"

#include "hash.h"
#include "html.h"
#include "text.h"
#include "unicode.h"
#include "utf8.h"

/* An unclosed heading runs to the end of the document: its id need not. */
enum { LONGEST_ID = 1000 };

/* Ids in use, open addressing; `next` is the number that was free last, so
 * that a thousand headings of one name cost a thousand steps. */
struct slot {
	struct str id;
	size_t next;
};

struct registry {
	struct arena *arena;
	struct slot *slots;
	size_t size; /* a power of two */
	size_t used;
};

static struct slot *find_slot(struct registry *r, struct str id)
{
	size_t at = (size_t)hash64(id) & (r->size - 1);

	while (r->slots[at].id.n && !str_eq(r->slots[at].id, id))
		at = (at + 1) & (r->size - 1);
	return &r->slots[at];
}

static void grow(struct registry *r)
{
	struct registry larger = {.arena = r->arena, .size = r->size ? r->size * 2 : 64};

	larger.slots = ARENA_ARRAY(r->arena, larger.size, struct slot);
	larger.used = r->used;
	for (size_t i = 0; i < r->size; i++)
		if (r->slots[i].id.n)
			*find_slot(&larger, r->slots[i].id) = r->slots[i];
	*r = larger;
}

/* Adds a copy of id unless it is there. */
static void reserve(struct registry *r, struct str id)
{
	if (r->used >= r->size / 2)
		grow(r);
	struct slot *slot = find_slot(r, id);
	if (slot->id.n)
		return;
	*slot = (struct slot){.id = arena_str(r->arena, id), .next = 1};
	r->used++;
}

static struct str make_unique(struct registry *r, struct str base)
{
	struct slot *slot;
	struct str id = base;

	if (r->size && (slot = find_slot(r, base))->id.n) {
		do
			id = arena_printf(r->arena, "%.*s-%zu", STR_ARG(base), slot->next++);
		while (find_slot(r, id)->id.n);
	}
	id = arena_str(r->arena, id);
	reserve(r, id);
	return id;
}

/* 1 to 6, or 0. */
static unsigned heading_level(const struct html_token *token)
{
	struct str name = token->name;

	if (token->kind != HTML_OPEN && token->kind != HTML_CLOSE)
		return 0;
	if (token->unfinished || name.n != 2 || ascii_lower(name.p[0]) != 'h' || name.p[1] < '1' ||
	    name.p[1] > '6')
		return 0;
	return (unsigned)(name.p[1] - '0');
}

/* The id that the author wrote, references resolved; "" when there is none. */
static struct str written_id(struct arena *arena, const struct html_token *token)
{
	struct str value;
	struct buf plain = BUF_EMPTY;

	if (!html_attribute_find(token, "id", &value) || !value.n)
		return STR_LIT("");
	if (str_find_char(value, '&') == value.n)
		return arena_str(arena, value);
	text_unescape(value, &plain);
	value = arena_str(arena, buf_view(&plain));
	buf_release(&plain);
	return value;
}

/* figures: where the last one ends; one that begins later has no end, and is
 * none. */
static void survey(struct registry *r, struct str html, size_t *headings, const char **figures)
{
	struct html_reader reader;
	struct html_token token;

	*headings = 0;
	*figures = html.p;
	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.kind == HTML_CLOSE && html_is(&token, "figure"))
			*figures = token.bytes.p;
		if (token.kind != HTML_OPEN)
			continue;
		struct str id = written_id(r->arena, &token);
		if (id.n)
			reserve(r, id);
		*headings += heading_level(&token) > 0;
	}
}

/* The content of the heading that was just opened. */
static struct str heading_content(const struct html_reader *after_open)
{
	struct html_reader reader = *after_open;
	struct html_token token;
	const char *start = reader.rest.p;

	while (html_next(&reader, &token))
		if (heading_level(&token))
			return (struct str){start, (size_t)(token.bytes.p - start)};
	return after_open->rest;
}

/* The text of a heading with its spaces as they are: GitHub turns each into a
 * hyphen, where text_from_html() would leave one. */
static void loose_text(struct str content, struct buf *out)
{
	struct html_reader reader;
	struct html_token token;
	struct str alt;

	html_start(&reader, content);
	while (html_next(&reader, &token)) {
		if (token.kind == HTML_TEXT)
			text_unescape(token.bytes, out);
		else if (html_is(&token, "br"))
			buf_char(out, ' ');
		else if (html_is(&token, "img") && html_attribute_find(&token, "alt", &alt))
			text_unescape(alt, out);
	}
}

static void make_base(struct str text, struct buf *out)
{
	size_t start = out->n;

	text = str_trim(text);
	while (text.n && out->n - start < LONGEST_ID) {
		size_t n;
		uint32_t c = utf8_decode(text, &n);
		text = str_skip(text, n);
		if (c == '-' || (c < 0x80 && ascii_space((char)c)))
			buf_char(out, '-');
		else if (c == '_' || unicode_is_word(c))
			buf_utf8(out, unicode_lower(c));
	}
	if (out->n == start)
		buf_puts(out, "heading");
}

static struct str make_id(struct registry *r, struct str content)
{
	struct buf text = BUF_EMPTY, base = BUF_EMPTY;

	loose_text(content, &text);
	make_base(buf_view(&text), &base);
	struct str id = make_unique(r, buf_failed(&base) ? STR_LIT("heading") : buf_view(&base));
	buf_release(&base);
	buf_release(&text);
	return id;
}

/* The tag with its new id.  An empty id="" goes: of two the first would win. */
static void write_tag(const struct html_token *token, struct str id, struct buf *out)
{
	struct str rest = token->attributes;
	struct html_attribute a;
	const char *from = token->name.p + token->name.n;
	const char *end = token->bytes.p + token->bytes.n;

	buf_printf(out, "<%.*s id=\"%.*s\"", STR_ARG(token->name), STR_ARG(id));
	while (html_attribute_next(&rest, &a)) {
		if (!str_is_fold(a.name, "id"))
			continue;
		const char *gap = a.bytes.p;
		while (gap > from && ascii_space(gap[-1]))
			gap--;
		buf_add(out, from, (size_t)(gap - from));
		from = a.bytes.p + a.bytes.n;
	}
	buf_add(out, from, (size_t)(end - from));
}

static void add_heading(struct registry *registry, const struct html_token *token, struct str content,
			struct buf *out, struct outline *outline)
{
	struct str id = written_id(registry->arena, token);

	if (id.n) {
		buf_str(out, token->bytes);
	} else {
		id = make_id(registry, content);
		write_tag(token, id, out);
	}
	outline->entries[outline->count++] = (struct outline_entry){
		.level = heading_level(token),
		.id = id,
		.text = text_line(registry->arena, content),
	};
}

void outline_apply(struct arena *arena, struct str html, struct buf *out, struct outline *outline)
{
	struct registry registry = {.arena = arena};
	struct html_reader reader;
	struct html_token token;
	size_t headings;
	const char *figures;
	bool in_figure = false;

	survey(&registry, html, &headings, &figures);
	*outline = (struct outline){.entries = ARENA_ARRAY(arena, headings, struct outline_entry)};
	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		bool opens = token.kind == HTML_OPEN && !token.unfinished;
		if (html_is(&token, "figure"))
			in_figure = opens && token.bytes.p < figures;
		if (opens && !in_figure && heading_level(&token))
			add_heading(&registry, &token, heading_content(&reader), out, outline);
		else
			buf_str(out, token.bytes);
	}
}
