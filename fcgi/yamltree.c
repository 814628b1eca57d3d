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
	const struct yaml_source *source;
	struct buf *err;
	yaml_parser_t parser;
	yaml_event_t event;
	struct anchor *anchors;
	size_t nodes;
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

/* libyaml names its own troubles well; a colon in a plain title is by far the
 * commonest, and its words for that help nobody. */
static void fail_parser(struct reader *r)
{
	const char *problem = r->parser.problem ? r->parser.problem : "not YAML";
	yaml_mark_t mark = r->parser.problem_mark;

	if (r->parser.error == YAML_READER_ERROR) {
		fail_at(r, &r->parser.mark, problem, "encoding");
		return;
	}
	if (strstr(problem, "mapping values are not allowed"))
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

/* An alias shares the children of what it names, and counts like them: a
 * "billion laughs" runs into the limit on values. */
static struct yaml_node *read_alias(struct reader *r)
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
		r->nodes += node->count;
		if (r->nodes > YAMLTREE_NODES)
			fail(r, "aliases stand for too many values", "alias");
		return node;
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
			if (has_key(parent, key->text)) {
				fail(r, "this key stands here twice", "duplicate-key");
				return;
			}
			if (!next_event(r))
				return;
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

static struct yaml_node *read_node(struct reader *r, unsigned depth)
{
	switch (r->event.type) {
	case YAML_SCALAR_EVENT: {
		if (r->event.data.scalar.tag) {
			fail(r, "tags (!…) are not supported", "tag");
			return NULL;
		}
		struct yaml_node *node = new_node(r, YAML_SCALAR);
		node->text = arena_str(r->arena, (struct str){(const char *)r->event.data.scalar.value,
							       r->event.data.scalar.length});
		node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		remember(r, r->event.data.scalar.anchor, node);
		if (memchr(node->text.p, 0, node->text.n))
			fail(r, "a NUL character", "control");
		return r->failed ? NULL : node;
	}
	case YAML_SEQUENCE_START_EVENT:
		return read_collection(r, YAML_LIST, r->event.data.sequence_start.tag,
				       r->event.data.sequence_start.anchor, depth);
	case YAML_MAPPING_START_EVENT:
		return read_collection(r, YAML_MAP, r->event.data.mapping_start.tag,
				       r->event.data.mapping_start.anchor, depth);
	case YAML_ALIAS_EVENT:
		return read_alias(r);
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

/* libyaml would guess UTF-16 from a byte order mark, and takes its positions
 * from characters that it could decode. */
static bool check_source(struct reader *r, struct str text)
{
	yaml_mark_t mark = {0};
	size_t bad = utf8_check(text);

	if (text.n > YAMLTREE_BYTES) {
		fail_at(r, &mark, "longer than 64 kB", "limit");
		return false;
	}
	if (bad == text.n)
		return true;
	for (size_t i = 0; i < bad; i++) {
		mark.column++;
		if (text.p[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	fail_at(r, &mark, "not UTF-8", "encoding");
	return false;
}

struct yaml_node *yamltree_read(struct arena *arena, struct str text, const struct yaml_source *source,
				struct buf *err)
{
	struct reader r = {.arena = arena, .source = source, .err = err};
	struct yaml_node *root = NULL;

	if (!check_source(&r, text))
		return NULL;
	if (!yaml_parser_initialize(&r.parser)) {
		yaml_mark_t mark = {0};
		fail_at(&r, &mark, "out of memory", "memory");
		return NULL;
	}
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
