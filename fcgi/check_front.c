/* check_front.c: rules over the keys and values of a post's front matter.
 *
 * Runs after post_read() took the post: what is wrong enough to be an error is
 * not looked for again.
 */
#include "check_front.h"

#include "check_link.h"
#include "date.h"
#include "post_path.h"
#include "spell.h"

/* --- the tree ---------------------------------------------------------------- */

static bool is_fence(struct str line)
{
	while (line.n && ascii_space(line.p[line.n - 1]))
		line.n--;
	return str_is(line, "---") || str_is(line, "...");
}

/* As the form is written: a brace alone on its line, or a key. */
static struct str json_block(struct str text)
{
	struct str rest = str_skip(text, 1), first = str_trim(str_cut(&rest, '\n'));

	return !first.n || first.p[0] == '"' ? frontmatter_json(text) : str_head(text, 0);
}

const struct yaml_node *check_front_tree(struct arena *arena, struct str text)
{
	struct yaml_source source = {.path = "", .line = 1};
	struct buf ignored = BUF_EMPTY;
	struct str rest, line, block = {text.p, 0};

	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_skip(text, 3);
	rest = text;
	if (str_starts(text, "{")) {
		block = json_block(text);
	} else if (str_line(&rest, &line) && is_fence(line) && str_starts(line, "---")) {
		source.line = 2;
		block = (struct str){rest.p, 0};
		for (bool closed = false; !closed && str_line(&rest, &line);) {
			closed = is_fence(line);
			if (closed)
				block.n = (size_t)(line.p - block.p);
		}
	}
	const struct yaml_node *root =
		block.n ? yamltree_read(arena, block, &source, &ignored) : NULL;
	buf_release(&ignored);
	return root && root->kind == YAML_MAP ? root : NULL;
}

/* In any case; NULL when it is not there or has no value. */
static const struct yaml_node *find_field(const struct yaml_node *root, const char *name)
{
	for (const struct yaml_node *m = root ? root->first : NULL; m; m = m->next)
		if (str_is_fold(m->key->text, name))
			return yamltree_is_blank(m) ? NULL : m;
	return NULL;
}

/* --- frontmatter/unknown-key ------------------------------------------------- */

enum kind { KIND_TEXT, KIND_LIST, KIND_TIME, KIND_FLAG, KIND_NUMBER, KIND_MAP };

/* frontmatter.c's fields as the manual writes them; a test compares the two. */
static const struct {
	const char *name;
	enum kind kind;
} FIELDS[] = {
	{"title", KIND_TEXT},
	{"date", KIND_TIME},
	{"lastmod", KIND_TIME},
	{"publishDate", KIND_TIME},
	{"expiryDate", KIND_TIME},
	{"draft", KIND_FLAG},
	{"slug", KIND_TEXT},
	{"url", KIND_TEXT},
	{"aliases", KIND_LIST},
	{"lang", KIND_TEXT},
	{"translationKey", KIND_TEXT},
	{"translatedFrom", KIND_TEXT},
	{"tags", KIND_LIST},
	{"categories", KIND_LIST},
	{"author", KIND_LIST},
	{"authors", KIND_LIST},
	{"description", KIND_TEXT},
	{"summary", KIND_TEXT},
	{"image", KIND_LIST},
	{"images", KIND_LIST},
	{"twittercard", KIND_TEXT},
	{"twitterimage", KIND_TEXT},
	{"twitterlargeimage", KIND_FLAG},
	{"useexcerpt", KIND_FLAG},
	{"weight", KIND_NUMBER},
	{"series", KIND_LIST},
	{"layout", KIND_TEXT},
	{"robots", KIND_TEXT},
	{"markdown", KIND_TEXT},
	{"params", KIND_MAP},
};
enum { FIELD_COUNT = sizeof(FIELDS) / sizeof(FIELDS[0]) };

/* Words that are near a field and mean something else. */
static const char *const OTHERS[] = {"height", "data", "tabs", "rate", "page", "pages", NULL};

