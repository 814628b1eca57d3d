/* yamltree.c: the only file that knows yaml.h.
 *
 * In: UTF-8 text.  Out: a tree in an arena, or one message.  libyaml's parser
 * is asked for events; it does not expand aliases and has no limits of its
 * own, and its flow nesting is quadratic, so the limits are kept here, as the
 * events come.
 */
#include "yamltree.h"

#include "utf8.h"

#include <yaml.h>

struct anchor {
	struct anchor *next;
	struct str name;
	struct yaml_node *node;
};

struct reader {
	struct arena *arena;
	struct str text;
	const struct yaml_source *source;
	struct buf *err;
	yaml_parser_t parser;
	yaml_event_t event;
	struct anchor *anchors;
	size_t nodes; /* so far, with what aliases stand for */
	size_t bytes; /* of text that aliases stand for */
	bool failed;
};

static void fail_at(struct reader *r, const yaml_mark_t *mark, const char *message, const char *rule)
{
	if (!r->failed)
		buf_printf(r->err, "%s:%u:%u: error: %s [yaml/%s]\n", r->source->path,
			   (unsigned)mark->line + r->source->line, (unsigned)mark->column + 1, message,
			   rule);
	r->failed = true;
}

static void fail(struct reader *r, const char *message, const char *rule)
{
	fail_at(r, &r->event.start_mark, message, rule);
}

/* At a byte of the text; columns count characters, as libyaml's do. */
static void fail_byte(struct reader *r, size_t offset, const char *message, const char *rule)
{
	yaml_mark_t mark = {0};

	for (size_t i = 0; i < offset && i < r->text.n; i++) {
		mark.column += ((unsigned char)r->text.p[i] & 0xc0) != 0x80;
		if (r->text.p[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	fail_at(r, &mark, message, rule);
}

/* libyaml names its own troubles well; a colon in a plain title is by far the
 * commonest, and its words for that help nobody. */
static void fail_parser(struct reader *r)
{
	const char *problem = r->parser.problem ? r->parser.problem : "not YAML";
	yaml_mark_t mark = r->parser.problem_mark;

	if (r->parser.error == YAML_READER_ERROR) /* it reads ahead: its mark is elsewhere */
		fail_byte(r, r->parser.problem_offset, problem, "control");
	else if (strstr(problem, "mapping values are not allowed"))
		fail_at(r, &mark, "a text with \": \" in it needs quotes", "colon");
	else
		fail_at(r, &mark, problem, "syntax");
}

static bool next_event(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (r->failed)
		return false;
	if (!yaml_parser_parse(&r->parser, &r->event)) {
		memset(&r->event, 0, sizeof(r->event));
		fail_parser(r);
		return false;
	}
	return true;
}

static struct yaml_node *new_node(struct reader *r, enum yaml_kind kind)
{
	struct yaml_node *node = ARENA_NEW(r->arena, struct yaml_node);

	node->kind = kind;
	node->text = STR_LIT("");
	node->line = (unsigned)r->event.start_mark.line + r->source->line;
	node->column = (unsigned)r->event.start_mark.column + 1;
	node->count = 1;
	if (++r->nodes > YAMLTREE_NODES)
		fail(r, "too many values", "limit");
	return node;
}

static void remember(struct reader *r, const yaml_char_t *name, struct yaml_node *node)
{
	if (!name)
		return;
	struct anchor *anchor = ARENA_NEW(r->arena, struct anchor);
	anchor->name = arena_str(r->arena, str_from((const char *)name));
	anchor->node = node;
	anchor->next = r->anchors;
	r->anchors = anchor;
}

/* Levels of collections in a subtree; adds up its bytes of text. */
static unsigned measure(const struct yaml_node *node, size_t *bytes)
{
	unsigned deepest = 0;

	*bytes += node->text.n + (node->key ? node->key->text.n : 0);
	for (const struct yaml_node *n = node->first; n; n = n->next) {
		unsigned levels = measure(n, bytes);
		deepest = levels > deepest ? levels : deepest;
	}
	return node->kind == YAML_SCALAR ? 0 : deepest + 1;
}

/* An alias shares the children of what it names, and counts like them: a
 * "billion laughs" runs into the limits. */
static struct yaml_node *read_alias(struct reader *r, unsigned depth)
{
	struct str name = str_from((const char *)r->event.data.alias.anchor);

	for (struct anchor *a = r->anchors; a; a = a->next) {
		if (!str_eq(a->name, name))
			continue;
		struct yaml_node *node = new_node(r, a->node->kind);
		node->text = a->node->text;
		node->quoted = a->node->quoted;
		node->first = a->node->first;
		node->count = a->node->count;
		r->nodes += node->count - 1;
		if (r->nodes > YAMLTREE_NODES || depth + measure(node, &r->bytes) > YAMLTREE_DEPTH ||
		    r->bytes > YAMLTREE_BYTES)
			fail(r, "aliases stand for too much", "alias");
		return r->failed ? NULL : node;
	}
	fail(r, "an alias to nothing that was named before it", "alias");
	return NULL;
}

static struct yaml_node *read_node(struct reader *r, unsigned depth);

static bool has_key(const struct yaml_node *map, struct str key)
{
	for (const struct yaml_node *n = map->first; n; n = n->next)
		if (str_eq(n->key->text, key))
			return true;
	return false;
}

static void read_members(struct reader *r, struct yaml_node *parent, yaml_event_type_t end, unsigned depth)
{
	struct yaml_node **tail = &parent->first;

	while (next_event(r) && r->event.type != end) {
		struct yaml_node *key = NULL;
		if (parent->kind == YAML_MAP) {
			if (r->event.type != YAML_SCALAR_EVENT) {
				fail(r, "a key must be a plain text", "key");
				return;
			}
			key = read_node(r, depth);
			if (!key)
				return;
			if (has_key(parent, key->text))
				fail(r, "this key stands here twice", "duplicate-key");
			else if (str_is(key->text, "<<") && !key->quoted)
				fail(r, "merge keys (<<) are not supported", "key");
			if (!next_event(r))
				return;
			parent->count += key->count;
		}
		struct yaml_node *child = read_node(r, depth + 1);
		if (!child)
			return;
		child->key = key;
		parent->count += child->count;
		*tail = child;
		tail = &child->next;
	}
}

static struct yaml_node *read_collection(struct reader *r, enum yaml_kind kind, const yaml_char_t *tag,
					 const yaml_char_t *anchor, unsigned depth)
{
	if (tag) {
		fail(r, "tags (!…) are not supported", "tag");
		return NULL;
	}
	if (depth >= YAMLTREE_DEPTH) {
		fail(r, "nested too deeply", "limit");
		return NULL;
	}
	struct yaml_node *node = new_node(r, kind);
	struct str name = anchor ? arena_str(r->arena, str_from((const char *)anchor)) : STR_LIT("");
	read_members(r, node, kind == YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT, depth);
	/* Only now: an alias inside its own anchor would be a loop. */
	if (name.n)
		remember(r, (const yaml_char_t *)name.p, node);
	return r->failed ? NULL : node;
}

/* Those that may not stand in YAML as they are (§5.1) may not come through
 * escapes either: no HTML or XML could show them. */
static bool has_control(struct str s)
{
	size_t n;

	for (; s.n; s = str_skip(s, n)) {
		uint32_t c = utf8_decode(s, &n);
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0 && c != 0x85) ||
		    c == 0xfffe || c == 0xffff)
			return true;
	}
	return false;
}

static struct yaml_node *read_scalar(struct reader *r)
{
	if (r->event.data.scalar.tag) {
		fail(r, "tags (!…) are not supported", "tag");
		return NULL;
	}
	struct yaml_node *node = new_node(r, YAML_SCALAR);
	node->text = arena_str(r->arena, (struct str){(const char *)r->event.data.scalar.value,
						       r->event.data.scalar.length});
	node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	remember(r, r->event.data.scalar.anchor, node);
	if (has_control(node->text))
		fail(r, "control characters are not allowed", "control");
	return r->failed ? NULL : node;
}

static struct yaml_node *read_node(struct reader *r, unsigned depth)
{
	switch (r->event.type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r);
	case YAML_SEQUENCE_START_EVENT:
		return read_collection(r, YAML_LIST, r->event.data.sequence_start.tag,
				       r->event.data.sequence_start.anchor, depth);
	case YAML_MAPPING_START_EVENT:
		return read_collection(r, YAML_MAP, r->event.data.mapping_start.tag,
				       r->event.data.mapping_start.anchor, depth);
	case YAML_ALIAS_EVENT:
		return read_alias(r, depth);
	default:
		fail(r, "not a value", "syntax");
		return NULL;
	}
}

