/* template.c: Mustache text -> an array of nodes -> bytes.
 *
 * In:  a template's source; a tree of values; partials by name.
 * Out: the page.  All parsing is done at compile time: nodes borrow from the
 *      source, a section owns the nodes up to its `next`.
 * No lambdas, no inheritance, no cache of partials.
 * Source: the Mustache specification v1.3 and mustache(5).
 *
 * Text from a partial may have to be indented line by line (specification,
 * partials: "prepended to each line of the partial before rendering"), so a
 * text node knows whether it starts a line, and a tag in the first column
 * that does not stand alone is preceded by an empty text node.
 */
#include "template.h"

#include "escape.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	NAME_IN_MESSAGE = 1024, /* bytes */
	TAG_IN_MESSAGE = 60,
	FIRST_NODES = 128, /* on the stack, while they are counted */
	LONGEST_NUMBER = 9, /* digits of an element's number */
};

enum node_kind {
	NODE_TEXT,
	NODE_ESCAPED,
	NODE_RAW,
	NODE_SECTION,
	NODE_INVERTED,
	NODE_PARTIAL,
};

/* In 32 bits: a CGI process pays for each page of memory. */
struct node {
	enum node_kind kind : 8;
	bool starts_line; /* NODE_TEXT: an indent is due before it */
	bool alone;       /* NODE_PARTIAL: nothing else on its line */
	uint32_t next;    /* the next sibling */
	uint32_t at;      /* offset in the source, for messages */
	struct str text;  /* the text, or the whole name */
	union {
		struct {
			struct str *part; /* what follows the first dot, cut at the others */
			uint32_t count;   /* of part */
			uint32_t first;   /* bytes of text before the first dot; 0 for "." */
		} path;
		struct str indent; /* NODE_PARTIAL, alone: the blanks before it */
	};
};

struct template {
	struct str name, source;
	struct node *nodes;
	size_t count;
};

