/* authors.c: the messages and the files that new, translate and status have in
 * common.
 */
#include "authors.h"

#include "command.h"
#include "escape.h"
#include "lang.h"
#include "log.h"
#include "post.h"
#include "sourcefile.h"
#include "spell.h"

#include <errno.h>
#include <unistd.h>

enum { NAME_LIMIT = 200 /* bytes of a name that are shown */ };

struct str authors_shown(struct arena *arena, struct str name)
{
	struct buf out = BUF_EMPTY;

	escape_log(&out, name, NAME_LIMIT);
	struct str shown = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return shown;
}

/* Two letters are too few for a distance: a wider or narrower tag goes before. */
static const char *nearest_language(struct arena *arena, const struct config *config,
				    struct str tag)
{
	const char **tags = ARENA_ARRAY(arena, config->language_count + 1, const char *);

	for (size_t i = 0; i < config->language_count; i++) {
		struct str known = str_from(config->languages[i].tag);
		if (lang_covers(known, tag) || lang_covers(tag, known))
			return config->languages[i].tag;
		tags[i] = config->languages[i].tag;
	}
	return spell_nearest(tag, tags);
}

int authors_language(struct arena *arena, const struct config *config, struct str tag)
{
	int at = config_language_at(config, tag);
	struct buf known = BUF_EMPTY;

	if (at >= 0)
		return at;
	for (size_t i = 0; i < config->language_count; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", config->languages[i].tag);
	const char *near = nearest_language(arena, config, tag);
	log_error("%.*s is not one of the site's languages (%s)%s%s%s", STR_ARG(tag), buf_z(&known),
		  near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	buf_release(&known);
	return -1;
}

const struct translation_group *authors_post(struct arena *arena, const struct config *config,
					     const struct translations *all, struct str name,
					     int *language)
{
	const struct translation_group *group = translations_find(config, all, name, language);

	if (group)
		return group;
	const char *near = translations_nearest(arena, all, name);
	log_error("there is no post %.*s%s%s%s", STR_ARG(name), near ? "; did you mean " : "",
		  near ? near : "", near ? "?" : "");
	if (all->broken)
		log_notice("files with errors: %zu, perhaps this one; see `cartolina check`",
			   all->broken);
	return NULL;
}

int authors_files(struct arena *arena, const struct config *config, struct sweep *sweep)
{
	struct buf problems = BUF_EMPTY, err = BUF_EMPTY;
	int result = 0;

	*sweep = (struct sweep){0};
	if (access(config->content, F_OK) == 0 || errno != ENOENT)
		result = sweep_read(arena, config->content, config->content_shown, sweep, &problems,
				    &err);
	log_lines(buf_view(&problems));
	log_lines(buf_view(&err));
	buf_release(&problems);
	buf_release(&err);
	return result;
}

int authors_create(struct arena *arena, const struct config *config, struct str file,
		   struct str text, const char *advice)
{
	const char *path = arena_printf(arena, "%s/%.*s", config->content, STR_ARG(file)).p;
	const char *shown = post_shown_path(arena, config, file);
	struct buf err = BUF_EMPTY;

	int result = sourcefile_create(path, text, &err) ? 1 : 0;
	log_lines(buf_view(&err));
	buf_release(&err);
	if (!result)
		result = command_print(arena_printf(
			arena, "%s\n%sIt is a draft: `draft: true` keeps it from readers.\n", shown, advice));
	return result;
}