static struct yaml_node *read_document(struct reader *r)
{
	if (!next_event(r) || !next_event(r))
		return NULL;
	if (r->event.type == YAML_STREAM_END_EVENT)
		return NULL;
	if (!next_event(r))
		return NULL;
	struct yaml_node *root = read_node(r, 0);
	if (!root || !next_event(r) || !next_event(r))
		return NULL;
	if (r->event.type != YAML_STREAM_END_EVENT)
		fail(r, "a second document", "document");
	return r->failed ? NULL : root;
}

struct yaml_node *yamltree_read(struct arena *arena, struct str text, const struct yaml_source *source,
				struct buf *err)
{
	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_skip(text, 3); /* libyaml would count it as a column */
	struct reader r = {.arena = arena, .text = text, .source = source, .err = err};
	struct yaml_node *root = NULL;

	if (text.n > YAMLTREE_BYTES)
		fail_byte(&r, 0, "longer than 64 kB", "limit");
	else if (!utf8_valid(text))
		fail_byte(&r, utf8_check(text), "not UTF-8", "encoding");
	else if (!yaml_parser_initialize(&r.parser))
		fail_byte(&r, 0, "out of memory", "memory");
	if (r.failed)
		return NULL;
	/* Else a byte order mark could make it read UTF-16. */
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
	root = read_document(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return root;
}

const struct yaml_node *yamltree_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (const struct yaml_node *n = map->first; n; n = n->next)
		if (str_is(n->key->text, key))
			return n;
	return NULL;
}

bool yamltree_is_null(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && !node->quoted &&
	       (!node->text.n || str_is(node->text, "~") || str_is_fold(node->text, "null"));
}

bool yamltree_is_blank(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && (!str_trim(node->text).n || yamltree_is_null(node));
}