static bool is_time(struct str text)
{
	int64_t ignored;
	return !date_parse(text, &ignored);
}

static bool is_flag(struct str text)
{
	static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "1", "0"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is_fold(text, words[i]))
			return true;
	return false;
}

static bool is_number(struct str text)
{
	size_t sign = str_starts(text, "-") || str_starts(text, "+");

	for (size_t i = sign; i < text.n; i++)
		if (!ascii_digit(text.p[i]))
			return false;
	return text.n > sign;
}

static bool fits(const struct yaml_node *node, enum kind kind)
{
	struct str text = str_trim(node->text);
	bool scalar = node->kind == YAML_SCALAR;

	if (yamltree_is_blank(node))
		return true;
	switch (kind) {
	case KIND_TEXT: return scalar;
	case KIND_LIST: return node->kind != YAML_MAP;
	case KIND_TIME: return scalar && is_time(text);
	case KIND_FLAG: return scalar && is_flag(text);
	case KIND_NUMBER: return scalar && is_number(text);
	case KIND_MAP: return node->kind == YAML_MAP;
	}
	return false;
}

/* "author_id", "imageAlt", "update": the field's name with more than a letter
 * before or behind it. */
static bool is_compound(struct str key, struct str name)
{
	if (key.n < name.n + 2)
		return false;
	return str_eq_fold(str_head(key, name.n), name) ||
	       str_eq_fold(str_skip(key, key.n - name.n), name);
}

/* "twitterAlt" is as long as "twittercard", but what differs differs wholly. */
static bool has_other_core(struct str key, struct str name)
{
	size_t start = 0, end = 0, least = key.n < name.n ? key.n : name.n;

	while (start < least && ascii_lower(key.p[start]) == ascii_lower(name.p[start]))
		start++;
	while (end < least - start &&
	       ascii_lower(key.p[key.n - 1 - end]) == ascii_lower(name.p[name.n - 1 - end]))
		end++;
	if (least - start - end < 3)
		return false;
	char core[64] = "";
	struct str rest = str_head(str_skip(name, start), name.n - start - end);
	memcpy(core, rest.p, rest.n < sizeof(core) ? rest.n : sizeof(core) - 1);
	return !spell_nearest(str_head(str_skip(key, start), key.n - start - end),
			      (const char *const[]){core, NULL});
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_digit(s.p[i]))
			return true;
	return false;
}

const char *check_front_meant(const struct yaml_node *member)
{
	const char *names[FIELD_COUNT + 1] = {NULL};
	struct str key = member->key->text;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		names[i] = FIELDS[i].name;
		if (str_is_fold(key, names[i]))
			return NULL;
	}
	if (str_among(key, OTHERS))
		return NULL;
	const char *near = has_digit(key) ? NULL : spell_nearest(key, names);
	for (size_t i = 0; near && i < FIELD_COUNT; i++)
		if (near == FIELDS[i].name &&
		    (is_compound(key, str_from(near)) || has_other_core(key, str_from(near)) ||
		     !fits(member, FIELDS[i].kind)))
			near = NULL;
	return near;
}

static void check_keys(struct check_report *r, const struct yaml_node *root)
{
	for (const struct yaml_node *m = root ? root->first : NULL; m; m = m->next) {
		const char *meant = check_front_meant(m);
		if (meant)
			check_report_warn(r, m->key->line, m->key->column,
					  "frontmatter/unknown-key",
					  "unknown key %s; did you mean %s?",
					  check_report_shown(r->arena, m->key->text), meant);
	}
}

/* --- the other rules --------------------------------------------------------- */

/* As post.c finds one: a heading that is the first thing in the text. */
static bool begins_with_title(struct str body)
{
	struct str line;

	while (str_line(&body, &line))
		if (str_trim(line).n)
			return str_starts(line, "# ");
	return false;
}

static void check_title(struct check_report *r, const struct yaml_node *root)
{
	if (!find_field(root, "title") && !begins_with_title(r->source))
		check_report_warn(r, 1, 1, "frontmatter/no-title",
				  "without a title the post shows the name of its file");
}

