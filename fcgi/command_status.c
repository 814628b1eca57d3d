/* command_status.c: status: post x language, as a table or as JSON; and
 * --accept, with which an author says that a translation is right as it is.
 */
#include "command.h"

#include "authors.h"
#include "fmedit.h"
#include "log.h"
#include "post.h"
#include "sourcefile.h"
#include "utf8.h"
#include "value.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

enum {
	NAME_COLUMNS = 60, /* a longer name pushes its own row only */
	GAP = 2,
};

static const struct {
	const char *shown, *json, *colour;
} STATES[] = {
	[TRANSLATION_SOURCE] = {"source", "source", "1"},
	[TRANSLATION_CURRENT] = {"translated", "translated", "32"},
	[TRANSLATION_UNKNOWN] = {"translated?", "unknown", "32"},
	[TRANSLATION_STALE] = {"stale", "stale", "33"},
	[TRANSLATION_MISSING] = {"missing", "missing", "31"},
};

struct status {
	struct arena *arena;
	const struct config *config;
	struct translations all;
	size_t (*totals)[TRANSLATION_STATES]; /* by language */
};

static void add_up(struct status *s)
{
	s->totals = arena_zero(s->arena, s->config->language_count, sizeof(*s->totals));
	for (size_t i = 0; i < s->all.count; i++)
		for (size_t k = 0; k < s->config->language_count; k++)
			s->totals[k][translations_state(&s->all.groups[i], k)]++;
}

/* --- the table ------------------------------------------------------------------ */

struct table {
	struct buf out;
	locale_t utf8; /* for wcwidth(); 0 where there is none */
	bool colours;
};

/* Columns of a terminal: two for Han and Kana, none for combining marks. */
static size_t columns(const struct table *table, struct str text)
{
	locale_t before = table->utf8 ? uselocale(table->utf8) : (locale_t)0;
	size_t n, total = 0;

	for (; text.n; text = str_skip(text, n)) {
		uint32_t c = utf8_decode(text, &n);
		int width = table->utf8 && c != UTF8_INVALID ? wcwidth((wchar_t)c) : 1;
		total += width < 0 ? 1 : (size_t)width;
	}
	if (before)
		uselocale(before);
	return total;
}

/* colour: the number of an SGR sequence, or NULL. */
static void add_cell(struct table *table, struct str text, size_t width, const char *colour)
{
	size_t used = columns(table, text);

	if (colour && table->colours)
		buf_printf(&table->out, "\33[%sm", colour);
	buf_str(&table->out, text);
	if (colour && table->colours)
		buf_puts(&table->out, "\33[0m");
	for (; used < width; used++)
		buf_char(&table->out, ' ');
}

static void end_row(struct table *table)
{
	while (table->out.n && table->out.p[table->out.n - 1] == ' ')
		buf_truncate(&table->out, table->out.n - 1);
	buf_char(&table->out, '\n');
}

static struct str cell(struct status *s, const struct translation_group *group, size_t language)
{
	const struct post_head *head = group->heads[language];
	const char *state = STATES[translations_state(group, language)].shown;

	return head && head->draft ? arena_printf(s->arena, "%s (draft)", state) : str_from(state);
}

static void at_least(size_t *width, size_t n)
{
	if (*width < n)
		*width = n;
}

static void measure(struct status *s, const struct table *table, size_t *name_width, size_t *widths)
{
	*name_width = strlen("post");
	for (size_t k = 0; k < s->config->language_count; k++)
		widths[k] = strlen(s->config->languages[k].tag);
	for (size_t i = 0; i < s->all.count; i++) {
		size_t n = columns(table, authors_shown(s->arena, s->all.groups[i].name));
		if (n <= NAME_COLUMNS)
			at_least(name_width, n);
		for (size_t k = 0; k < s->config->language_count; k++)
			at_least(&widths[k], cell(s, &s->all.groups[i], k).n);
	}
}

static void add_posts(struct status *s, struct table *table)
{
	size_t *widths = ARENA_ARRAY(s->arena, s->config->language_count, size_t), name_width;

	measure(s, table, &name_width, widths);
	add_cell(table, STR_LIT("post"), name_width + GAP, "1");
	for (size_t k = 0; k < s->config->language_count; k++)
		add_cell(table, str_from(s->config->languages[k].tag), widths[k] + GAP, "1");
	end_row(table);
	for (size_t i = 0; i < s->all.count; i++) {
		const struct translation_group *group = &s->all.groups[i];
		struct str name = authors_shown(s->arena, group->name);
		add_cell(table, name, name_width, NULL);
		buf_puts(&table->out, "  ");
		for (size_t k = 0; k < s->config->language_count; k++)
			add_cell(table, cell(s, group, k), widths[k] + GAP,
				 STATES[translations_state(group, k)].colour);
		end_row(table);
	}
}