static void begin_message(struct buf *err, const struct template *t, size_t at)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		if (t->source.p[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)t->source.p[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	escape_log(err, t->name, NAME_IN_MESSAGE);
	buf_printf(err, ":%zu:%zu: error: ", line, column);
}

static void end_message(struct buf *err, struct str tag, const char *rule)
{
	buf_char(err, ' ');
	escape_log(err, tag, TAG_IN_MESSAGE);
	buf_printf(err, " [template/%s]\n", rule);
}

/* Compiling. */

struct delimiters {
	struct str open, close;
	struct str close_raw;  /* "}" and close */
	struct str close_pair; /* "=" and close */
};

struct compiler {
	struct arena *arena;
	struct template *t;
	struct buf *err;
	struct delimiters delimiters;
	size_t capacity; /* of t->nodes */
	struct node first[FIRST_NODES];
	size_t depth;
	size_t open[TEMPLATE_NESTING_LIMIT]; /* the sections we are in */
};

struct tag {
	size_t at, end; /* offsets of its first byte, and after its last */
	char sigil;     /* one of # ^ / > & ! = { or 0 */
	struct str content;
};

static struct str between(const struct compiler *c, size_t from, size_t to)
{
	assert(from <= to && to <= c->t->source.n);
	return (struct str){c->t->source.p + from, to - from};
}

/* The offset of needle at or after `from`, or the source's length. */
static size_t find_from(const struct compiler *c, size_t from, struct str needle)
{
	struct str source = c->t->source;

	/* Not memmem(), which prepares itself for long needles at every call. */
	while (from < source.n && source.n - from >= needle.n) {
		const char *hit = memchr(source.p + from, needle.p[0], source.n - from - needle.n + 1);
		if (!hit)
			break;
		from = (size_t)(hit - source.p);
		if (!memcmp(hit, needle.p, needle.n))
			return from;
		from++;
	}
	return source.n;
}

/* Always false, for the caller to return. */
static bool bad_tag(struct compiler *c, const struct tag *tag, const char *rule,
		    const char *message)
{
	begin_message(c->err, c->t, tag->at);
	buf_puts(c->err, message);
	end_message(c->err, between(c, tag->at, tag->end), rule);
	return false;
}

/* Shows the rest of the line: where the tag was meant to end is not known. */
static bool unclosed_tag(struct compiler *c, const struct tag *tag, struct str missing)
{
	struct str rest = str_skip(c->t->source, tag->at);
	bool pair = tag->sigil == '=';

	begin_message(c->err, c->t, tag->at);
	buf_puts(c->err, pair ? "a delimiter tag that does not end with " : "a tag without its ");
	escape_log(c->err, missing, TAG_IN_MESSAGE);
	buf_char(c->err, ':');
	end_message(c->err, str_trim(str_head(rest, str_find_char(rest, '\n'))),
		    pair ? "delimiters" : "unclosed-tag");
	return false;
}

static struct node *add_node(struct compiler *c, enum node_kind kind, size_t at)
{
	struct template *t = c->t;

	ARENA_ROOM(c->arena, t->nodes, t->count, c->capacity);
	struct node *node = &t->nodes[t->count++];
	*node = (struct node){.kind = kind, .at = (uint32_t)at, .next = (uint32_t)t->count};
	return node;
}

static bool is_line_start(const struct compiler *c, size_t at)
{
	return at == 0 || c->t->source.p[at - 1] == '\n';
}

static void add_text(struct compiler *c, size_t from, size_t to)
{
	struct node *node = add_node(c, NODE_TEXT, from);

	node->text = between(c, from, to);
	node->starts_line = is_line_start(c, from);
}

static struct str after_char(struct arena *arena, char first, struct str s)
{
	char *p = arena_alloc(arena, s.n + 1);

	p[0] = first;
	memcpy(p + 1, s.p, s.n);
	return (struct str){p, s.n + 1};
}

static void set_delimiters(struct compiler *c, struct str open, struct str close)
{
	c->delimiters = (struct delimiters){
		.open = open,
		.close = close,
		.close_raw = after_char(c->arena, '}', close),
		.close_pair = after_char(c->arena, '=', close),
	};
}

/* {{=OPEN CLOSE=}} */
static bool read_delimiters(struct compiler *c, const struct tag *tag)
{
	struct str open = tag->content;
	size_t n = 0;

	while (n < open.n && !ascii_space(open.p[n]))
		n++;
	struct str close = str_trim(str_skip(open, n));
	open.n = n;
	for (size_t i = 0; i < close.n; i++)
		if (ascii_space(close.p[i]))
			close.n = 0;
	if (!open.n || !close.n)
		return bad_tag(c, tag, "delimiters", "a delimiter tag takes two delimiters:");
	set_delimiters(c, open, close);
	return true;
}

/* Finds the end of the tag at tag->at.  White space may stand before the
 * sigil, as in mustache.js. */
static bool read_tag(struct compiler *c, struct tag *tag)
{
	const struct delimiters *d = &c->delimiters;
	struct str source = c->t->source;
	size_t from = tag->at + d->open.n;

	while (from < source.n && ascii_space(source.p[from]))
		from++;
	bool has_sigil = from < source.n && source.p[from] && strchr("#^/>&!={", source.p[from]);
	tag->sigil = has_sigil ? source.p[from++] : 0;
	struct str close = tag->sigil == '{' ? d->close_raw :
			   tag->sigil == '=' ? d->close_pair : d->close;
	size_t to = find_from(c, from, close);
	if (to == source.n)
		return unclosed_tag(c, tag, close);
	tag->end = to + close.n;
	tag->content = str_trim(between(c, from, to));
	return true;
}

static bool holds(struct str s, struct str needle)
{
	return memmem(s.p, s.n, needle.p, needle.n) != NULL;
}

/* White space in a name often means that the tag was not closed and has
 * swallowed the text up to the end of the next one. */
static bool check_name(struct compiler *c, const struct tag *tag)
{
	const struct delimiters *d = &c->delimiters;
	struct str name = tag->content;
	bool spaced = false;

	if (!name.n)
		return bad_tag(c, tag, "name", "a tag without a name:");
	for (size_t i = 0; i < name.n; i++)
		spaced = spaced || ascii_space(name.p[i]);
	if (tag->sigil == '{' && holds(name, d->close))
		return unclosed_tag(c, tag, d->close_raw);
	if (spaced && holds(name, d->open))
		return unclosed_tag(c, tag, d->close);
	if (spaced)
		return bad_tag(c, tag, "name", "a name with white space in it:");
	return true;
}

/* Adds a node that looks up the tag's name. */
static bool add_lookup(struct compiler *c, enum node_kind kind, const struct tag *tag)
{
	struct node *node = add_node(c, kind, tag->at);
	struct str rest = tag->content;
	uint32_t dots = 0;

	node->text = tag->content;
	if (str_is(rest, "."))
		return true;
	node->path.first = (uint32_t)str_cut(&rest, '.').n;
	if (node->path.first == tag->content.n)
		return true;
	for (size_t i = 0; i < rest.n; i++)
		dots += rest.p[i] == '.';
	node->path.count = dots + 1;
	node->path.part = arena_alloc(c->arena, node->path.count * sizeof(*node->path.part));
	bool empty = !node->path.first;
	for (size_t i = 0; i <= dots; i++) {
		node->path.part[i] = str_cut(&rest, '.');
		empty |= !node->path.part[i].n;
	}
	return !empty || bad_tag(c, tag, "name", "a name with an empty part:");
}

static bool open_section(struct compiler *c, enum node_kind kind, const struct tag *tag)
{
	if (c->depth == TEMPLATE_NESTING_LIMIT)
		return bad_tag(c, tag, "nesting", "sections nest too deep:");
	c->open[c->depth++] = c->t->count;
	return add_lookup(c, kind, tag);
}

static bool close_section(struct compiler *c, const struct tag *tag)
{
	if (!c->depth)
		return bad_tag(c, tag, "close", "no section is open here:");
	struct node *section = &c->t->nodes[c->open[c->depth - 1]];
	if (!str_eq(section->text, tag->content)) {
		begin_message(c->err, c->t, tag->at);
		buf_puts(c->err, "the section open here is \"");
		escape_log(c->err, section->text, TAG_IN_MESSAGE);
		buf_puts(c->err, "\", not");
		end_message(c->err, between(c, tag->at, tag->end), "close");
		return false;
	}
	section->next = (uint32_t)c->t->count;
	c->depth--;
	return true;
}

static bool add_partial(struct compiler *c, const struct tag *tag, bool alone, size_t line)
{
	struct node *node = add_node(c, NODE_PARTIAL, tag->at);

	node->text = tag->content;
	node->alone = alone;
	node->indent = between(c, line, tag->at);
	return true;
}

/* `line` is where the line begins that the tag has for itself, if it has. */
static bool compile_tag(struct compiler *c, const struct tag *tag, bool alone, size_t line)
{
	if (tag->sigil == '!')
		return true;
	if (tag->sigil == '=')
		return read_delimiters(c, tag);
	if (!check_name(c, tag))
		return false;
	switch (tag->sigil) {
	case '#': return open_section(c, NODE_SECTION, tag);
	case '^': return open_section(c, NODE_INVERTED, tag);
	case '/': return close_section(c, tag);
	case '{':
	case '&': return add_lookup(c, NODE_RAW, tag);
	case '>': return add_partial(c, tag, alone, line);
	default: return add_lookup(c, NODE_ESCAPED, tag);
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Whether nothing but blanks shares the tag's first and last line; then these
 * lines are *from to *to, line end included. */
static bool stands_alone(const struct compiler *c, const struct tag *tag, size_t *from, size_t *to)
{
	struct str source = c->t->source;
	size_t start = tag->at, end = tag->end;

	if (!tag->sigil || tag->sigil == '&' || tag->sigil == '{')
		return false;
	/* No delimiter ends with a blank, so this stops at the tag before. */
	while (start && is_blank(source.p[start - 1]))
		start--;
	if (!is_line_start(c, start))
		return false;
	while (end < source.n && is_blank(source.p[end]))
		end++;
	struct str rest = str_skip(source, end);
	if (rest.n && !str_starts(rest, "\n") && !str_starts(rest, "\r\n"))
		return false;
	*from = start;
	*to = end + (rest.n ? str_find_char(rest, '\n') + 1 : 0);
	return true;
}

/* The text from *at to the tag, then the tag; moves *at behind it. */
static bool compile_piece(struct compiler *c, struct tag *tag, size_t *at)
{
	size_t from, to;

	if (!read_tag(c, tag))
		return false;
	bool alone = stands_alone(c, tag, &from, &to);
	if (!alone) {
		from = tag->at;
		to = tag->end;
	}
	if (*at < from)
		add_text(c, *at, from);
	if (!alone && is_line_start(c, tag->at))
		add_text(c, tag->at, tag->at);
	*at = to;
	return compile_tag(c, tag, alone, from);
}

static bool compile_all(struct compiler *c)
{
	size_t n = c->t->source.n;
	size_t at = 0;
	struct tag tag;

	c->delimiters = (struct delimiters){STR_LIT("{{"), STR_LIT("}}"), STR_LIT("}}}"), STR_LIT("=}}")};
	for (;;) {
		tag = (struct tag){.at = find_from(c, at, c->delimiters.open)};
		if (tag.at == n)
			break;
		if (!compile_piece(c, &tag, &at))
			return false;
	}
	if (at < n)
		add_text(c, at, n);
	if (!c->depth)
		return true;
	const struct node *section = &c->t->nodes[c->open[c->depth - 1]];
	struct str from_here = str_skip(c->t->source, section->at);
	begin_message(c->err, c->t, section->at);
	buf_puts(c->err, "a section that is not closed:");
	end_message(c->err, str_trim(str_head(from_here, str_find_char(from_here, '\n'))),
		    "unclosed-section");
	return false;
}

struct template *template_compile(struct arena *arena, struct str name, struct str source,
				  struct buf *err)
{
	struct template *t = ARENA_NEW(arena, struct template);
	struct compiler c;

	c.arena = arena;
	c.t = t;
	c.err = err;
	c.capacity = FIRST_NODES;
	c.depth = 0;
	assert(source.n < UINT32_MAX);
	if (str_starts(source, "\xef\xbb\xbf"))
		source = str_skip(source, 3);
	*t = (struct template){.name = name, .source = source, .nodes = c.first};
	if (!compile_all(&c))
		return NULL;
	struct node *nodes = arena_alloc(arena, (t->count + 1) * sizeof(*nodes));
	memcpy(nodes, t->nodes, t->count * sizeof(*nodes));
	t->nodes = nodes;
	return t;
}

/* Rendering.  The stack of contexts is a list through the C stack: its depth
 * is bounded by the two limits on nesting, and it costs no allocation. */

struct context {
	const struct value *value;
	const struct context *outer;
};

struct indent {
	struct str own;
	const struct indent *outer;
};

struct render {
	template_finder *find;
	void *context;
	struct buf *out, *err;
	long work; /* what is left of it */
};

/* One template while it is rendered. */
struct frame {
	const struct template *t;
	const struct indent *indent; /* before each line, NULL for none */
	unsigned depth;
};

static const char *sigil_of(enum node_kind kind)
{
	switch (kind) {
	case NODE_SECTION: return "#";
	case NODE_INVERTED: return "^";
	case NODE_PARTIAL: return ">";
	case NODE_RAW: return "&";
	case NODE_ESCAPED:
	case NODE_TEXT: break;
	}
	return "";
}

/* Always false, for the caller to return. */
static bool stop(struct render *r, const struct frame *f, const struct node *node,
		 const char *rule, const char *message)
{
	begin_message(r->err, f->t, node->at);
	buf_puts(r->err, message);
	if (node->kind != NODE_TEXT) {
		buf_printf(r->err, " {{%s", sigil_of(node->kind));
		escape_log(r->err, node->text, TAG_IN_MESSAGE);
		buf_puts(r->err, "}}");
	}
	buf_printf(r->err, " [template/%s]\n", rule);
	return false;
}

/* The member of that name, or the element of that number. */
static const struct value *part_of(const struct value *v, struct str part)
{
	size_t i = 0;

	if (value_kind(v) != VALUE_ARRAY)
		return value_get(v, part);
	if (part.n > LONGEST_NUMBER)
		return NULL;
	for (size_t n = 0; n < part.n; n++) {
		if (part.p[n] < '0' || part.p[n] > '9')
			return NULL;
		i = i * 10 + (size_t)(part.p[n] - '0');
	}
	return value_at(v, i);
}

static const struct value *look_up(struct render *r, const struct node *node,
				   const struct context *top)
{
	const struct value *v = NULL;

	if (!node->path.first)
		return top->value;
	struct str first = str_head(node->text, node->path.first);
	for (const struct context *context = top; context && !v; context = context->outer) {
		v = value_get(context->value, first);
		r->work--;
	}
	for (size_t i = 0; v && i < node->path.count; i++) {
		v = part_of(v, node->path.part[i]);
		r->work--;
	}
	return v;
}

static bool is_true(const struct value *v)
{
	switch (value_kind(v)) {
	case VALUE_NULL: return false;
	case VALUE_BOOL: return value_true(v);
	case VALUE_STRING: return value_text(v).n > 0;
	case VALUE_ARRAY: return value_count(v) > 0;
	case VALUE_INTEGER:
	case VALUE_REAL:
	case VALUE_OBJECT: break;
	}
	return true;
}

static void append_real(struct buf *out, double x)
{
	char digits[40];

	/* 15 digits always survive, 17 always suffice. */
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof(digits), "%.*g", precision, x);
		if (strtod(digits, NULL) == x)
			break;
	}
	buf_puts(out, digits);
}

static void append_json(struct buf *out, const struct value *v, bool escape)
{
	if (!escape) {
		value_write(v, true, out);
		return;
	}
	struct buf json = BUF_EMPTY;
	value_write(v, false, &json);
	escape_html(out, buf_view(&json));
	out->failed = out->failed || buf_failed(&json);
	buf_release(&json);
}

static void append_value(struct buf *out, const struct value *v, bool escape)
{
	switch (value_kind(v)) {
	case VALUE_NULL: break;
	case VALUE_BOOL: buf_puts(out, value_true(v) ? "true" : "false"); break;
	case VALUE_INTEGER: buf_printf(out, "%" PRId64, value_number(v)); break;
	case VALUE_REAL: append_real(out, value_float(v)); break;
	case VALUE_STRING:
		if (escape)
			escape_html(out, value_text(v));
		else
			buf_str(out, value_text(v));
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT: append_json(out, v, escape); break;
	}
}

static void append_indent(struct buf *out, const struct indent *indent)
{
	if (!indent)
		return;
	append_indent(out, indent->outer);
	buf_str(out, indent->own);
}

/* What follows the last line end is another node's line, or none. */
static void append_indented(struct buf *out, const struct node *node, const struct indent *indent)
{
	struct str rest = node->text;

	if (node->starts_line)
		append_indent(out, indent);
	for (size_t n; (n = str_find_char(rest, '\n') + 1) < rest.n; rest = str_skip(rest, n)) {
		buf_str(out, str_head(rest, n));
		append_indent(out, indent);
	}
	buf_str(out, rest);
}

static bool render_nodes(struct render *r, const struct frame *f, size_t from, size_t to,
			 const struct context *top);

static bool render_section(struct render *r, const struct frame *f, const struct node *node,
			   const struct context *top)
{
	const struct value *v = look_up(r, node, top);
	size_t first = (size_t)(node - f->t->nodes) + 1;
	struct context inner = {.value = v, .outer = top};

	if (node->kind == NODE_INVERTED)
		return is_true(v) || render_nodes(r, f, first, node->next, top);
	if (!is_true(v))
		return true;
	if (value_kind(v) != VALUE_ARRAY)
		return render_nodes(r, f, first, node->next, &inner);
	for (size_t i = 0; i < value_count(v); i++) {
		inner.value = value_at(v, i);
		r->work--;
		if (!render_nodes(r, f, first, node->next, &inner))
			return false;
	}
	return true;
}

static bool render_partial(struct render *r, const struct frame *f, const struct node *node,
			   const struct context *top)
{
	const struct template *t = r->find ? r->find(r->context, node->text) : NULL;
	struct indent deeper = {.own = node->indent, .outer = f->indent};
	struct frame inner = {.t = t, .depth = f->depth + 1};

	if (!t)
		return true;
	if (inner.depth > TEMPLATE_DEPTH_LIMIT)
		return stop(r, f, node, "partial-depth",
			    "partials nest too deep, perhaps in a loop:");
	if (node->alone)
		inner.indent = node->indent.n ? &deeper : f->indent;
	return render_nodes(r, &inner, 0, t->count, top);
}

static bool render_node(struct render *r, const struct frame *f, const struct node *node,
			const struct context *top)
{
	switch (node->kind) {
	case NODE_TEXT:
		if (f->indent)
			append_indented(r->out, node, f->indent);
		else
			buf_str(r->out, node->text);
		break;
	case NODE_ESCAPED:
	case NODE_RAW:
		append_value(r->out, look_up(r, node, top), node->kind == NODE_ESCAPED);
		break;
	case NODE_SECTION:
	case NODE_INVERTED: return render_section(r, f, node, top);
	case NODE_PARTIAL: return render_partial(r, f, node, top);
	}
	return true;
}

static bool render_nodes(struct render *r, const struct frame *f, size_t from, size_t to,
			 const struct context *top)
{
	for (size_t i = from; i < to; i = f->t->nodes[i].next) {
		const struct node *node = &f->t->nodes[i];
		if (--r->work < 0)
			return stop(r, f, node, "work", "this page takes too much work:");
		if (!render_node(r, f, node, top))
			return false;
		if (buf_failed(r->out))
			return stop(r, f, node, "output", "the output is larger than it may be:");
	}
	return true;
}

int template_render(const struct template *t, const struct value *data, template_finder *find,
		    void *context, struct buf *out, struct buf *err)
{
	struct render r = {
		.find = find,
		.context = context,
		.out = out,
		.err = err,
		.work = TEMPLATE_WORK_LIMIT,
	};
	struct frame frame = {.t = t};
	struct context root = {.value = data};
	size_t before = out->n;

	if (render_nodes(&r, &frame, 0, t->count, &root))
		return 0;
	buf_truncate(out, before);
	return -1;
}

/* Looking for loops. */

/* Follows the partials that are rendered whatever the data says. */
static bool ends(struct render *r, const struct frame *f)
{
	for (size_t i = 0; i < f->t->count; i = f->t->nodes[i].next) {
		const struct node *node = &f->t->nodes[i];
		if (node->kind != NODE_PARTIAL)
			continue;
		struct frame inner = {.t = r->find(r->context, node->text), .depth = f->depth + 1};
		if (!inner.t)
			continue;
		if (inner.depth > TEMPLATE_DEPTH_LIMIT || --r->work < 0)
			return stop(r, f, node, "partial-loop", "partials include each other without an end:");
		if (!ends(r, &inner))
			return false;
	}
	return true;
}

bool template_loops(const struct template *t, template_finder *find, void *context, struct buf *err)
{
	struct render r = {.find = find, .context = context, .err = err, .work = TEMPLATE_WORK_LIMIT};
	struct frame frame = {.t = t};

	return !ends(&r, &frame);
}
