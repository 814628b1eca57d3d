/* shortcode_scan.c: Markdown -> where its shortcode tags are, in pairs.
 *
 * Code blocks are shortcode_lines' to tell, code spans (CommonMark 0.31 §6.1)
 * are found here.  Renders nothing, and but for the raw ones does not know which
 * shortcodes there are.
 */
#include "shortcode_scan.h"

#include "shortcode_lines.h"

#include <stdlib.h>

enum {
	MAX_TICKS = 80, /* a longer run of backticks opens no code, as in cmark */
	PATIENCE = 32,  /* times the text's length may be read for tags that are none */
};

struct scanner {
	struct arena *arena;
	struct str text;
	struct shortcode_list *list;
	struct shortcode_lines lines;
	size_t no_ticks[MAX_TICKS + 1]; /* up to here no run of that length follows */
	/* Searches that found nothing once find nothing later. */
	bool no_comment_end, no_literal_end[2];
	struct str no_raw_end; /* of the shortcode of that name */
	size_t patience; /* bytes */
};

static char byte(const struct scanner *s, size_t at)
{
	return at < s->text.n ? s->text.p[at] : '\n';
}

static size_t find_from(const struct scanner *s, size_t at, const char *needle)
{
	return at + str_find(str_skip(s->text, at), needle);
}

/* --- finds ------------------------------------------------------------------ */

static struct shortcode_found *add(struct scanner *s, size_t start, size_t end)
{
	struct shortcode_list *list = s->list;

	ARENA_ROOM(s->arena, list->v, list->n, list->capacity);
	struct shortcode_found *found = &list->v[list->n++];
	*found = (struct shortcode_found){
		.tag = {.name = STR_LIT(""), .arguments = STR_LIT("")},
		.start = start,
		.end = end,
		.from = start,
		.partner = SHORTCODE_ALONE,
	};
	return found;
}

/* A commented tag at `at`: the end of it, or `at`. */
static size_t take_literal(struct scanner *s, size_t at, bool in_code)
{
	bool markdown = byte(s, at + 2) == '%';

	if (!str_starts(str_skip(s->text, at + 3), "/*") || s->no_literal_end[markdown])
		return at;
	size_t end = find_from(s, at + 5, markdown ? "*/%}}" : "*/>}}");
	s->no_literal_end[markdown] = end == s->text.n;
	if (end == s->text.n)
		return at;
	struct shortcode_found *found = add(s, at, end + 5);
	found->tag.kind = SHORTCODE_LITERAL;
	found->in_code = in_code;
	return end + 5;
}

/* The commented tags that begin in code; returns the end of the code. */
static size_t take_literals(struct scanner *s, size_t at, size_t end)
{
	while (at < end) {
		size_t open = at + str_find(str_head(str_skip(s->text, at), end - at), "{{");
		if (open >= end)
			break;
		char c = byte(s, open + 2);
		at = open + 1;
		if (c == '<' || c == '%') {
			size_t after = take_literal(s, open, true);
			at = after > open ? after : at;
		}
	}
	return at > end ? at : end;
}

bool shortcode_is_raw(struct str name)
{
	return str_is(name, "highlight") || str_is(name, "comment") || str_ends(name, ".inline");
}

static bool spend(struct scanner *s, size_t bytes)
{
	bool enough = bytes <= s->patience;

	s->patience = enough ? s->patience - bytes : 0;
	return enough;
}

/* True where a closing tag may begin. */
static bool may_close(struct str s)
{
	size_t n = 3;

	if (!str_starts(s, "{{<") && !str_starts(s, "{{%"))
		return false;
	while (n < s.n && ascii_space(s.p[n]))
		n++;
	return n < s.n && s.p[n] == '/';
}

/* The closing tag of a raw shortcode whose opening one ends at `at`: the end of
 * it, or `at` when there is none. */
static size_t take_raw(struct scanner *s, size_t at, struct str name, bool doubtful)
{
	struct shortcode_tag tag;
	size_t looked, i = at;

	while ((i = find_from(s, i, "{{")) < s->text.n) {
		struct str rest = str_skip(s->text, i++);
		if (!may_close(rest))
			continue;
		size_t length = shortcode_tag_read(rest, &tag, &looked);
		if (length && str_eq(tag.name, name)) {
			/* A comment that goes on behind the end is none. */
			if (take_literals(s, at, i - 1) > i - 1)
				s->list->n--;
			struct shortcode_found *found = add(s, i - 1, i - 1 + length);
			found->tag = tag;
			found->doubtful = doubtful;
			return found->end;
		}
		if (!spend(s, looked))
			break;
	}
	spend(s, i - at);
	s->no_raw_end = name;
	return at;
}

