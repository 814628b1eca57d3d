/* post.c: a file's name and text -> struct post.
 *
 * Which language, which group of translations, which path: design rules that
 * only need the name, the front matter and the configuration.  What needs the
 * other posts (inheritance, clashes) is the indexer's.
 */
#include "post.h"

#include "article.h"
#include "date.h"
#include "escape.h"
#include "post_path.h"
#include "reference.h"
#include "staleness.h"
#include "taxonomy.h"
#include "text.h"
#include "utf8.h"

enum { TITLE_LIMIT = 1000 /* bytes */ };

bool post_is_source(struct str name)
{
	return name.n && name.p[0] != '.' && (str_ends(name, ".md") || str_ends(name, ".markdown"));
}

int64_t post_start(const struct post_head *head)
{
	return head->publish != TIME_ABSENT ? head->publish : head->date;
}

int64_t post_stop(const struct post_head *head)
{
	return head->expiry != TIME_ABSENT ? head->expiry : INT64_MAX;
}

/* --- names --------------------------------------------------------------- */

static struct str before_last(struct str s, char separator, struct str *after)
{
	for (size_t i = s.n; i-- > 0;) {
		if (s.p[i] == separator) {
			*after = str_skip(s, i + 1);
			return str_head(s, i);
		}
	}
	*after = s;
	return str_head(s, 0);
}

static struct str configured(const struct config *config, struct str tag)
{
	int at = config_language_at(config, tag);
	return at < 0 ? STR_LIT("") : str_from(config->languages[at].tag);
}

/* "2020-04-28-x" -> the date, and "x". */
static int64_t take_date(struct str *stem)
{
	int64_t seconds;

	if (stem->n < 12 || stem->p[10] != '-' || stem->p[4] != '-' || date_parse(str_head(*stem, 10), &seconds))
		return TIME_ABSENT;
	*stem = str_skip(*stem, 11);
	return seconds;
}

void post_parse_name(struct arena *arena, const struct config *config, struct str file, struct post_name *out)
{
	struct str name, extension, suffix, rest = file;
	struct str folder = before_last(file, '/', &name);
	struct str base = before_last(name, '.', &extension);

	*out = (struct post_name){.lang = STR_LIT(""), .kind = POST_ARTICLE};
	struct str bare = before_last(base, '.', &suffix);
	if (bare.n && configured(config, suffix).n) {
		out->lang = configured(config, suffix);
		base = bare;
	}
	if (folder.n) {
		struct str first = str_cut(&rest, '/');
		if (configured(config, first).n) {
			if (!out->lang.n)
				out->lang = configured(config, first);
			folder = str_skip(folder, first.n + 1);
		}
	}
	if (str_is(base, "_index")) {
		out->kind = POST_SECTION;
		out->group = arena_printf(arena, "%.*s%s_index", STR_ARG(folder), folder.n ? "/" : "");
		base = STR_LIT("");
	} else if (str_is(base, "index")) {
		out->group = folder;
		folder = before_last(folder, '/', &base);
	} else {
		out->group = arena_printf(arena, "%.*s%s%.*s", STR_ARG(folder), folder.n ? "/" : "", STR_ARG(base));
	}
	out->base = base;
	out->date = take_date(&base);
	out->folder = folder;
	out->stem = base;
}

/* --- reading -------------------------------------------------------------- */

const char *post_shown_path(struct arena *arena, const struct config *config, struct str file)
{
	struct buf name = BUF_IN(arena);

	/* a line feed in a name must not end the line of a message */
	escape_log(&name, file, file.n);
	return arena_printf(arena, "%s%s%s", config->content_shown, config->content_shown[0] ? "/" : "",
			    buf_z(&name)).p;
}

struct reading {
	struct arena *arena;
	const struct config *config;
	const char *path; /* for messages */
	struct buf *problems;
	bool failed;
};

static void complain(struct reading *r, unsigned line, unsigned column, const char *rule, const char *message)
{
	buf_printf(r->problems, "%s:%u:%u: error: %s [%s]\n", r->path, line, column, message, rule);
	r->failed = true;
}

/* At the value of a key of the front matter. */
static void complain_about(struct reading *r, const struct frontmatter *fm, const char *key, const char *rule,
			   const char *message)
{
	unsigned line, column;

	frontmatter_place(fm, key, &line, &column);
	complain(r, line, column, rule, message);
}

/* The position of an offset, for a message. */
static void complain_at(struct reading *r, struct str text, size_t offset, const char *rule, const char *message)
{
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		column += ((unsigned char)text.p[i] & 0xc0) != 0x80;
		if (text.p[i] == '\n') {
			line++;
			column = 1;
		}
	}
	complain(r, line, column, rule, message);
}

