/* check_translation.c: which files are one post in several languages, and
 * whether they look as if they were meant to be.
 *
 * A post without a version in the site's first language is served as it is; it
 * is reported because a translation whose name differs by a letter from its
 * source's looks the same.  Who names the language in the front matter as well
 * has thought of it.
 */
#include "check_translation.h"

#include "check_language.h"
#include "text.h"

#include <stdlib.h>

enum { LONG_TEXT = 5 /* words: shorter ones are often names */ };

struct site {
	struct arena *arena;
	const struct config *config;
	struct check_file *files;
	size_t count;
};

/* --- names ------------------------------------------------------------------- */

static bool is_unconfigured(const struct site *s, struct str tag)
{
	return config_language_at(s->config, tag) < 0 && check_language_known(tag);
}

static struct str after_last(struct str s, char separator)
{
	size_t n = s.n;

	while (n && s.p[n - 1] != separator)
		n--;
	return str_skip(s, n);
}

/* "post.fr.md" -> "fr"; "" where the name has no such part. */
static struct str suffix_of(struct str file)
{
	struct str name = after_last(file, '/');
	struct str base = str_head(name, name.n - after_last(name, '.').n);

	base.n -= base.n > 0;
	struct str suffix = after_last(base, '.');
	return suffix.n + 1 < base.n ? suffix : str_head(suffix, 0);
}

static void check_suffixes(struct site *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct str suffix = suffix_of(str_from(s->files[i].file));
		if (suffix.n && is_unconfigured(s, suffix))
			check_site_say(s->arena, s->config, &s->files[i], NULL, "warning",
				       "language/unknown-suffix",
				       "%.*s is not among the site's languages: here it is part of "
				       "the name",
				       STR_ARG(suffix));
	}
}

/* A file's folder, when that is named like a language, and what follows it. */
struct foldered {
	struct str folder, rest;
	struct check_file *file;
};

static int by_rest(const void *a, const void *b)
{
	const struct foldered *x = a, *y = b;
	int order = str_compare(x->rest, y->rest);
	return order ? order : str_compare(x->folder, y->folder);
}

static int by_folder(const void *a, const void *b)
{
	const struct foldered *x = a, *y = b;
	int order = str_compare(x->folder, y->folder);
	return order ? order : (x->file > y->file) - (x->file < y->file);
}

static struct foldered take_folder(const struct site *s, struct check_file *file)
{
	struct str rest = str_from(file->file), first = str_cut(&rest, '/');

	if (rest.n && (config_language_at(s->config, first) >= 0 || check_language_known(first)))
		return (struct foldered){first, rest, file};
	return (struct foldered){STR_LIT(""), str_from(file->file), file};
}

/* "it/" may be a department; where "it/x.md" and "x.md" stand side by side it is
 * a language. */
static void check_folders(struct site *s)
{
	struct foldered *all = ARENA_ARRAY(s->arena, s->count + 1, struct foldered);
	struct str told = STR_LIT("");
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		all[i] = take_folder(s, &s->files[i]);
	qsort(all, s->count, sizeof(*all), by_rest);
	for (size_t i = 0; i < s->count; i++) {
		bool twin = (i > 0 && str_eq(all[i - 1].rest, all[i].rest)) ||
			    (i + 1 < s->count && str_eq(all[i + 1].rest, all[i].rest));
		if (twin && all[i].folder.n && is_unconfigured(s, all[i].folder))
			all[kept++] = all[i];
	}
	qsort(all, kept, sizeof(*all), by_folder);
	for (size_t i = 0; i < kept; i++) {
		if (!str_eq(all[i].folder, told))
			check_site_say(s->arena, s->config, all[i].file, NULL, "warning",
				       "language/unknown-folder",
				       "the folder %.*s is named like a language that is not among "
				       "the site's",
				       STR_ARG(all[i].folder));
		told = all[i].folder;
	}
}

/* --- translations ------------------------------------------------------------ */

static int by_group(const void *a, const void *b)
{
	const struct check_file *x = *(struct check_file *const *)a,
				*y = *(struct check_file *const *)b;
	int order = str_compare(x->head.group, y->head.group);
	return order ? order : (x > y) - (x < y);
}

static struct str primary(struct str tag)
{
	return str_cut(&tag, '-');
}

static const struct check_fact *prose(const struct check_file *file, struct str key)
{
	for (size_t i = 0; i < file->fact_count; i++) {
		struct str text = file->facts[i].text;
		if (file->facts[i].kind == CHECK_FACT_PROSE && str_eq(str_cut(&text, '\t'), key))
			return &file->facts[i];
	}
	return NULL;
}

static void compare_prose(struct site *s, struct check_file *file, const struct check_file *source)
{
	for (size_t i = 0; i < file->fact_count; i++) {
		const struct check_fact *fact = &file->facts[i];
		struct str text = fact->text, key = str_cut(&text, '\t');
		if (fact->kind != CHECK_FACT_PROSE || text_weight(text_measure(text)) < LONG_TEXT)
			continue;
		const struct check_fact *original = prose(source, key);
		if (original && str_eq(original->text, fact->text))
			check_site_say(s->arena, s->config, file, fact, "warning",
				       "translation/untranslated", "%.*s is the same text as in %s",
				       STR_ARG(key),
				       post_shown_path(s->arena, s->config, source->head.file));
	}
}

/* Also where the post in the first language could not be read. */
static bool may_have_source(const struct site *s, struct str group)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->files[i].rendered && str_eq(s->files[i].name.group, group))
			return true;
	return false;
}

static void check_group(struct site *s, struct check_file *const *group, size_t n)
{
	static const char *const keys[] = {"lang", "translationKey", NULL};
	static const char *const declared[] = {"lang", NULL};
	const char *first = s->config->languages[0].tag;
	const struct check_file *source = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < i && !str_eq(group[k]->head.lang, group[i]->head.lang))
			k++;
		if (k < i)
			check_site_say(s->arena, s->config, group[i],
				       check_site_place(group[i], keys), "error",
				       "translation/duplicate",
				       "%s is the same post in the same language, and is the one "
				       "that is served",
				       post_shown_path(s->arena, s->config, group[k]->head.file));
		if (!source && str_is(group[i]->head.lang, first))
			source = group[i];
	}
	if (!source && !check_site_place(group[0], declared) &&
	    !may_have_source(s, group[0]->head.group))
		check_site_say(s->arena, s->config, group[0], check_site_place(group[0], keys),
			       "warning", "translation/no-source",
			       "no post has this name in %s, the site's first language; "
			       "`lang: %.*s` in the front matter says that none is missing",
			       first, STR_ARG(group[0]->head.lang));
	/* A draft may still be in the making. */
	for (size_t i = 0; source && i < n; i++)
		if (!group[i]->head.draft &&
		    !str_eq_fold(primary(group[i]->head.lang), primary(source->head.lang)))
			compare_prose(s, group[i], source);
}

static void check_groups(struct site *s)
{
	struct check_file **all = ARENA_ARRAY(s->arena, s->count + 1, struct check_file *);
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->files[i].rendered)
			all[n++] = &s->files[i];
	qsort(all, n, sizeof(*all), by_group);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i; end < n && str_eq(all[end]->head.group, all[i]->head.group);)
			end++;
		check_group(s, all + i, end - i);
	}
}

void check_translation(struct arena *arena, const struct config *config, struct check_file *files,
		       size_t count)
{
	struct site s = {arena, config, files, count};

	check_suffixes(&s);
	check_folders(&s);
	check_groups(&s);
}
