/* frontmatter.c: find the front matter, read its tree, fill the fields.
 *
 * Keys are known by the names Hugo gives them, without regard to case, since
 * Hugo has none either.  What a field cannot take is an error with its place;
 * an unknown key is no error: it is the theme's.
 */
#include "frontmatter.h"

#include "date.h"
#include "yamltree.h"

#include <math.h>
#include <stdlib.h>

struct filler {
	struct arena *arena;
	struct frontmatter *out;
	struct buf *err;
	const char *path;
	bool failed;
};

static void complain(struct filler *f, const struct yaml_node *at, const char *rule, const char *what)
{
	buf_printf(f->err, "%s:%u:%u: error: %.*s %s [frontmatter/%s]\n", f->path, at->line, at->column,
		   STR_ARG(at->key ? at->key->text : STR_LIT("this value")), what, rule);
	f->failed = true;
}

static bool only_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* --- one reader for each kind of field ----------------------------------- */

static void read_text(struct filler *f, const struct yaml_node *node, void *field)
{
	if (node->kind != YAML_SCALAR)
		complain(f, node, "type", node->kind == YAML_LIST ? "must be a text, not a list" : "must be a text");
	else if (!yamltree_is_null(node))
		*(struct str *)field = str_trim(node->text);
}

static void read_time(struct filler *f, const struct yaml_node *node, void *field)
{
	if (yamltree_is_blank(node))
		return;
	if (node->kind != YAML_SCALAR || date_parse(str_trim(node->text), field))
		complain(f, node, "date", "is not a date such as 2020-04-28 or 2020-04-28T10:30:00Z");
}

static void read_flag(struct filler *f, const struct yaml_node *node, void *field)
{
	static const char *const words[] = {"false", "no", "off", "0", "true", "yes", "on", "1"};
	struct str text = node->kind == YAML_SCALAR ? str_trim(node->text) : STR_LIT("?");

	if (yamltree_is_blank(node))
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_is_fold(text, words[i])) {
			*(enum tristate *)field = i < 4 ? TRISTATE_FALSE : TRISTATE_TRUE;
			return;
		}
	}
	complain(f, node, "type", "must be true or false");
}

static void read_number(struct filler *f, const struct yaml_node *node, void *field)
{
	struct str digits = node->kind == YAML_SCALAR ? str_trim(node->text) : STR_LIT("?");
	bool negative = str_starts(digits, "-");
	int64_t n = 0;

	if (yamltree_is_blank(node))
		return;
	if (negative || str_starts(digits, "+"))
		digits = str_skip(digits, 1);
	for (size_t i = 0; i < digits.n && ascii_digit(digits.p[i]) && n < INT32_MAX; i++)
		n = n * 10 + (digits.p[i] - '0');
	if (!only_digits(digits) || n > INT32_MAX)
		complain(f, node, "type", "must be a whole number");
	else
		*(int64_t *)field = negative ? -n : n;
}

static void append_text(struct filler *f, const struct yaml_node *node, struct value *list)
{
	/* authors: [{name: …}] is as common as authors: […]. */
	const struct yaml_node *name = yamltree_get(node, "name");
	const struct yaml_node *scalar = node->kind == YAML_MAP ? name : node;

	if (!scalar || scalar->kind != YAML_SCALAR)
		complain(f, node, "type", "must be a text");
	else if (!yamltree_is_blank(scalar))
		value_append(list, value_string(str_trim(scalar->text)));
}

/* A single text is a list of one. */
static void read_list(struct filler *f, const struct yaml_node *node, void *field)
{
	struct value *list = *(struct value **)field;

	if (node->kind != YAML_LIST) {
		append_text(f, node, list);
		return;
	}
	for (const struct yaml_node *i = node->first; i; i = i->next)
		append_text(f, i, list);
}

/* Hugo's series is a list; a post here is part of one. */
static void read_first(struct filler *f, const struct yaml_node *node, void *field)
{
	if (node->kind != YAML_LIST)
		read_text(f, node, field);
	else if (node->first)
		read_text(f, node->first, field);
}

