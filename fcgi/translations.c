/* translations.c: the heads of all posts, by group and language.
 *
 * The index is the place to look: front matter decides about languages and
 * groups, and reading it again from ten thousand files takes seconds.  Where
 * the index cannot be written (it belongs to the web server's user) one is
 * made in memory: slow, but true of the files as they are.
 */
#include "translations.h"

#include "index.h"
#include "indexer.h"
#include "spell.h"
#include "staleness.h"

/* --- reading ----------------------------------------------------------------- */

static int open_in_memory(const struct config *config, struct index **out, struct buf *err)
{
	struct indexer_report report;
	struct buf problems = BUF_EMPTY;

	int result = indexer_run_in_memory(config, out, &report, &problems, err);
	buf_release(&problems);
	return result;
}

static int open_fresh(const struct config *config, enum indexer_mode mode, struct index **out,
		      struct buf *err)
{
	struct indexer_report report;
	struct buf problems = BUF_EMPTY, reason = BUF_EMPTY;
	int result = indexer_run(config, mode, &report, &problems, &reason);

	if (!result && index_open(config->index, config->fingerprint, out, &reason) != INDEX_FINE)
		result = -1;
	buf_release(&problems);
	buf_release(&reason);
	return result ? open_in_memory(config, out, err) : 0;
}

static int read_heads(struct index *index, struct arena *arena, struct index_heads *heads,
		      size_t *broken)
{
	struct buf problems = BUF_EMPTY;
	int result = index_begin(index);

	if (!result) {
		result = index_all(index, arena, heads) || index_problems(index, &problems, broken)
				 ? -1
				 : 0;
		index_end(index);
	}
	buf_release(&problems);
	return result;
}

/* A damaged index is made anew, once. */
static int read_index(struct arena *arena, const struct config *config, struct index_heads *heads,
		      size_t *broken, struct buf *err)
{
	static const enum indexer_mode modes[] = {INDEXER_NOW, INDEXER_REBUILD};

	for (size_t i = 0; i < 2; i++) {
		struct index *index;
		if (open_fresh(config, modes[i], &index, err))
			return -1;
		int result = read_heads(index, arena, heads, broken);
		index_close(index);
		if (!result)
			return 0;
	}
	buf_printf(err, "%s: the index cannot be read\n", config->index);
	return -1;
}

/* --- groups ------------------------------------------------------------------ */

static size_t source_of(const struct translation_group *group, size_t languages)
{
	size_t first = languages;

	for (size_t i = languages; i-- > 0;)
		if (group->heads[i] && !group->heads[i]->translated_from.n)
			first = i;
	for (size_t i = 0; i < languages && first == languages; i++)
		if (group->heads[i])
			first = i;
	return first;
}

int translations_read(struct arena *arena, const struct config *config, struct translations *out,
		      struct buf *err)
{
	struct index_heads heads;
	size_t languages = config->language_count;

	*out = (struct translations){0};
	if (read_index(arena, config, &heads, &out->broken, err))
		return -1;
	out->groups = ARENA_ARRAY(arena, heads.count, struct translation_group);
	for (size_t i = 0; i < heads.count; i++) {
		const struct post_head *head = &heads.at[i];
		int language = config_language_at(config, head->lang);
		if (language < 0)
			continue;
		if (!out->count || !str_eq(out->groups[out->count - 1].name, head->group))
			out->groups[out->count++] = (struct translation_group){
				.name = head->group,
				.heads = ARENA_ARRAY(arena, languages, const struct post_head *),
			};
		struct translation_group *group = &out->groups[out->count - 1];
		/* Of two the first by file order serves. */
		if (!group->heads[language])
			group->heads[language] = head;
	}
	for (size_t i = 0; i < out->count; i++)
		out->groups[i].source = source_of(&out->groups[i], languages);
	return 0;
}

enum translation_state translations_state(const struct translation_group *group, size_t language)
{
	const struct post_head *head = group->heads[language],
			       *source = group->heads[group->source];

	if (!head)
		return TRANSLATION_MISSING;
	if (head == source)
		return TRANSLATION_SOURCE;
	switch (staleness_of(source->source_hash, head->translated_from)) {
	case STALENESS_CURRENT:
		return TRANSLATION_CURRENT;
	case STALENESS_UNKNOWN:
		return TRANSLATION_UNKNOWN;
	default:
		return TRANSLATION_STALE;
	}
}

/* --- finding ----------------------------------------------------------------- */

/* "./content/posts/x.it.md" -> "posts/x.it.md"; others as they are. */
static struct str below_content(const struct config *config, struct str name)
{
	const char *const folders[] = {config->content, config->content_shown};

	while (str_starts(name, "./"))
		name = str_skip(name, 2);
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(folders[i]);
		if (n && str_starts(name, folders[i]) && name.n > n && name.p[n] == '/')
			return str_skip(name, n + 1);
	}
	return name;
}

static bool is_address(struct str path, struct str name)
{
	if (name.n && name.p[0] != '/')
		path = str_skip(path, 1);
	return str_eq(path, name);
}

const struct translation_group *translations_find(const struct config *config,
						  const struct translations *all, struct str name,
						  int *language)
{
	struct str file = below_content(config, name);
	const struct translation_group *by_address = NULL;

	*language = -1;
	for (size_t i = 0; i < all->count; i++) {
		const struct translation_group *group = &all->groups[i];
		if (str_eq(group->name, name))
			return group;
		for (size_t k = 0; k < config->language_count; k++) {
			if (!group->heads[k])
				continue;
			if (str_eq(group->heads[k]->file, file)) {
				*language = (int)k;
				return group;
			}
			if (!by_address && is_address(group->heads[k]->path, name))
				by_address = group;
		}
	}
	return by_address;
}

static const char *after_last_slash(const char *name)
{
	const char *slash = strrchr(name, '/');
	return slash ? slash + 1 : name;
}

const char *translations_nearest(struct arena *arena, const struct translations *all,
				 struct str name)
{
	const char **names = ARENA_ARRAY(arena, all->count + 1, const char *);
	const char **lasts = ARENA_ARRAY(arena, all->count + 1, const char *);

	for (size_t i = 0; i < all->count; i++) {
		names[i] = arena_z(arena, all->groups[i].name);
		lasts[i] = after_last_slash(names[i]);
	}
	const char *near = spell_nearest(name, names);
	if (near)
		return near;
	/* A forgotten or mistyped folder: the last part alone, if it is close. */
	near = spell_nearest(str_from(after_last_slash(arena_z(arena, name))), lasts);
	for (size_t i = 0; near && i < all->count; i++)
		if (lasts[i] == near)
			return names[i];
	return NULL;
}
