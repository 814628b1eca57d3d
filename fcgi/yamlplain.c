/* yamlplain.c: lines of YAML -> nodes, for what need not be left to libyaml.
 *
 * libyaml takes 0.1 ms for one such file, a tenth of a CGI process, which reads
 * its configuration and the strings of every language.  What is not certain to
 * mean the same to libyaml (YAML 1.1) is refused here, and never an error.  The
 * nodes' texts lie in one copy of the file, each ended by a NUL where a
 * separator stood.
 */
#include "yamlplain.h"

#include "utf8.h"

enum {
	KEY_LIMIT = 128, /* bytes; YAML's own is 1,024 characters */
	BELOW = 2,       /* spaces before a member of a member */
	FOLDED = 4,      /* and before the lines of a text that is folded */
};

struct line {
	char *p, *end; /* without the spaces around */
	size_t indent;
	unsigned number;
	bool spaced; /* at its end */
};

struct reader {
	struct arena *arena;
	char *at, *end; /* what is left */
	unsigned number; /* of lines before `at` */
	size_t nodes;
};

/* A map while its members come. */
struct members {
	struct yaml_node *map, **tail;
	uint64_t seen; /* a bit for each key, shared by some */
};

static struct yaml_node *new_node(struct reader *r, enum yaml_kind kind, const struct line *line, size_t column)
{
	struct yaml_node *node = arena_alloc(r->arena, sizeof(*node));

	*node = (struct yaml_node){.kind = kind, .text = {"", 0}, .line = line->number,
				   .column = (unsigned)column + 1, .count = 1};
	r->nodes++;
	return node;
}

/* --- lines ---------------------------------------------------------------------- */

/* Eight bytes from " " to "~". */
static bool eight_simple(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return !((w | (w - 0x2020202020202020u) | (w + 0x0101010101010101u)) & 0x8080808080808080u);
}

/* Line breaks other than \n, a byte order mark, and what YAML does not allow at
 * all (§5.1) are libyaml's affair. */
static bool is_simple(struct str text)
{
	bool ascii = true;

	for (size_t i = 0; i < text.n; i++) {
		while (text.n - i > 8 && eight_simple(text.p + i))
			i += 8;
		unsigned char c = (unsigned char)text.p[i];
		if (c < 0x80) {
			if ((c < 0x20 && c != '\n') || c == 0x7f)
				return false;
			continue;
		}
		ascii = false;
		if (c != 0xc2 && c != 0xe2 && c != 0xef)
			continue;
		struct str s = str_skip(text, i);
		if ((c == 0xc2 && s.n > 1 && (unsigned char)s.p[1] < 0xa0) || str_starts(s, "\xe2\x80\xa8") ||
		    str_starts(s, "\xe2\x80\xa9") || str_starts(s, "\xef\xbb\xbf") ||
		    str_starts(s, "\xef\xbf\xbe") || str_starts(s, "\xef\xbf\xbf"))
			return false;
	}
	return ascii || utf8_valid(text);
}

/* The next line with something on it.  Deep blanks and comments are something:
 * in a text that is folded they would be its lines. */
static bool next_line(struct reader *r, struct line *line)
{
	while (r->at < r->end) {
		char *start = r->at, *p = start, *end = memchr(start, '\n', (size_t)(r->end - start));
		end = end ? end : r->end;
		r->at = end + 1;
		r->number++;
		while (p < end && *p == ' ')
			p++;
		size_t indent = (size_t)(p - start);
		if ((p == end || *p == '#') && indent <= BELOW)
			continue;
		*line = (struct line){.p = p, .end = end, .indent = indent, .number = r->number};
		while (line->end > p && line->end[-1] == ' ')
			line->end--;
		line->spaced = line->end < end;
		return true;
	}
	return false;
}

/* --- values --------------------------------------------------------------------- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_in_key(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

static bool is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* In a list in brackets a word may hold less than on a line of its own. */
static bool is_plain(const char *p, const char *end, bool in_brackets)
{
	if (p == end || !(is_word(*p) || *p == '/' || *p == '.' || *p == '('))
		return false;
	for (const char *at = p; at < end; at++) {
		if (in_brackets ? !is_word(*at) && !strchr(" ./()-", *at) : *at == '#' && at[-1] == ' ')
			return false;
		if (*at == ':' && (at + 1 == end || at[1] == ' '))
			return false;
	}
	return true;
}

static void set_text(struct yaml_node *node, char *p, char *end)
{
	*end = 0;
	node->text = (struct str){p, (size_t)(end - p)};
}

/* "no escapes", and 'It''s', which is taken together in its place. */
static bool read_quoted(struct yaml_node *node, char *p, char *end)
{
	char quote = *p++, *to = p;

	if (end == p || *--end != quote)
		return false;
	for (char *at = p; at < end; at++) {
		if (quote == '"' && (*at == '"' || *at == '\\'))
			return false;
		if (*at == '\'' && quote == '\'' && (++at == end || *at != '\''))
			return false;
		*to++ = *at;
	}
	node->quoted = true;
	set_text(node, p, to);
	return true;
}

static bool read_scalar(struct yaml_node *node, char *p, char *end)
{
	if (p < end && (*p == '\'' || *p == '"'))
		return read_quoted(node, p, end);
	if (!is_plain(p, end, false))
		return false;
	set_text(node, p, end);
	return true;
}