/* The tag at `at`, which is the first on its line if `line` is where that
 * begins behind its containers, else NULL; the end of it, or `at`. */
static size_t take_tag(struct scanner *s, size_t at, const struct shortcode_cursor *line)
{
	struct shortcode_tag tag;
	size_t looked, end = take_literal(s, at, false);
	bool doubtful = s->lines.leaf == LEAF_INDENTED;

	if (end > at || !s->patience)
		return end;
	size_t length = shortcode_tag_read(str_skip(s->text, at), &tag, &looked);
	if (!length && !spend(s, looked))
		return at;
	if (!length && !tag.name.n)
		return at;
	struct shortcode_found *found = add(s, at, at + (length ? length : 3));
	found->tag = tag;
	found->doubtful = doubtful;
	if (!length)
		found->tag.kind = SHORTCODE_BROKEN;
	for (size_t i = 0; i < s->lines.depth; i++)
		found->quotes += s->lines.stack[i].quote;
	if (line) {
		found->first = true;
		size_t columns = shortcode_lines_indent(&s->lines, *line);
		found->column = line->column + columns;
		if (columns >= SHORTCODE_CODE_INDENT)
			found->from = line->at;
	}
	end = found->end;
	if (found->tag.kind == SHORTCODE_OPEN && shortcode_is_raw(tag.name) &&
	    !str_eq(tag.name, s->no_raw_end) && s->patience)
		end = take_raw(s, end, tag.name, doubtful);
	return end;
}

/* --- spans ------------------------------------------------------------------- */

static size_t run_length(const struct scanner *s, size_t at)
{
	size_t n = 0;

	while (byte(s, at + n) == '`')
		n++;
	return n;
}

/* Where the next run of n backticks begins in this paragraph, or the end of the
 * text. */
static size_t closing_run(struct scanner *s, size_t at, size_t n)
{
	if (n > MAX_TICKS || at < s->no_ticks[n])
		return s->text.n;
	while (at < s->text.n) {
		size_t run = run_length(s, at);
		if (run == n)
			return at;
		at += run;
		if (byte(s, at) == '\n' &&
		    shortcode_lines_ends_paragraph(shortcode_lines_rest(&s->lines, at + 1)))
			break;
		at += run == 0;
	}
	s->no_ticks[n] = at;
	return s->text.n;
}

/* What begins at `at` in a text: the end of it; a byte that begins nothing is
 * over after itself. */
static size_t take_span(struct scanner *s, size_t at, const struct shortcode_cursor *line)
{
	char c = byte(s, at), next = byte(s, at + 1);
	size_t end;

	if (c == '`') {
		size_t n = run_length(s, at);
		end = closing_run(s, at + n, n);
		if (end == s->text.n)
			return at + n;
		size_t after = take_literals(s, at + n, end);
		return after > end ? after : end + n;
	}
	if (c == '\\' && ascii_punct(next) && next != '{')
		return at + 2;
	if (c == '<' && !s->no_comment_end && str_starts(str_skip(s->text, at), "<!--")) {
		end = find_from(s, at, "-->");
		s->no_comment_end = end == s->text.n;
		return s->no_comment_end ? at + 1 : end + 3;
	}
	if (c == '{' && next == '{' && (byte(s, at + 2) == '<' || byte(s, at + 2) == '%')) {
		end = take_tag(s, at, line);
		return end > at ? end : at + 1;
	}
	return at + 1;
}

/* From c to the end of a line, which may be another one: tags and code spans
 * go over several. */
static size_t scan_text(struct scanner *s, const struct shortcode_cursor *c)
{
	size_t at = c->at;
	size_t before = s->list->n;
	bool visible = false, first = true;

	while (at < s->text.n && s->text.p[at] != '\n') {
		size_t known = s->list->n;
		bool space = ascii_space(s->text.p[at]);
		at = take_span(s, at, first ? c : NULL);
		first = first && space;
		visible |= !space && known == s->list->n;
	}
	/* A line of tags alone is most often a blank one in the end. */
	if (!visible && s->list->n > before && s->lines.leaf == LEAF_PARAGRAPH)
		s->lines.leaf = LEAF_NONE;
	return at + 1;
}