static void check_text(struct reading *r, struct str text)
{
	size_t bad = utf8_check(text), nul = str_find_char(text, 0);

	if (text.n > r->config->max_post_size)
		complain(r, 1, 1, "post/size", "larger than max_post_size allows");
	else if (nul < bad)
		complain_at(r, text, nul, "post/nul", "a NUL byte: this is no text");
	else if (bad < text.n)
		complain_at(r, text, bad, "post/encoding", "not UTF-8");
}

/* "\r\n" as "\n": renderers and offsets then know one kind of line. */
struct str post_plain_lines(struct arena *arena, struct str text)
{
	if (str_find_char(text, '\r') == text.n)
		return text;
	char *copy = arena_z(arena, text);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		if (!(text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n'))
			copy[n++] = text.p[i] == '\r' ? '\n' : text.p[i];
	copy[n] = 0;
	return (struct str){copy, n};
}

static struct str packed_json(struct arena *arena, const struct value *v)
{
	struct buf out = BUF_EMPTY;

	value_write(v, false, &out);
	struct str text = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return text;
}

/* Of two terms that are one, such as "Sea" and "sea", the first. */
static struct str terms_json(struct arena *arena, const struct value *terms)
{
	struct str *keys = ARENA_ARRAY(arena, value_count(terms) + 1, struct str);
	struct value *kept = value_array();
	size_t count = 0;

	for (size_t i = 0; i < value_count(terms); i++) {
		struct str term = value_text(value_at(terms, i)), key = taxonomy_key(arena, term);
		bool known = !key.n;
		for (size_t k = 0; k < count && !known; k++)
			known = str_eq(key, keys[k]);
		if (known)
			continue;
		keys[count++] = key;
		value_append(kept, value_string(term));
	}
	return packed_json(arena, kept);
}

struct str post_readable_name(struct arena *arena, struct str name)
{
	char *title = arena_z(arena, name);

	for (size_t i = 0; i < name.n; i++)
		if (title[i] == '-' || title[i] == '_')
			title[i] = ' ';
	if (title[0] >= 'a' && title[0] <= 'z')
		title[0] = (char)(title[0] - 32);
	return (struct str){title, name.n};
}

/* The first heading's text, or the file's or folder's name made readable; at the
 * top the site's title. */
static struct str title_without_front_matter(struct reading *r, const struct post_name *name, struct str body,
					     struct str lang)
{
	struct str line, last;

	while (str_line(&body, &line)) {
		if (!str_trim(line).n)
			continue;
		if (str_starts(line, "# "))
			return arena_str(r->arena, str_trim(str_skip(line, 2)));
		break;
	}
	before_last(name->folder, '/', &last);
	if (name->stem.n || last.n)
		return post_readable_name(r->arena, name->stem.n ? name->stem : last);
	int at = config_language_at(r->config, lang);
	return str_from(r->config->languages[at < 0 ? 0 : at].title);
}

/* One line: a block in YAML may have several. */
static struct str one_line(struct arena *arena, struct str text)
{
	char *line = arena_z(arena, text);

	for (size_t i = 0; i < text.n; i++)
		if (ascii_space(line[i]))
			line[i] = ' ';
	return (struct str){line, text.n};
}

static void set_language(struct reading *r, const struct frontmatter *fm, const struct post_name *name,
			 struct post_head *head)
{
	head->lang = name->lang.n ? name->lang : str_from(r->config->languages[0].tag);
	if (!fm->lang.n)
		return;
	head->lang = configured(r->config, fm->lang);
	if (!head->lang.n)
		complain_about(r, fm, "lang", "post/language", "lang names a language that is not configured");
}

static struct str shortened(struct arena *arena, struct str text)
{
	struct buf out = BUF_EMPTY;

	text_shorten(text, ARTICLE_DESCRIPTION_LIMIT, &out);
	struct str result = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return result;
}

static struct str source_hash(struct arena *arena, const struct frontmatter *fm)
{
	char hash[STALENESS_HASH_SIZE];

	staleness_hash(arena, fm, hash);
	return arena_str(arena, str_from(hash));
}

static void set_path(struct reading *r, const struct frontmatter *fm, const struct post_name *name,
		     struct post_head *head)
{
	const char *key = fm->url.n ? "url" : "slug";
	enum post_path_result result = post_path_find(r->arena, r->config, name, fm, head);

	if (result == POST_PATH_NONE)
		complain_about(r, fm, key, "post/path", "this gives no path");
	else if (result == POST_PATH_RESERVED)
		complain_about(r, fm, key, "post/path", "this address is the program's own");
}

/* One that no request can be for is nothing worse than useless: check says so. */
static void set_aliases(struct reading *r, const struct frontmatter *fm, struct post_head *head)
{
	struct value *list = value_array();
	struct str paths[POST_PATH_ALIASES];
	size_t count;

	for (size_t i = 0; i < value_count(fm->aliases); i++) {
		struct str written = value_text(value_at(fm->aliases, i));
		if (post_path_alias(r->arena, head->path, written, paths, &count) == POST_PATH_RESERVED)
			complain_about(r, fm, "aliases", "post/path", "an alias is the program's own address");
		for (size_t k = 0; k < count; k++)
			value_append(list, value_string(paths[k]));
	}
	head->aliases = packed_json(r->arena, list);
}

static void fill_head(struct reading *r, const struct frontmatter *fm, const struct post_name *name,
		      struct post_head *head)
{
	struct arena *arena = r->arena;

	struct str title = fm->title;
	if (!title.n)
		title = title_without_front_matter(r, name, fm->body, head->lang);
	head->title = one_line(arena, title);
	if (head->title.n > TITLE_LIMIT)
		complain_about(r, fm, "title", "post/title", "the title is longer than 1000 bytes");
	head->source_hash = source_hash(arena, fm);
	head->translated_from = fm->translated_from;
	head->group = fm->translation_key.n ? fm->translation_key : name->group;
	head->section = name->folder;
	head->kind = name->kind;
	head->date = fm->date != TIME_ABSENT ? fm->date : name->date;
	head->lastmod = fm->lastmod;
	head->publish = fm->publish;
	head->expiry = fm->expiry;
	head->draft = fm->draft == TRISTATE_TRUE;
	head->use_excerpt = fm->use_excerpt;
	head->twitter_large = fm->twitter_large_image == TRISTATE_TRUE;
	head->weight = fm->weight;
	head->twitter_image = fm->twitter_image;
	head->series = fm->series;
	head->layout = fm->layout;
	head->robots = fm->robots;
	head->tags = terms_json(arena, fm->tags);
	head->categories = terms_json(arena, fm->categories);
	head->authors = terms_json(arena, fm->authors);
	head->images = packed_json(arena, fm->images);
	head->params = packed_json(arena, fm->params);
	head->inherits = (head->date == TIME_ABSENT ? INHERIT_DATE : 0) |
			 (value_count(fm->images) || fm->twitter_image.n ? 0 : INHERIT_IMAGES) |
			 (value_count(fm->tags) ? 0 : INHERIT_TAGS);
	struct str description = fm->description.n ? fm->description : fm->twitter_card;
	head->description = shortened(arena, description);
	set_path(r, fm, name, head);
	if (head->path.n)
		set_aliases(r, fm, head);
}

static struct markdown_options markdown_for(struct reading *r, const struct frontmatter *fm)
{
	struct markdown_options options = r->config->markdown;

	if (str_is_fold(fm->markdown, "commonmark"))
		options.engine = MARKDOWN_COMMONMARK;
	else if (str_is_fold(fm->markdown, "discount"))
		options.engine = MARKDOWN_DISCOUNT;
	else if (fm->markdown.n)
		complain_about(r, fm, "markdown", "post/markdown", "markdown must be discount or commonmark");
	return options;
}

int post_read(struct arena *arena, const struct config *config, struct str file, struct str text,
	      int64_t mtime, struct post *out, struct buf *problems)
{
	struct reading r = {arena, config, post_shown_path(arena, config, file), problems, false};
	struct post_name name;
	struct frontmatter fm;
	struct str base;
	struct buf err = BUF_EMPTY;

	*out = (struct post){.head = {.file = file, .mtime = mtime}};
	check_text(&r, text);
	if (r.failed)
		return -1;
	text = post_plain_lines(arena, text);
	value_pool(arena);
	if (frontmatter_read(arena, r.path, text, &fm, problems))
		return -1;
	post_parse_name(arena, config, file, &name);
	set_language(&r, &fm, &name, &out->head);
	fill_head(&r, &fm, &name, &out->head);
	struct buf asked = BUF_EMPTY;
	struct article_source source = {
		.asked = &asked,
		.body = fm.body,
		.summary = fm.summary,
		.lang = arena_z(arena, out->head.lang),
		.default_lang = config->languages[0].tag,
		.content = config->content[0] ? config->content : NULL,
		.mount = config->mount,
		.folder = before_last(file, '/', &base),
		.path = out->head.path,
		.markdown = markdown_for(&r, &fm),
		.typographer = config->typographer,
	};
	out->engine = source.markdown.engine;
	out->body_line = fm.body_line;
	if (!r.failed && article_render(arena, &source, &out->head, &out->body, &out->text, &err))
		complain(&r, fm.body_line, 1, "post/render", buf_z(&err));
	out->asked = reference_asked(arena, buf_view(&asked), &out->asked_state);
	buf_release(&asked);
	buf_release(&err);
	return r.failed ? -1 : 0;
}