/* [a, b]: columns count characters. */
static bool read_list(struct reader *r, const struct line *line, struct yaml_node *list, char *p, char *end)
{
	struct yaml_node **tail = &list->first;
	size_t column = list->column;

	list->kind = YAML_LIST;
	if (*--end != ']')
		return false;
	while (++p < end) {
		char *comma = memchr(p, ',', (size_t)(end - p)), *last = comma ? comma : end;
		for (; p < last && *p == ' '; p++)
			column++;
		struct yaml_node *node = *tail = new_node(r, YAML_SCALAR, line, column);
		char *next = last;
		while (last > p && last[-1] == ' ')
			last--;
		if (!is_plain(p, last, true))
			return false;
		for (char *at = p; at <= next; at++)
			column += ((unsigned char)*at & 0xc0) != 0x80;
		set_text(node, p, last);
		tail = &node->next;
		list->count++;
		p = next;
		if (comma && comma + 1 == end) /* "[a,]" */
			return false;
	}
	return list->first;
}

/* --- members -------------------------------------------------------------------- */

/* False for one that is there. */
static bool add_member(struct members *m, struct yaml_node *node)
{
	struct str key = node->key->text;
	unsigned sum = 0;

	for (size_t i = 0; i < key.n; i++)
		sum = sum * 31 + (unsigned char)key.p[i];
	uint64_t bit = UINT64_C(1) << sum % 64;
	if (m->seen & bit)
		for (const struct yaml_node *n = m->map->first; n; n = n->next)
			if (str_eq(n->key->text, key))
				return false;
	m->seen |= bit;
	*m->tail = node;
	m->tail = &node->next;
	m->map->count += node->count + 1;
	return true;
}

/* The key and what stands behind it; *value is there when nothing does. */
static struct yaml_node *read_member(struct reader *r, const struct line *line, char **value)
{
	char *p = line->p, *end = line->end;

	while (p < end && is_in_key(*p))
		p++;
	if (p == end || *p != ':' || !is_letter(*line->p) || p - line->p > KEY_LIMIT || (p + 1 < end && p[1] != ' '))
		return NULL;
	struct yaml_node *key = new_node(r, YAML_SCALAR, line, line->indent);
	set_text(key, line->p, p);
	while (++p < end && *p == ' ')
		;
	struct yaml_node *node = new_node(r, YAML_SCALAR, line, (size_t)(p - line->p) + line->indent);
	node->key = key;
	*value = p;
	return node;
}

/* The lines of a ">-", with a space between them; *line is the one after. */
static bool read_folded(struct reader *r, struct line *line, struct yaml_node *node, bool *more)
{
	char *start = NULL, *to = NULL;
	unsigned number = line->number;

	node->quoted = true;
	while ((*more = next_line(r, line)) && line->indent == FOLDED && line->number == ++number) {
		size_t n = (size_t)(line->end - line->p);
		if (line->spaced || !n)
			return false;
		if (!start)
			start = to = line->p;
		else
			*to++ = ' ';
		memmove(to, line->p, n);
		to += n;
	}
	if (start)
		set_text(node, start, to);
	return start && (!*more || line->indent < FOLDED);
}

/* Of the member on *line; then *line is the next. */
static bool read_value(struct reader *r, struct line *line, struct yaml_node *node, char *p, bool *more)
{
	char *end = line->end;

	if (end - p == 2 && p[0] == '>' && p[1] == '-')
		return read_folded(r, line, node, more);
	if (!(*p == '[' ? read_list(r, line, node, p, end) : read_scalar(node, p, end)))
		return false;
	*more = next_line(r, line);
	return true;
}

/* A key alone: the lines below it are its members, the first of which is where it is. */
static bool open_map(struct reader *r, struct line *line, struct yaml_node *node, struct members *inner, bool *more)
{
	*more = next_line(r, line);
	node->kind = YAML_MAP;
	node->line = line->number;
	node->column = BELOW + 1;
	*inner = (struct members){.map = node, .tail = &node->first};
	return *more && line->indent == BELOW;
}

/* `inner` is of the last member of root's, if that is a map. */
static bool read_line(struct reader *r, struct line *line, struct members *root, struct members *inner, bool *more)
{
	bool below = line->indent == BELOW;
	char *value;
	struct yaml_node *node = below ? inner->map : root->map;

	if (!node || (line->indent && !below) || !(node = read_member(r, line, &value)))
		return false;
	if (!below)
		inner->map = NULL;
	if (value == line->end ? below || !open_map(r, line, node, inner, more)
			       : !read_value(r, line, node, value, more))
		return false;
	return add_member(below ? inner : root, node);
}

struct yaml_node *yamlplain_read(struct arena *arena, struct str text)
{
	struct members root = {0}, inner = {0};
	struct line line;

	if (text.n > YAMLTREE_BYTES || !is_simple(text))
		return NULL;
	char *copy = arena_z(arena, text);
	struct reader r = {.arena = arena, .at = copy, .end = copy + text.n};
	bool more = next_line(&r, &line);
	if (!more || line.indent)
		return NULL;
	root.map = new_node(&r, YAML_MAP, &line, 0);
	root.tail = &root.map->first;
	while (more)
		if (!read_line(&r, &line, &root, &inner, &more) || r.nodes > YAMLTREE_NODES)
			return NULL;
	root.map->count = r.nodes;
	return root.map;
}
