/* command_new.c: new: a name -> a post's file, with front matter filled in.
 *
 * Deliberately without templates for new posts: what most posts of a site have
 * besides is a copy of the last one away.
 */
#include "command.h"

#include "authors.h"
#include "date.h"
#include "lang.h"
#include "layout.h"
#include "log.h"
#include "post.h"
#include "unicode.h"
#include "utf8.h"

#include <time.h>

enum {
	PARTS = 16,         /* folders, and the file */
	PART_LIMIT = 200,   /* bytes: file systems allow 255, with suffix and extension */
	CAPITAL_REACH = 80, /* Cyrillic has it: U+0401 and U+0451 */
};

struct options {
	const char *slug, *lang;
};

static int parse(struct options *options, int argc, char **argv)
{
	const char *value;

	for (int i = 1; i < argc; i++) {
		if ((value = command_option(argc, argv, &i, "--lang"))) {
			if (!*value)
				return command_usage(argv[0], "--lang needs a language");
			options->lang = value;
		} else if (argv[i][0] == '-') {
			return command_usage(argv[0], "unknown option %s", argv[i]);
		} else if (options->slug) {
			return command_usage(argv[0], "one post at a time");
		} else {
			options->slug = argv[i];
		}
	}
	if (!options->slug)
		return command_usage(argv[0], "which post? For example posts/my-first-post");
	return 0;
}

/* --- the name ---------------------------------------------------------------- */

/* What is wrong with one part of the name; NULL when it is fine. */
static const char *part_fault(struct arena *arena, struct str part)
{
	size_t n;

	if (!part.n)
		return "it has an empty part";
	if (str_is(part, ".") || str_is(part, ".."))
		return "it must stay inside the content folder, without . and ..";
	if (part.p[0] == '.' || part.p[0] == '-' || part.p[part.n - 1] == '.')
		return "a part of it must not begin with . or -, nor end with .";
	if (part.n > PART_LIMIT)
		return "a part of it is longer than 200 bytes";
	for (struct str rest = part; rest.n; rest = str_skip(rest, n)) {
		uint32_t c = utf8_decode(rest, &n);
		if (c == UTF8_INVALID)
			return "it is not UTF-8";
		if (c < ' ' || c == 0x7f)
			return "control characters are not allowed in it";
		if (!unicode_is_word(c) && c != '-' && c != '_' && c != '.')
			return arena_printf(arena, "\"%.*s\" is not allowed in it; letters, "
					    "digits, - _ and . are", (int)n, rest.p).p;
	}
	return NULL;
}

static struct str without_tail(struct str s, const char *tail)
{
	return str_ends(s, tail) ? str_head(s, s.n - strlen(tail)) : s;
}

/* The name as it was probably meant, where a path was typed instead of it. */
static struct str as_name(const struct config *config, struct str slug)
{
	size_t n = strlen(config->content_shown);

	if (n && str_starts(slug, config->content_shown) && slug.n > n && slug.p[n] == '/')
		slug = str_skip(slug, n + 1);
	while (slug.n && slug.p[0] == '/')
		slug = str_skip(slug, 1);
	return without_tail(without_tail(slug, ".md"), ".markdown");
}

static const char *slug_fault(struct arena *arena, const struct config *config, struct str slug)
{
	struct str rest = slug, name = as_name(config, slug);
	unsigned parts = 0;

	if (!str_eq(name, slug) && name.n)
		return arena_printf(arena, "it starts below the content folder and has no "
				    "extension: %.*s", STR_ARG(name)).p;
	if (!slug.n || slug.p[0] == '/' || slug.p[slug.n - 1] == '/')
		return "it must neither begin nor end with /";
	while (rest.n) {
		const char *fault = part_fault(arena, str_cut(&rest, '/'));
		if (fault)
			return fault;
		if (++parts > PARTS)
			return "it has more than 16 parts";
	}
	struct layout layout = layout_of(config, arena_printf(arena, "%.*s.md", STR_ARG(slug)));
	if (layout.style != LAYOUT_BARE)
		return arena_printf(arena, "leave %.*s out of it and give --lang %.*s",
				    STR_ARG(layout.tag), STR_ARG(layout.tag)).p;
	return NULL;
}

/* --- the title ---------------------------------------------------------------- */