/* The place of a value, or the beginning of the file: some dates are in its name. */
static void warn_of_time(struct check_report *r, const struct yaml_node *node, const char *rule,
			 const char *what, int64_t time)
{
	char date[DATE_ISO_SIZE];

	date_format_iso(time, date);
	check_report_warn(r, node ? node->line : 1, node ? node->column : 1, rule, "%s %s", what,
			  date);
}

static void check_times(struct check_report *r, const struct post_head *head,
			const struct yaml_node *root, int64_t now)
{
	bool set = head->publish != TIME_ABSENT;
	int64_t publish = set ? head->publish : head->date;

	if (head->draft)
		return;
	if (publish != TIME_ABSENT && publish > now)
		warn_of_time(r, find_field(root, set ? "publishDate" : "date"),
			     "time/future", "not public before", publish);
	if (head->expiry != TIME_ABSENT && head->expiry <= now)
		warn_of_time(r, find_field(root, "expiryDate"), "time/expired",
			     "not public since", head->expiry);
}

static void check_images(struct check_report *r, const struct config *config,
			 const struct post *post, const struct yaml_node *root)
{
	static const char *const keys[] = {"twitterimage", "image", "images", NULL};

	for (size_t i = 0; keys[i]; i++) {
		const struct yaml_node *node = find_field(root, keys[i]);
		bool list = node && node->kind == YAML_LIST;
		for (const struct yaml_node *e = list ? node->first : node; e;
		     e = list ? e->next : NULL)
			if (e->kind == YAML_SCALAR)
				check_link_image(r, config, post, str_trim(e->text), e->line,
						 e->column);
	}
}

/* --- facts ------------------------------------------------------------------- */

static struct str with_single_spaces(struct arena *arena, struct str text)
{
	char *out = arena_z(arena, text);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (!ascii_space(text.p[i]))
			out[n++] = text.p[i];
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	return str_trim((struct str){out, n});
}

static void tell(struct check_report *r, enum check_fact_kind kind, const struct yaml_node *node,
		 struct str text)
{
	check_report_fact(r, &(struct check_fact){kind, node->line, node->column, text});
}

static void tell_facts(struct check_report *r, const struct yaml_node *root, struct str path)
{
	static const char *const places[] = {"url", "slug", "lang", "translationKey", NULL};
	static const char *const prose[] = {"title", "description", "summary", "twittercard", NULL};
	const struct yaml_node *node;
	struct str paths[POST_PATH_ALIASES];
	size_t count;

	for (size_t i = 0; places[i]; i++)
		if ((node = find_field(root, places[i])))
			tell(r, CHECK_FACT_PLACE, node, str_from(places[i]));
	for (size_t i = 0; prose[i]; i++)
		if ((node = find_field(root, prose[i])) && node->kind == YAML_SCALAR)
			tell(r, CHECK_FACT_PROSE, node,
			     arena_printf(r->arena, "%s\t%.*s", prose[i],
					  STR_ARG(with_single_spaces(r->arena, node->text))));
	node = find_field(root, "aliases");
	bool list = node && node->kind == YAML_LIST;
	for (const struct yaml_node *e = list ? node->first : node; e; e = list ? e->next : NULL) {
		if (e->kind != YAML_SCALAR || yamltree_is_blank(e))
			continue;
		if (post_path_alias(r->arena, path, str_trim(e->text), paths, &count) == POST_PATH_FINE)
			tell(r, CHECK_FACT_ALIAS, e, paths[0]);
		else
			check_report_warn(r, e->line, e->column, "alias/address",
					  "no request is for %s: an alias is a path on this site",
					  check_report_shown(r->arena, str_trim(e->text)));
	}
}

void check_front(struct check_report *r, const struct config *config, const struct post *post,
		 struct str text, int64_t now)
{
	const struct yaml_node *root = check_front_tree(r->arena, text);

	check_title(r, root);
	check_keys(r, root);
	check_times(r, &post->head, root, now);
	check_images(r, config, post, root);
	tell_facts(r, root, post->head.path);
}