static void add_totals(struct status *s, struct table *table)
{
	size_t name_width = strlen("language");

	for (size_t k = 0; k < s->config->language_count; k++)
		at_least(&name_width, strlen(s->config->languages[k].tag));
	buf_char(&table->out, '\n');
	add_cell(table, STR_LIT("language"), name_width + GAP, "1");
	for (size_t n = 0; n < TRANSLATION_STATES; n++)
		add_cell(table, str_from(STATES[n].shown), strlen(STATES[n].shown) + GAP, "1");
	end_row(table);
	for (size_t k = 0; k < s->config->language_count; k++) {
		add_cell(table, str_from(s->config->languages[k].tag), name_width + GAP, NULL);
		for (size_t n = 0; n < TRANSLATION_STATES; n++)
			buf_printf(&table->out, "%*zu  ", (int)strlen(STATES[n].shown),
				   s->totals[k][n]);
		end_row(table);
	}
}

static bool wants_colours(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && !(terminal && !strcmp(terminal, "dumb"));
}

static int print_table(struct status *s)
{
	struct table table = {.utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0),
			      .colours = wants_colours()};

	add_posts(s, &table);
	add_totals(s, &table);
	int result = buf_failed(&table.out) || command_print(buf_view(&table.out));
	if (table.utf8)
		freelocale(table.utf8);
	buf_release(&table.out);
	return result;
}

/* --- JSON ------------------------------------------------------------------------- */

static struct value *translation(struct status *s, const struct translation_group *group,
				 size_t language)
{
	const struct post_head *head = group->heads[language];
	struct value *v = value_object();

	value_set(v, "state", value_z(STATES[translations_state(group, language)].json));
	value_set(v, "path", head ? value_string(head->path) : value_null());
	value_set(v, "file",
		  head ? value_z(post_shown_path(s->arena, s->config, head->file)) : value_null());
	value_set_bool(v, "draft", head && head->draft);
	return v;
}

static struct value *totals(const struct status *s)
{
	struct value *all = value_object();

	for (size_t k = 0; k < s->config->language_count; k++) {
		struct value *of = value_set(all, s->config->languages[k].tag, value_object());
		for (size_t n = 0; n < TRANSLATION_STATES; n++)
			value_set(of, STATES[n].json, value_integer((int64_t)s->totals[k][n]));
	}
	return all;
}

static int print_json(struct status *s)
{
	struct buf out = BUF_EMPTY;

	value_pool(s->arena);
	struct value *root = value_object(), *posts = value_set(root, "posts", value_array());
	for (size_t i = 0; i < s->all.count; i++) {
		const struct translation_group *group = &s->all.groups[i];
		struct value *post = value_append(posts, value_object());
		value_set_str(post, "group", group->name);
		value_set(post, "source", value_z(s->config->languages[group->source].tag));
		struct value *languages = value_set(post, "languages", value_object());
		for (size_t k = 0; k < s->config->language_count; k++)
			value_set(languages, s->config->languages[k].tag, translation(s, group, k));
	}
	value_set(root, "totals", totals(s));
	value_write(root, false, &out);
	buf_char(&out, '\n');
	int result = buf_failed(&out) || command_print(buf_view(&out));
	buf_release(&out);
	return result;
}

/* --- accepting -------------------------------------------------------------------- */

static int accept_one(struct status *s, const struct translation_group *group, size_t language)
{
	struct str file = group->heads[language]->file;
	const char *path = arena_printf(s->arena, "%s/%.*s", s->config->content, STR_ARG(file)).p;
	const char *shown = post_shown_path(s->arena, s->config, file);
	const char *hash = arena_z(s->arena, group->heads[group->source]->source_hash);
	struct sourcefile source;
	struct fmedit parsed;
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;

	value_pool(s->arena);
	int result = sourcefile_read(path, shown, s->config->max_post_size, &source, &err) ||
		     fmedit_open(s->arena, shown, buf_view(&source.text), &parsed, &err) ||
		     fmedit_set(s->arena, &parsed, "translatedFrom", hash, &out, &err) ||
		     sourcefile_replace(&source, buf_view(&out), SOURCEFILE_NEW_TIME, &err);
	log_lines(buf_view(&err));
	sourcefile_release(&source);
	buf_release(&out);
	buf_release(&err);
	return result ? 1 : command_print(arena_printf(s->arena, "accepted %s\n", shown));
}