#define FIELD(member) offsetof(struct frontmatter, member)
static const struct {
	const char *key;
	void (*read)(struct filler *, const struct yaml_node *, void *);
	size_t field;
} KEYS[] = {
	{"title", read_text, FIELD(title)},
	{"date", read_time, FIELD(date)},
	{"lastmod", read_time, FIELD(lastmod)},
	{"publishdate", read_time, FIELD(publish)},
	{"expirydate", read_time, FIELD(expiry)},
	{"draft", read_flag, FIELD(draft)},
	{"slug", read_text, FIELD(slug)},
	{"url", read_text, FIELD(url)},
	{"aliases", read_list, FIELD(aliases)},
	{"lang", read_text, FIELD(lang)},
	{"translationkey", read_text, FIELD(translation_key)},
	{"translatedfrom", read_text, FIELD(translated_from)},
	{"tags", read_list, FIELD(tags)},
	{"categories", read_list, FIELD(categories)},
	{"author", read_list, FIELD(authors)},
	{"authors", read_list, FIELD(authors)},
	{"description", read_text, FIELD(description)},
	{"summary", read_text, FIELD(summary)},
	{"image", read_list, FIELD(images)},
	{"images", read_list, FIELD(images)},
	{"twittercard", read_text, FIELD(twitter_card)},
	{"twitterimage", read_text, FIELD(twitter_image)},
	{"twitterlargeimage", read_flag, FIELD(twitter_large_image)},
	{"useexcerpt", read_flag, FIELD(use_excerpt)},
	{"weight", read_number, FIELD(weight)},
	{"series", read_first, FIELD(series)},
	{"layout", read_text, FIELD(layout)},
	{"robots", read_text, FIELD(robots)},
	{"markdown", read_text, FIELD(markdown)},
};
enum { KEY_COUNT = sizeof(KEYS) / sizeof(KEYS[0]) };

/* --- params --------------------------------------------------------------- */

/* The decimal numbers of the YAML 1.2 core schema (§10.3.2), but for those that
 * would not come out again: with zeros in front (a telephone number), too long
 * or too big.  NULL for a text. */
static struct value *number(struct str text)
{
	struct str digits = str_skip(text, str_starts(text, "-") || str_starts(text, "+"));
	char *end;

	if (text.n > 17 || !digits.n || !(ascii_digit(digits.p[0]) || digits.p[0] == '.') ||
	    !ascii_digit(text.p[text.n - 1]) || (digits.n > 1 && digits.p[0] == '0' && ascii_digit(digits.p[1])))
		return NULL;
	if (only_digits(digits))
		return value_integer(strtoll(text.p, NULL, 10));
	for (size_t i = 0; i < digits.n; i++)
		if (!ascii_digit(digits.p[i]) && !strchr("+-.eE", digits.p[i]))
			return NULL;
	double x = strtod(text.p, &end);
	return *end || !isfinite(x) ? NULL : value_real(x);
}

/* For values whose meaning only the theme knows. */
static struct value *plain_scalar(struct str text)
{
	if (str_is(text, "true") || str_is(text, "True") || str_is(text, "TRUE"))
		return value_bool(true);
	if (str_is(text, "false") || str_is(text, "False") || str_is(text, "FALSE"))
		return value_bool(false);
	struct value *n = number(text);
	return n ? n : value_string(text);
}

static struct value *param(const struct yaml_node *node)
{
	struct value *v;

	if (node->kind == YAML_SCALAR) {
		if (yamltree_is_null(node))
			return value_null();
		return node->quoted ? value_string(node->text) : plain_scalar(node->text);
	}
	v = node->kind == YAML_LIST ? value_array() : value_object();
	for (const struct yaml_node *i = node->first; i; i = i->next) {
		if (node->kind == YAML_LIST)
			value_append(v, param(i));
		else
			value_set(v, i->key->text.p, param(i));
	}
	return v;
}

/* Hugo nests custom keys under `params` or leaves them at the top. */
static void add_param(struct frontmatter *out, const struct yaml_node *node)
{
	if (str_is_fold(node->key->text, "params") && node->kind == YAML_MAP) {
		for (const struct yaml_node *i = node->first; i; i = i->next)
			value_set(out->params, i->key->text.p, param(i));
	} else {
		value_set(out->params, node->key->text.p, param(node));
	}
}

static void fill(struct filler *f, const struct yaml_node *root)
{
	if (root->kind != YAML_MAP) {
		complain(f, root, "type", "must be a list of `key: value` lines");
		return;
	}
	for (const struct yaml_node *m = root->first; m; m = m->next) {
		size_t i = 0;
		while (i < KEY_COUNT && !str_is_fold(m->key->text, KEYS[i].key))
			i++;
		if (i < KEY_COUNT)
			KEYS[i].read(f, m, (char *)f->out + KEYS[i].field);
		else
			add_param(f->out, m);
	}
}