static size_t scan_line(struct scanner *s, size_t at)
{
	struct shortcode_cursor c = {.at = at};
	size_t end = at + shortcode_lines_rest(&s->lines, at).n;

	if (!shortcode_lines_next(&s->lines, &c))
		return scan_text(s, &c);
	struct str line = str_trim(shortcode_lines_rest(&s->lines, c.at));
	if (s->lines.leaf == LEAF_INDENTED && (str_starts(line, "{{<") || str_starts(line, "{{%")))
		return scan_text(s, &c);
	return take_literals(s, at, end) + 1;
}

/* --- pairs -------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct shortcode_found *const *x = a, *const *y = b;
	return str_compare((*x)->tag.name, (*y)->tag.name);
}

struct naming {
	size_t *number; /* of a tag's name, by the tag's index */
	size_t count;
};

static struct naming number_names(struct arena *arena, const struct shortcode_list *list)
{
	struct shortcode_found **sorted = ARENA_ARRAY(arena, list->n, struct shortcode_found *);
	struct naming names = {ARENA_ARRAY(arena, list->n, size_t), 0};

	for (size_t i = 0; i < list->n; i++)
		sorted[i] = &list->v[i];
	qsort(sorted, list->n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < list->n; i++) {
		if (i && by_name(&sorted[i - 1], &sorted[i]))
			names.count++;
		names.number[sorted[i] - list->v] = names.count;
	}
	names.count++;
	return names;
}

/* A closing tag belongs to the last opening one of its name; those opened in
 * between stand alone.  A doubtful tag may close, but not open. */
static void pair(struct arena *arena, struct shortcode_list *list, const struct naming *names)
{
	ptrdiff_t *last = ARENA_ARRAY(arena, names->count, ptrdiff_t); /* open, by name */
	ptrdiff_t *under = ARENA_ARRAY(arena, list->n, ptrdiff_t);     /* the one before it */
	ptrdiff_t *open = ARENA_ARRAY(arena, list->n, ptrdiff_t);
	size_t depth = 0;

	for (size_t i = 0; i < names->count; i++)
		last[i] = SHORTCODE_ALONE;
	for (size_t i = 0; i < list->n; i++) {
		struct shortcode_found *found = &list->v[i];
		size_t name = names->number[i];
		found->partner = SHORTCODE_ALONE;
		if (found->tag.kind == SHORTCODE_OPEN && !found->doubtful) {
			under[i] = last[name];
			last[name] = open[depth++] = (ptrdiff_t)i;
		} else if (found->tag.kind == SHORTCODE_CLOSE && last[name] != SHORTCODE_ALONE) {
			found->partner = last[name];
			list->v[found->partner].partner = (ptrdiff_t)i;
			ptrdiff_t top;
			do {
				top = open[--depth];
				last[names->number[top]] = under[top];
			} while (top != found->partner);
		}
	}
}

/* Between the tags of a pair indentation is layout, not code. */
static void settle_doubts(struct shortcode_list *list)
{
	ptrdiff_t reach = SHORTCODE_ALONE; /* the last tag of the pairs so far */
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct shortcode_found found = list->v[i];
		if (found.partner > reach)
			reach = found.partner;
		if (found.doubtful && (ptrdiff_t)i > reach)
			continue;
		found.doubtful = false;
		list->v[kept++] = found;
	}
	list->n = kept;
}

void shortcode_scan(struct arena *arena, struct str text, struct shortcode_list *list)
{
	struct scanner s = {
		.arena = arena,
		.text = text,
		.list = list,
		.lines = {.text = text},
		.no_raw_end = STR_LIT(""),
		.patience = PATIENCE * text.n,
	};
	size_t at = 0;

	*list = (struct shortcode_list){0};
	while (at < text.n)
		at = scan_line(&s, at);
	if (!list->n)
		return;
	struct naming names = number_names(arena, list);
	pair(arena, list, &names);
	settle_doubts(list);
	names = number_names(arena, list);
	pair(arena, list, &names);
}
