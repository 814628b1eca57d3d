/* command_translate.c: translate: a post's source -> a draft in another language.
 *
 * Front matter is copied as text, key by key, so that quoting and comments stay.
 * Deliberately without `aliases`: old addresses lead to the source, and two
 * files that claim one would fight for it.
 */
#include "command.h"

#include "authors.h"
#include "fmedit.h"
#include "layout.h"
#include "log.h"
#include "post.h"
#include "sourcefile.h"
#include "staleness.h"
#include "value.h"

/* Those that readers see and that no translation inherits. */
static const char *const TO_TRANSLATE[] = {"title", "description", "summary", "twittercard", NULL};

/* Those whose lines are not the source's. */
static const char *const OWN[] = {"aliases", "draft", "lang", "translatedFrom", NULL};

#define MARK "# translate"

static bool is_one_of(const struct fmedit_member *member, const char *const *keys)
{
	for (; *keys; keys++)
		if (fmedit_is(member, *keys))
			return true;
	return false;
}

static void add_line(const struct fmedit *source, struct str text, struct buf *out)
{
	buf_str(out, source->indent);
	buf_str(out, text);
	buf_puts(out, source->eol);
}

static void copy_member(const struct fmedit *source, const struct fmedit_member *member,
			struct buf *out)
{
	buf_str(out, member->before);
	if (is_one_of(member, TO_TRANSLATE) && !str_ends(str_trim(member->before), MARK))
		add_line(source, STR_LIT(MARK), out);
	buf_str(out, member->text);
	if (!member->text.n || !strchr("\r\n", member->text.p[member->text.n - 1]))
		buf_puts(out, source->eol);
}

static void compose(struct arena *arena, const struct fmedit *source, struct str tag,
		    struct buf *out)
{
	char hash[STALENESS_HASH_SIZE];

	staleness_hash(arena, &source->fm, hash);
	buf_str(out, source->mark);
	buf_printf(out, "---%s", source->eol);
	for (size_t i = 0; i < source->count; i++) {
		const struct fmedit_member *member = &source->members[i];
		if (fmedit_is(member, "lang"))
			add_line(source, arena_printf(arena, "lang: %.*s", STR_ARG(tag)), out);
		else if (!is_one_of(member, OWN))
			copy_member(source, member, out);
	}
	buf_str(out, source->after);
	add_line(source, STR_LIT("draft: true"), out);
	add_line(source, arena_printf(arena, "translatedFrom: %s", hash), out);
	buf_printf(out, "---%s", source->eol);
	buf_str(out, source->body);
}

/* The draft says all that the source says, in its own language. */
static bool is_faithful(struct arena *arena, const struct fmedit *source, struct str text)
{
	struct fmedit draft;
	struct buf ignored = BUF_EMPTY;

	bool faithful = !fmedit_open(arena, source->path, text, &draft, &ignored) &&
			draft.fm.draft == TRISTATE_TRUE && fmedit_agree(source, &draft, OWN);
	buf_release(&ignored);
	return faithful;
}

static int translate(struct arena *arena, const struct config *config, struct str file,
		     struct str target, struct str tag)
{
	struct sourcefile source;
	struct fmedit parsed;
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;
	const char *path = arena_printf(arena, "%s/%.*s", config->content, STR_ARG(file)).p;
	const char *shown = post_shown_path(arena, config, file);
	int result = 1;

	value_pool(arena);
	if (!sourcefile_read(path, shown, config->max_post_size, &source, &err) &&
	    !fmedit_open(arena, shown, buf_view(&source.text), &parsed, &err)) {
		compose(arena, &parsed, tag, &out);
		if (!buf_failed(&out) && is_faithful(arena, &parsed, buf_view(&out)))
			result = authors_create(arena, config, target, buf_view(&out),
						"Translate the text and the fields below \"" MARK
						"\", "
						"then take `draft: true` out.\n");
		else
			buf_printf(&err, "%s:1:1: error: the front matter is written in a way that "
				   "cannot be copied safely; write one key a line "
				   "[frontmatter/edit]\n", shown);
	}
	log_lines(buf_view(&err));
	sourcefile_release(&source);
	buf_release(&out);
	buf_release(&err);
	return result;
}

/* The file of the translation that is wanted; "" when it is there. */
static struct str target_file(struct arena *arena, const struct config *config,
			      const struct translation_group *group, size_t language)
{
	struct str *files = ARENA_ARRAY(arena, config->language_count, struct str);
	struct sweep sweep;
	size_t count = 0;

	if (group->heads[language]) {
		log_error("%s is there already",
			  post_shown_path(arena, config, group->heads[language]->file));
		return STR_LIT("");
	}
	if (authors_files(arena, config, &sweep))
		return STR_LIT("");
	files[count++] = group->heads[group->source]->file;
	for (size_t i = 0; i < config->language_count; i++)
		if (group->heads[i] && i != group->source)
			files[count++] = group->heads[i]->file;
	return layout_translation(arena, config, &sweep, files, count, language);
}

static int run(struct arena *arena, const struct config *config, struct str name, struct str tag)
{
	struct translations all;
	struct buf err = BUF_EMPTY;
	int of_file, language = authors_language(arena, config, tag);

	if (language < 0)
		return 1;
	int result = translations_read(arena, config, &all, &err) ? 1 : 0;
	log_lines(buf_view(&err));
	buf_release(&err);
	if (result)
		return 1;
	const struct translation_group *group = authors_post(arena, config, &all, name, &of_file);
	struct str target = group ? target_file(arena, config, group, (size_t)language)
				  : STR_LIT("");
	if (!target.n)
		return 1;
	return translate(arena, config, group->heads[group->source]->file, target,
			 str_from(config->languages[language].tag));
}

int command_translate(const struct command_context *context, int argc, char **argv)
{
	struct arena arena;
	struct config config;

	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-')
			return command_usage(argv[0], "unknown option %s", argv[i]);
	if (argc != 3)
		return command_usage(argv[0],
				     "which post, and into which language? For example posts/x it");
	arena_init(&arena, 0);
	int result = command_config(context, &arena, &config);
	if (!result)
		result = run(&arena, &config, str_from(argv[1]), str_from(argv[2]));
	arena_release(&arena);
	return result;
}