/* --- the block ------------------------------------------------------------- */

static bool is_fence(struct str line, const char *fence)
{
	while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	return str_is(line, fence);
}

static void set_absent(struct frontmatter *out)
{
	*out = (struct frontmatter){
		.date = TIME_ABSENT,
		.lastmod = TIME_ABSENT,
		.publish = TIME_ABSENT,
		.expiry = TIME_ABSENT,
		.draft = TRISTATE_ABSENT,
		.use_excerpt = TRISTATE_ABSENT,
		.twitter_large_image = TRISTATE_ABSENT,
		.aliases = value_array(),
		.tags = value_array(),
		.categories = value_array(),
		.authors = value_array(),
		.images = value_array(),
		.params = value_object(),
	};
}

/* Splits text at the closing fence.  False when there is none. */
static bool split(struct str text, const char *fence, struct str *block, struct frontmatter *out)
{
	struct str rest = text, line;

	str_line(&rest, &line);
	*block = rest;
	for (out->body_line = 2; str_line(&rest, &line); out->body_line++) {
		if (!is_fence(line, fence) && !(fence[0] == '-' && is_fence(line, "...")))
			continue;
		block->n = (size_t)(line.p - block->p);
		out->body = rest;
		out->body_line++;
		return true;
	}
	return false;
}

struct str frontmatter_json(struct str text)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n && text.p[0] == '{'; i++) {
		char c = text.p[i];
		if (c == '\\' && quoted)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && --depth == 0)
			return str_head(text, i + 1);
	}
	return str_head(text, 0);
}

/* What is inside is read as YAML, of which JSON is a part. */
static bool split_json(struct str text, struct str *block, struct frontmatter *out)
{
	struct str line = STR_LIT("");

	*block = frontmatter_json(text);
	out->body = str_skip(text, block->n);
	str_line(&out->body, &line);
	out->body_line = 2;
	for (size_t i = 0; i < block->n; i++)
		out->body_line += block->p[i] == '\n';
	return block->n && !str_trim(line).n;
}

/* The lines between the fences, or a JSON object: what fills the fields. */
static bool find_block(struct str text, struct str *block, unsigned *line, struct frontmatter *out)
{
	bool json = text.n && text.p[0] == '{';

	*line = json ? 1 : 2;
	return json ? split_json(text, block, out) : split(text, "---", block, out);
}

int frontmatter_read(struct arena *arena, const char *path, struct str text, struct frontmatter *out,
		     struct buf *err)
{
	struct filler f = {.arena = arena, .out = out, .err = err, .path = path};
	struct str rest, line = STR_LIT(""), block;
	unsigned first_line;

	set_absent(out);
	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_skip(text, 3);
	rest = text;
	str_line(&rest, &line);
	if (is_fence(line, "+++")) {
		buf_printf(err, "%s:1:1: error: TOML front matter is not read; write it as YAML between --- lines "
			   "(`hugo convert toYAML` does) [frontmatter/toml]\n", path);
		return -1;
	}
	bool json = is_fence(line, "{") || (str_starts(line, "{") && str_trim(str_skip(line, 1)).n &&
					     str_trim(str_skip(line, 1)).p[0] == '"');
	if (!json && !is_fence(line, "---")) {
		out->body = text;
		out->body_line = 1;
		return 0;
	}
	out->present = true;
	if (!find_block(text, &block, &first_line, out)) {
		buf_printf(err, "%s:1:1: error: the front matter has no closing %s [frontmatter/unclosed]\n", path,
			   json ? "}" : "--- line");
		return -1;
	}
	size_t before = err->n;
	struct yaml_source source = {.path = path, .line = first_line};
	struct yaml_node *root = yamltree_read(arena, block, &source, err);
	out->tree = root;
	if (root)
		fill(&f, root);
	return f.failed || err->n != before ? -1 : 0;
}

void frontmatter_place(const struct frontmatter *fm, const char *key, unsigned *line, unsigned *column)
{
	*line = *column = 1;
	for (const struct yaml_node *m = fm->tree ? fm->tree->first : NULL; m; m = m->next) {
		if (m->key && str_is_fold(m->key->text, key)) {
			*line = m->line;
			*column = m->column;
		}
	}
}