/* Those of a group that wait for it; of one language, or -1 for all. */
static int accept_group(struct status *s, const struct translation_group *group, int language,
			size_t *accepted)
{
	int result = 0;

	for (size_t k = 0; k < s->config->language_count; k++) {
		enum translation_state state = translations_state(group, k);
		if ((language >= 0 && k != (size_t)language) ||
		    (state != TRANSLATION_STALE && state != TRANSLATION_UNKNOWN))
			continue;
		++*accepted;
		result |= accept_one(s, group, k);
	}
	return result;
}

/* "posts/x:it" -> posts/x and it; names with a colon of their own stay whole. */
static const struct translation_group *accepted_group(struct status *s, struct str name,
						      int *language)
{
	const struct translation_group *group = translations_find(s->config, &s->all, name,
								  language);
	size_t colon = name.n;

	while (colon && name.p[colon - 1] != ':')
		colon--;
	if (group || !colon)
		return group ? group : authors_post(s->arena, s->config, &s->all, name, language);
	group = authors_post(s->arena, s->config, &s->all, str_head(name, colon - 1), language);
	if (group)
		*language = authors_language(s->arena, s->config, str_skip(name, colon));
	return group && *language >= 0 ? group : NULL;
}

static int accept_named(struct status *s, struct str name)
{
	size_t accepted = 0;
	int language;
	const struct translation_group *group = accepted_group(s, name, &language);

	if (!group)
		return 1;
	if (language >= 0 && !group->heads[language]) {
		log_error("%.*s has no translation into %s", STR_ARG(group->name),
			  s->config->languages[language].tag);
		return 1;
	}
	if (language >= 0 && (size_t)language == group->source) {
		log_error("%s is the source of %.*s, not a translation",
			  s->config->languages[language].tag, STR_ARG(group->name));
		return 1;
	}
	int result = accept_group(s, group, language, &accepted);
	return accepted ? result : command_print(STR_LIT("nothing to accept: all is up to date\n"));
}

static int accept(struct status *s, struct str name)
{
	size_t accepted = 0;
	int result = 0;

	if (!str_is(name, "all"))
		return accept_named(s, name);
	for (size_t i = 0; i < s->all.count; i++)
		result |= accept_group(s, &s->all.groups[i], -1, &accepted);
	return accepted ? result : command_print(STR_LIT("nothing to accept: all is up to date\n"));
}

/* --- the command ------------------------------------------------------------------- */

struct options {
	const char *accept;
	bool json;
};

static int parse(struct options *options, int argc, char **argv)
{
	const char *value;

	for (int i = 1; i < argc; i++) {
		if ((value = command_option(argc, argv, &i, "--accept"))) {
			if (!*value || options->accept)
				return command_usage(
					argv[0], "--accept takes one file, one post (posts/x or "
						 "posts/x:it), or all");
			options->accept = value;
		} else if (!strcmp(argv[i], "--json")) {
			options->json = true;
		} else {
			return command_usage(argv[0], "unknown argument %s", argv[i]);
		}
	}
	if (options->json && options->accept)
		return command_usage(argv[0], "--json and --accept do not go together");
	return 0;
}

static int run(struct status *s, const struct options *options)
{
	struct buf err = BUF_EMPTY;

	int result = translations_read(s->arena, s->config, &s->all, &err) ? 1 : 0;
	log_lines(buf_view(&err));
	buf_release(&err);
	if (result)
		return 1;
	if (s->all.broken)
		log_warning("files with errors: %zu, shown as they last were good or as missing; "
			    "see `cartolina check`", s->all.broken);
	if (options->accept)
		return accept(s, str_from(options->accept));
	add_up(s);
	return options->json ? print_json(s) : print_table(s);
}

int command_status(const struct command_context *context, int argc, char **argv)
{
	struct options options = {0};
	struct arena arena;
	struct config config;

	int result = parse(&options, argc, argv);
	if (result)
		return result;
	arena_init(&arena, 0);
	struct status status = {.arena = &arena, .config = &config};
	result = command_config(context, &arena, &config);
	if (!result)
		result = run(&status, &options);
	arena_release(&arena);
	return result;
}
