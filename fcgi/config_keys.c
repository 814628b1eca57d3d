/* config_keys.c: the keys of cartolina.yaml and what their values may be.
 *
 * A table of keys, each with the function that reads its value; every mistake
 * in the file is reported, not only the first.  A key without a value keeps
 * its default.
 */
#include "config_keys.h"

#include "escape.h"
#include "lang.h"
#include "spell.h"
#include "uri.h"

struct loader {
	struct arena *arena;
	struct config *config;
	struct buf *err;
	const char *path;
	const struct yaml_node *title; /* read after the languages are known */
	bool failed;
};

static void complain(struct loader *l, const struct yaml_node *at, const char *rule, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void complain(struct loader *l, const struct yaml_node *at, const char *rule, const char *format, ...)
{
	va_list args;

	buf_printf(l->err, "%s:%u:%u: error: ", l->path, at->line, at->column);
	va_start(args, format);
	buf_vprintf(l->err, format, args);
	va_end(args);
	buf_printf(l->err, " [config/%s]\n", rule);
	l->failed = true;
}

/* --- values ------------------------------------------------------------ */

static const char *text_value(struct loader *l, const struct yaml_node *node)
{
	if (node->kind == YAML_SCALAR)
		return arena_z(l->arena, node->text);
	complain(l, node, "type", "%s must be a text", node->key ? node->key->text.p : "this");
	return "";
}

static bool bool_value(struct loader *l, const struct yaml_node *node)
{
	if (node->kind == YAML_SCALAR) {
		if (str_is_fold(node->text, "true") || str_is_fold(node->text, "yes"))
			return true;
		if (str_is_fold(node->text, "false") || str_is_fold(node->text, "no"))
			return false;
	}
	complain(l, node, "type", "%s must be true or false", node->key->text.p);
	return false;
}

static unsigned number_value(struct loader *l, const struct yaml_node *node, unsigned least, unsigned most)
{
	unsigned long n = 0;
	bool fine = node->kind == YAML_SCALAR && node->text.n && node->text.n < 10;

	for (size_t i = 0; fine && i < node->text.n; i++) {
		fine = ascii_digit(node->text.p[i]);
		n = n * 10 + (unsigned long)(node->text.p[i] - '0');
	}
	if (fine && n >= least && n <= most)
		return (unsigned)n;
	complain(l, node, "type", "%s must be a whole number from %u to %u", node->key->text.p, least, most);
	return least;
}

/* The position of the value among `words` (NULL-terminated). */
static unsigned choice_value(struct loader *l, const struct yaml_node *node, const char *const *words)
{
	if (node->kind == YAML_SCALAR)
		for (unsigned i = 0; words[i]; i++)
			if (str_is(node->text, words[i]))
				return i;
	struct buf list = BUF_EMPTY;
	for (unsigned i = 0; words[i]; i++)
		buf_printf(&list, "%s%s", i ? (words[i + 1] ? ", " : " or ") : "", words[i]);
	complain(l, node, "value", "%s must be %s", node->key->text.p, buf_z(&list));
	buf_release(&list);
	return 0;
}

const char *config_keys_path(struct arena *arena, const struct config *config, const char *path)
{
	struct str s = str_from(path), root = str_from(config->root);

	while (str_starts(s, "./"))
		for (s = str_skip(s, 2); str_starts(s, "/");)
			s = str_skip(s, 1);
	while (s.n > 1 && str_ends(s, "/"))
		s.n--;
	if (str_starts(s, "/"))
		return arena_z(arena, s);
	if (!s.n || str_is(s, "."))
		return config->root;
	return arena_printf(arena, "%s%s%.*s", root.p, str_ends(root, "/") ? "" : "/", STR_ARG(s)).p;
}

static const char *path_value(struct loader *l, const struct yaml_node *node)
{
	return config_keys_path(l->arena, l->config, text_value(l, node));
}

/* An unknown word from the file, fit for a message. */
static const char *shown(struct loader *l, struct str word)
{
	struct buf out = BUF_EMPTY;

	escape_log(&out, word, 60);
	const char *z = arena_z(l->arena, buf_view(&out));
	buf_release(&out);
	return z;
}

static bool is_empty(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && (!node->text.n || yamltree_is_null(node));
}

/* --- one function for each key ----------------------------------------- */

static void read_title(struct loader *l, const struct yaml_node *node)
{
	if (node->kind == YAML_LIST)
		complain(l, node, "type", "title must be a text, or one text for each language");
	else
		l->title = node;
}

/* A mount that the router can find again in a request's path: as that is after
 * decoding and normalising. */
static bool is_mount(struct loader *l, struct str path)
{
	struct str normal;
	bool changed;

	return !path.n || (!uri_normalise(l->arena, path, &normal, &changed) && !changed &&
			   str_find_char(path, '%') == path.n);
}

static void read_base_url(struct loader *l, const struct yaml_node *node)
{
	struct str url = str_from(text_value(l, node)), origin, path;

	if (node->kind != YAML_SCALAR)
		return;
	while (str_ends(url, "/"))
		url.n--;
	struct str whole = url;
	if (!url.n || url.p[0] == '/') /* a path alone: checked as if behind a host */
		whole = arena_printf(l->arena, "http://localhost%.*s", STR_ARG(url));
	if (uri_split_base(whole, &origin, &path) || !is_mount(l, path)) {
		complain(l, node, "value",
			 "base_url must be an address such as https://example.org/blog/, without a query");
		return;
	}
	l->config->base_url = arena_z(l->arena, url);
	l->config->mount = arena_z(l->arena, path);
}

/* Ids are compared, never followed: any scheme will do (RFC 4287 §4.2.6). */
static void read_feed_id(struct loader *l, const struct yaml_node *node)
{
	struct str id = str_from(text_value(l, node));

	if (node->kind != YAML_SCALAR)
		return;
	while (str_ends(id, "/"))
		id.n--;
	bool fine = uri_has_scheme(id);
	for (size_t i = 0; i < id.n; i++)
		fine &= ascii_alnum(id.p[i]) || (id.p[i] && strchr("-._~:/@!$&'()*+,;=%", id.p[i]));
	if (fine)
		l->config->feed_id = arena_z(l->arena, id);
	else
		complain(l, node, "value",
			 "feed_id must be an address such as https://old.example.org/blog, "
			 "or tag:example.org,2020:blog");
}

static void read_content(struct loader *l, const struct yaml_node *node)
{
	l->config->content = path_value(l, node);
}

static void read_theme(struct loader *l, const struct yaml_node *node)
{
	l->config->theme = path_value(l, node);
}

static void read_index(struct loader *l, const struct yaml_node *node)
{
	l->config->index = path_value(l, node);
}

static const char *language_tag(struct loader *l, const struct yaml_node *node)
{
	char normal[LANG_LIMIT + 1];

	if (node->kind == YAML_SCALAR && !lang_normalise(node->text, normal)) {
		char shown[LANG_LIMIT + 1];
		lang_format(str_from(normal), shown);
		return arena_z(l->arena, str_from(shown));
	}
	complain(l, node, "language", "a language must be a tag such as en or pt-BR");
	return NULL;
}

static const char *const *tag_list(struct loader *l, const struct yaml_node *node)
{
	const struct yaml_node *first = node->kind == YAML_LIST ? node->first : node;
	size_t n = 0;

	for (const struct yaml_node *i = first; i; i = node->kind == YAML_LIST ? i->next : NULL)
		n++;
	const char **tags = ARENA_ARRAY(l->arena, n + 1, const char *);
	n = 0;
	for (const struct yaml_node *i = first; i; i = node->kind == YAML_LIST ? i->next : NULL) {
		tags[n] = language_tag(l, i);
		if (tags[n])
			n++;
	}
	return tags;
}

static void read_language_map(struct loader *l, const struct yaml_node *node, struct config_language *out)
{
	static const char *const dirs[] = {"ltr", "rtl", NULL};

	for (const struct yaml_node *m = node->first; m; m = m->next) {
		if (str_is(m->key->text, "tag"))
			out->tag = language_tag(l, m);
		else if (is_empty(m))
			continue;
		else if (str_is(m->key->text, "name"))
			out->name = text_value(l, m);
		else if (str_is(m->key->text, "title"))
			out->title = text_value(l, m);
		else if (str_is(m->key->text, "dir"))
			out->dir = dirs[choice_value(l, m, dirs)];
		else if (str_is(m->key->text, "fallback"))
			out->fallback = tag_list(l, m);
		else
			complain(l, m->key, "key", "a language has no %s; it has tag, name, dir, title and fallback",
				 shown(l, m->key->text));
	}
	if (!yamltree_get(node, "tag"))
		complain(l, node, "language", "a language needs a tag");
}

static void read_languages(struct loader *l, const struct yaml_node *node)
{
	struct config *c = l->config;
	size_t n = 0;

	if (node->kind != YAML_LIST || !node->first) {
		complain(l, node, "type", "languages must be a list of tags, such as [en, it]");
		return;
	}
	for (const struct yaml_node *i = node->first; i; i = i->next)
		n++;
	c->languages = ARENA_ARRAY(l->arena, n, struct config_language);
	c->language_count = 0;
	for (const struct yaml_node *i = node->first; i; i = i->next) {
		struct config_language *language = &c->languages[c->language_count];
		*language = (struct config_language){.name = "", .dir = "", .title = ""};
		if (i->kind == YAML_MAP)
			read_language_map(l, i, language);
		else
			language->tag = language_tag(l, i);
		if (!language->tag)
			continue;
		if (config_language_at(c, str_from(language->tag)) >= 0)
			complain(l, i, "language", "%s stands here twice", language->tag);
		else
			c->language_count++;
	}
}

static bool is_pattern(struct loader *l, const struct yaml_node *node)
{
	static const char *const parts[] = {"year", "month", "day", "slug", "title", "filename", "section"};
	enum { PARTS = sizeof(parts) / sizeof(parts[0]) };
	struct str rest = node->text;

	if (node->kind != YAML_SCALAR || !str_starts(rest, "/")) {
		complain(l, node, "value", "a permalink pattern is a text that begins with /");
		return false;
	}
	for (size_t colon; (colon = str_find_char(rest, ':')) < rest.n;) {
		size_t n = 0, i = 0;
		rest = str_skip(rest, colon + 1);
		while (n < rest.n && ascii_alpha(rest.p[n]))
			n++;
		while (i < PARTS && !str_is(str_head(rest, n), parts[i]))
			i++;
		if (i == PARTS) {
			complain(l, node, "value", "a permalink pattern has no :%s; it has :year, :month, :day, "
				 ":slug, :title, :filename and :section", shown(l, str_head(rest, n)));
			return false;
		}
	}
	return true;
}

static void read_permalinks(struct loader *l, const struct yaml_node *node)
{
	struct config *c = l->config;

	if (node->kind != YAML_MAP) {
		complain(l, node, "type", "permalinks must be a pattern for each section");
		return;
	}
	c->permalinks = ARENA_ARRAY(l->arena, node->count, struct config_permalink);
	for (const struct yaml_node *m = node->first; m; m = m->next) {
		struct config_permalink *link = &c->permalinks[c->permalink_count];
		link->section = m->key->text.p;
		if (is_pattern(l, m)) {
			link->pattern = m->text.p;
			c->permalink_count++;
		}
	}
}

/* "[::1]:6081" -> host and port. */
static void split_authority(struct loader *l, struct str authority, struct config_purge *out)
{
	bool literal = str_starts(authority, "[");
	struct str rest = literal ? str_skip(authority, 1) : authority;
	struct str host = str_cut(&rest, literal ? ']' : ':');

	if (literal)
		str_cut(&rest, ':');
	out->authority = arena_z(l->arena, authority);
	out->host = arena_z(l->arena, host);
	out->port = rest.n ? arena_z(l->arena, rest) : "80";
}

static void read_one_purge(struct loader *l, const struct yaml_node *node)
{
	static const struct str scheme = {"http://", 7};
	struct config_purge *out = &l->config->purges[l->config->purge_count];
	struct str url = node->text, origin, path;

	if (node->kind != YAML_SCALAR || uri_split_base(url, &origin, &path) ||
	    !str_is_fold(str_head(url, scheme.n), scheme.p)) {
		complain(l, node, "value", "purge must be the address of a cache, such as http://127.0.0.1:6081/; "
			 "https is not spoken");
		return;
	}
	*out = (struct config_purge){.url = arena_z(l->arena, url), .path = path.n ? arena_z(l->arena, path) : "/"};
	split_authority(l, str_skip(origin, scheme.n), out);
	l->config->purge_count++;
}

static void read_purge(struct loader *l, const struct yaml_node *node)
{
	if (node->kind != YAML_LIST) {
		l->config->purges = ARENA_ARRAY(l->arena, 1, struct config_purge);
		read_one_purge(l, node);
		return;
	}
	l->config->purges = ARENA_ARRAY(l->arena, node->count, struct config_purge);
	for (const struct yaml_node *i = node->first; i; i = i->next)
		read_one_purge(l, i);
}

static void read_urls(struct loader *l, const struct yaml_node *node)
{
	static const char *const words[] = {"query", "prefix", NULL};
	l->config->urls = choice_value(l, node, words) ? URLS_PREFIX : URLS_QUERY;
}

static void read_list_view(struct loader *l, const struct yaml_node *node)
{
	static const char *const words[] = {"excerpt", "full", NULL};
	l->config->list_view = choice_value(l, node, words) ? LIST_FULL : LIST_EXCERPT;
}

static void read_markdown(struct loader *l, const struct yaml_node *node)
{
	static const char *const words[] = {"discount", "commonmark", NULL};
	l->config->markdown.engine = choice_value(l, node, words) ? MARKDOWN_COMMONMARK : MARKDOWN_DISCOUNT;
}

static void read_html(struct loader *l, const struct yaml_node *node)
{
	static const char *const words[] = {"trusted", "safe", NULL};
	l->config->markdown.safe = choice_value(l, node, words) == 1;
}

static void read_accept_language(struct loader *l, const struct yaml_node *node)
{
	l->config->accept_language = bool_value(l, node);
}

static void read_typographer(struct loader *l, const struct yaml_node *node)
{
	l->config->typographer = bool_value(l, node);
}

static void read_log(struct loader *l, const struct yaml_node *node)
{
	static const char *const words[] = {"stderr", "syslog", NULL};
	l->config->log = choice_value(l, node, words) ? LOG_TO_SYSLOG : LOG_TO_STDERR;
}

static void read_log_format(struct loader *l, const struct yaml_node *node)
{
	static const char *const words[] = {"plain", "json", NULL};
	l->config->log_format = choice_value(l, node, words) ? LOG_JSON : LOG_PLAIN;
}

static void read_access_log(struct loader *l, const struct yaml_node *node)
{
	l->config->access_log = bool_value(l, node);
}

static void read_metrics(struct loader *l, const struct yaml_node *node)
{
	static const char *const words[] = {"loopback", "any", "off", NULL};
	l->config->metrics = (enum config_metrics)choice_value(l, node, words);
}

#define NUMBER_KEY(field, least, most)                                           \
	static void read_##field(struct loader *l, const struct yaml_node *node) \
	{                                                                        \
		l->config->field = number_value(l, node, least, most);           \
	}

NUMBER_KEY(refresh, 0, 86400)
NUMBER_KEY(max_age, 0, 31536000)
NUMBER_KEY(max_post_size, 1024, 64 * 1024 * 1024)
NUMBER_KEY(render_timeout, 1, 60)
NUMBER_KEY(workers, 0, 1024)
NUMBER_KEY(max_requests, 0, 100000000)
NUMBER_KEY(worker_cache, 0, 1024 * 1024 * 1024)
NUMBER_KEY(request_timeout, 1, 3600)
NUMBER_KEY(shutdown_timeout, 1, 3600)

static const struct {
	const char *name;
	void (*read)(struct loader *, const struct yaml_node *);
} KEYS[] = {
	{"title", read_title},
	{"base_url", read_base_url},
	{"feed_id", read_feed_id},
	{"content", read_content},
	{"theme", read_theme},
	{"index", read_index},
	{"languages", read_languages},
	{"accept_language", read_accept_language},
	{"urls", read_urls},
	{"list_view", read_list_view},
	{"markdown", read_markdown},
	{"typographer", read_typographer},
	{"html", read_html},
	{"permalinks", read_permalinks},
	{"refresh", read_refresh},
	{"max_age", read_max_age},
	{"purge", read_purge},
	{"max_post_size", read_max_post_size},
	{"render_timeout", read_render_timeout},
	{"workers", read_workers},
	{"max_requests", read_max_requests},
	{"worker_cache", read_worker_cache},
	{"request_timeout", read_request_timeout},
	{"shutdown_timeout", read_shutdown_timeout},
	{"log", read_log},
	{"log_format", read_log_format},
	{"access_log", read_access_log},
	{"metrics", read_metrics},
};
enum { KEY_COUNT = sizeof(KEYS) / sizeof(KEYS[0]) };

static void unknown_key(struct loader *l, const struct yaml_node *key)
{
	const char *names[KEY_COUNT + 1] = {NULL};

	for (size_t i = 0; i < KEY_COUNT; i++)
		names[i] = KEYS[i].name;
	const char *near = spell_nearest(key->text, names);
	complain(l, key, "key", "unknown key %s%s%s%s", shown(l, key->text), near ? "; did you mean " : "",
		 near ? near : "", near ? "?" : "");
}

static void read_keys(struct loader *l, const struct yaml_node *root)
{
	if (root->kind != YAML_MAP) {
		complain(l, root, "type", "the configuration is a list of `key: value` lines");
		return;
	}
	for (const struct yaml_node *m = root->first; m; m = m->next) {
		size_t i = 0;
		while (i < KEY_COUNT && !str_is(m->key->text, KEYS[i].name))
			i++;
		if (i == KEY_COUNT)
			unknown_key(l, m->key);
		else if (!is_empty(m))
			KEYS[i].read(l, m);
	}
}

/* The title needs the languages: a map must name configured ones. */
static void apply_title(struct loader *l)
{
	struct config *c = l->config;
	const char *common = "";

	if (l->title && l->title->kind == YAML_MAP) {
		for (const struct yaml_node *m = l->title->first; m; m = m->next) {
			int at = config_language_at(c, m->key->text);
			if (at < 0)
				complain(l, m->key, "language", "%s is not one of the languages",
					 shown(l, m->key->text));
			else
				c->languages[at].title = text_value(l, m);
		}
		common = c->languages[0].title;
	} else if (l->title) {
		common = text_value(l, l->title);
	} else {
		common = c->languages[0].title;
	}
	for (size_t i = 0; i < c->language_count; i++)
		if (!c->languages[i].title[0])
			c->languages[i].title = common;
}

int config_keys_read(struct arena *arena, const struct yaml_node *root, const char *path, struct config *config,
		     struct buf *err)
{
	struct loader l = {.arena = arena, .config = config, .err = err, .path = path};

	if (root)
		read_keys(&l, root);
	apply_title(&l);
	return l.failed ? -1 : 0;
}