/* In most scripts a capital stands a little before its small letter. */
static uint32_t capital(uint32_t c, struct str lang)
{
	if (lang_covers(STR_LIT("tr"), lang) || lang_covers(STR_LIT("az"), lang)) {
		if (c == 'i')
			return 0x130;
		if (c == 0x131)
			return 'I';
	}
	for (uint32_t back = 1; back <= CAPITAL_REACH && back <= c; back++)
		if (unicode_lower(c - back) == c)
			return c - back;
	return c;
}

static struct str title_from(struct arena *arena, const struct config *config,
			     const struct post_name *name, size_t language)
{
	struct str words = name->stem.n ? name->stem : name->folder, rest = words;
	struct buf out = BUF_EMPTY;
	size_t n = 0;

	while (rest.n)
		words = str_cut(&rest, '/');
	if (!words.n)
		return str_from(config->languages[language].title);
	buf_utf8(&out, capital(utf8_decode(words, &n), str_from(config->languages[language].tag)));
	for (words = str_skip(words, n); words.n; words = str_skip(words, 1))
		buf_char(&out, words.p[0] == '-' || words.p[0] == '_' ? ' ' : words.p[0]);
	struct str title = arena_str(arena, str_trim(buf_view(&out)));
	buf_release(&out);
	return title;
}

/* A YAML scalar in double quotes (YAML 1.1 §5.6). */
static void add_quoted(struct buf *out, struct str text)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, ascii_space(text.p[i]) ? ' ' : text.p[i]);
	}
	buf_char(out, '"');
}

/* --- the file ------------------------------------------------------------------ */

/* The same post in the same language under another name: two files would
 * fight for one address. */
static bool is_taken(struct arena *arena, const struct config *config, const struct sweep *sweep,
		     const struct post_name *name, size_t language)
{
	bool translated = false;

	for (size_t i = 0; i < sweep->count; i++) {
		struct post_name other;
		struct str file = str_from(sweep->files[i].file);
		post_parse_name(arena, config, file, &other);
		if (!str_eq(other.group, name->group))
			continue;
		translated = true;
		if (other.lang.n ? !str_is(other.lang, config->languages[language].tag)
				 : language > 0)
			continue;
		log_error("%s is there already", post_shown_path(arena, config, file));
		return true;
	}
	if (translated)
		log_notice("%.*s exists in another language: `cartolina translate` copies its text",
			   STR_ARG(name->group));
	return false;
}

static int create(struct arena *arena, const struct config *config, struct str slug,
		  size_t language)
{
	struct sweep sweep;
	struct post_name name;
	struct buf text = BUF_EMPTY;
	char date[DATE_ISO_SIZE];

	if (authors_files(arena, config, &sweep))
		return 1;
	post_parse_name(arena, config, arena_printf(arena, "%.*s.md", STR_ARG(slug)), &name);
	if (is_taken(arena, config, &sweep, &name, language))
		return 1;
	struct layout layout = layout_for_new(arena, config, &sweep, name.folder, language);
	layout.bundle &= name.kind == POST_ARTICLE && !str_ends(slug, "/index");
	struct str file = layout_file(arena, &layout, slug);
	date_format_iso(name.date != TIME_ABSENT ? name.date : time(NULL), date);
	buf_puts(&text, "---\ntitle: ");
	add_quoted(&text, title_from(arena, config, &name, language));
	buf_printf(&text, "\ndate: %s\ndraft: true\n---\n\n", date);
	int result = authors_create(arena, config, file, buf_view(&text), "");
	buf_release(&text);
	return result;
}

int command_new(const struct command_context *context, int argc, char **argv)
{
	struct options options = {0};
	struct arena arena;
	struct config config;
	int language = 0;

	arena_init(&arena, 0);
	int result = parse(&options, argc, argv);
	if (!result)
		result = command_config(context, &arena, &config);
	if (!result && options.lang) {
		language = authors_language(&arena, &config, str_from(options.lang));
		result = language < 0;
	}
	if (!result) {
		struct str slug = str_from(options.slug);
		const char *fault = slug_fault(&arena, &config, slug);
		result = fault ? command_usage(argv[0], "%s is not a name for a post: %s",
					       authors_shown(&arena, slug).p, fault)
			       : create(&arena, &config, slug, (size_t)language);
	}
	arena_release(&arena);
	return result;
}
