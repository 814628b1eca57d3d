/* check_site.c: what the posts of a site do to each other, from their heads and
 * from what the children saw in them (check_report.h).
 *
 * Paths are compared without a slash at the end, because that much is answered
 * with a redirect.
 */
#include "check_site.h"

#include "check_translation.h"
#include "post_path.h"
#include "postpack.h"
#include "reserved.h"

#include <stdlib.h>

/* --- facts and findings ------------------------------------------------------ */

static void add_fact(struct arena *arena, struct check_file *file, struct check_fact fact)
{
	ARENA_ROOM(arena, file->facts, file->fact_count, file->fact_room);
	fact.text = arena_str(arena, fact.text);
	file->facts[file->fact_count++] = fact;
}

void check_site_take(struct arena *arena, struct check_file *file, struct str head,
		     struct str problems)
{
	struct check_fact fact;
	struct str line;

	file->rendered = head.n && !postpack_read_head(arena_str(arena, head), &file->head);
	while (str_line(&problems, &line)) {
		if (check_report_read_fact(line, &fact)) {
			add_fact(arena, file, fact);
		} else {
			buf_str(&file->findings, line);
			buf_char(&file->findings, '\n');
		}
	}
}

void check_site_say(struct arena *arena, const struct config *config, struct check_file *file,
		    const struct check_fact *where, const char *level, const char *rule,
		    const char *format, ...)
{
	va_list args;

	buf_printf(&file->findings,
		   "%s:%u:%u: %s: ", post_shown_path(arena, config, str_from(file->file)),
		   where ? where->line : 1, where ? where->column : 1, level);
	va_start(args, format);
	buf_vprintf(&file->findings, format, args);
	va_end(args);
	buf_printf(&file->findings, " [%s]\n", rule);
}

const struct check_fact *check_site_place(const struct check_file *file, const char *const *keys)
{
	for (size_t k = 0; keys[k]; k++)
		for (size_t i = 0; i < file->fact_count; i++)
			if (file->facts[i].kind == CHECK_FACT_PLACE &&
			    str_is(file->facts[i].text, keys[k]))
				return &file->facts[i];
	return NULL;
}

/* --- paths ------------------------------------------------------------------- */

/* Something that answers at a path. */
struct spot {
	struct str path;                /* without a slash at the end; "" for the home page */
	struct check_file *file;        /* NULL for the site's own */
	const struct check_fact *alias; /* NULL for the post's path */
};

struct site {
	struct arena *arena;
	const struct config *config;
	struct check_file *files;
	size_t count;
	struct spot *spots;
	size_t spot_count, spot_room;
	struct ending *endings; /* of all posts, sorted; for hints */
	size_t ending_count;
};

static struct str bare(struct str path)
{
	while (path.n && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

static void add_spot(struct site *s, struct str path, struct check_file *file,
		     const struct check_fact *alias)
{
	ARENA_ROOM(s->arena, s->spots, s->spot_count, s->spot_room);
	s->spots[s->spot_count++] = (struct spot){bare(path), file, alias};
}

/* The site's own first, then posts, then aliases; each in the order of files. */
static int by_path(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;
	int order = str_compare(x->path, y->path);

	if (!order)
		order = (x->alias != NULL) - (y->alias != NULL);
	if (!order)
		order = (x->file > y->file) - (x->file < y->file);
	return order ? order : (x->alias > y->alias) - (x->alias < y->alias);
}

static void list_spots(struct site *s)
{
	add_spot(s, STR_LIT("/"), NULL, NULL);
	for (size_t i = 0; i < s->count; i++) {
		struct check_file *file = &s->files[i];
		if (!file->rendered)
			continue;
		add_spot(s, file->head.path, file, NULL);
		struct str section = file->head.section;
		for (size_t k = 1; k <= section.n; k++)
			if (k == section.n || section.p[k] == '/')
				add_spot(s, arena_printf(s->arena, "/%.*s", (int)k, section.p), NULL, NULL);
		for (size_t k = 0; k < file->fact_count; k++)
			if (file->facts[k].kind == CHECK_FACT_ALIAS)
				add_spot(s, file->facts[k].text, file, &file->facts[k]);
	}
	qsort(s->spots, s->spot_count, sizeof(*s->spots), by_path);
}

static bool same_group(const struct spot *a, const struct spot *b)
{
	return str_eq(a->file->head.group, b->file->head.group);
}

/* The one in front of `spot` that it clashes with, or NULL; also when another of
 * its group has been told already.  A section's list gives way to a post. */
static const struct spot *rival(const struct spot *run, const struct spot *spot)
{
	const struct spot *first = NULL;

	for (const struct spot *i = run; i < spot; i++) {
		/* Between posts /x and /x/ differ: an article, and a section. */
		if (!i->file ||
		    (!spot->alias && !str_eq(i->file->head.path, spot->file->head.path)))
			continue;
		if (same_group(i, spot) && (!first || !spot->alias == !i->alias))
			return NULL;
		if (!first)
			first = i;
	}
	return first;
}

static bool has_dated_name(const struct site *s, const struct check_file *file)
{
	struct post_name name;

	post_parse_name(s->arena, s->config, file->head.file, &name);
	return !str_eq(name.base, name.stem);
}

static void check_spot(struct site *s, const struct spot *run, const struct spot *spot)
{
	static const char *const keys[] = {"url", "slug", NULL};
	const struct spot *other = spot->file ? rival(run, spot) : NULL;

	if (!other)
		return;
	const char *shown = check_report_shown(s->arena, spot->alias ? spot->alias->text
								     : spot->file->head.path);
	const char *file = post_shown_path(s->arena, s->config, other->file->head.file);
	if (!spot->alias)
		check_site_say(s->arena, s->config, spot->file, check_site_place(spot->file, keys),
			       "error", "path/clash",
			       "%s is at %s already, and is the one that is served%s", file, shown,
			       has_dated_name(s, spot->file) ? " (permalinks with :filename keep the dates of names)"
							     : "");
	else
		check_site_say(s->arena, s->config, spot->file, spot->alias, "error", "alias/clash",
			       "%s is %s of %s", shown, other->alias ? "an alias" : "the path",
			       file);
}

static void check_paths(struct site *s)
{
	for (size_t i = 0, first = 0; i < s->spot_count; i++) {
		if (!str_eq(s->spots[first].path, s->spots[i].path))
			first = i;
		check_spot(s, &s->spots[first], &s->spots[i]);
	}
}

/* --- link/broken ------------------------------------------------------------- */

static int compare_path(const void *key, const void *spot)
{
	return str_compare(*(const struct str *)key, ((const struct spot *)spot)->path);
}

static bool is_there(const struct site *s, struct str path)
{
	path = bare(path);
	return bsearch(&path, s->spots, s->spot_count, sizeof(*s->spots), compare_path) != NULL;
}

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* Tags, months, feeds and the like: not posts, but something answers. */
static bool is_generated(struct str path)
{
	static const char *const names[] = {"feed.atom", "feed.rss", "feed.json", NULL};
	struct str rest = str_skip(bare(path), 1), last = str_last(bare(path), '/');
	struct str first = str_cut(&rest, '/');

	for (size_t i = 0; names[i]; i++)
		if (str_is(last, names[i]))
			return true;
	if (str_is(first, "tags") || reserved_path(path))
		return true;
	return first.n == 4 && all_digits(first) && (!rest.n || (rest.n == 2 && all_digits(rest)));
}

/* A post by the last part of its path; of one that could not be read, by that of
 * its file. */
struct ending {
	struct str last, path; /* path: "" of an unread one */
};

static int by_ending(const void *a, const void *b)
{
	const struct ending *x = a, *y = b;
	int order = str_compare(x->last, y->last);
	return order ? order : str_compare(x->path, y->path);
}

static void list_endings(struct site *s)
{
	s->endings = ARENA_ARRAY(s->arena, s->count + 1, struct ending);
	for (size_t i = 0; i < s->count; i++) {
		const struct check_file *file = &s->files[i];
		struct ending ending = {file->name.stem, STR_LIT("")};
		if (file->rendered)
			ending = (struct ending){str_last(bare(file->head.path), '/'), file->head.path};
		if (ending.last.n)
			s->endings[s->ending_count++] = ending;
	}
	qsort(s->endings, s->ending_count, sizeof(*s->endings), by_ending);
}

/* The first with this end, or NULL; those that follow it have it too. */
static const struct ending *find_ending(const struct site *s, struct str last)
{
	size_t low = 0, high = s->ending_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_compare(s->endings[middle].last, last) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->ending_count && str_eq(s->endings[low].last, last) ? &s->endings[low]
									   : NULL;
}

/* A post that could not be read may be there once it can: one mistake, one
 * finding. */
static bool is_unread(const struct site *s, struct str path)
{
	const struct ending *first = find_ending(s, str_last(bare(path), '/'));
	return first && !first->path.n;
}

static struct str without_language(const struct config *config, struct str path)
{
	struct str rest = str_skip(path, 1);

	if (config->urls == URLS_PREFIX && config_language_at(config, str_cut(&rest, '/')) > 0)
		return (struct str){rest.n ? rest.p - 1 : "/", rest.n + 1};
	return path;
}

static int by_name(const void *key, const void *file)
{
	return str_compare(*(const struct str *)key,
			   str_from(((const struct check_file *)file)->file));
}

/* What was probably meant: the post of a source file, or the only path with the
 * same end. */
static struct str meant(const struct site *s, struct str path)
{
	struct str last = str_last(bare(path), '/'), name = str_skip(path, 1);

	if (post_is_source(last)) {
		const struct check_file *file =
			bsearch(&name, s->files, s->count, sizeof(*s->files), by_name);
		return file && file->rendered ? file->head.path : STR_LIT("");
	}
	const struct ending *first = find_ending(s, last), *end = s->endings + s->ending_count;
	for (const struct ending *i = first; first && i < end && str_eq(i->last, last); i++)
		if (!str_eq(i->path, first->path))
			return STR_LIT("");
	return first ? first->path : STR_LIT("");
}

static void check_target(struct site *s, struct check_file *file, const struct check_fact *fact)
{
	struct str written = fact->text, path = str_cut(&written, '\t');
	const char *shown = check_report_shown(
		s->arena, arena_printf(s->arena, "%s%.*s", s->config->mount, STR_ARG(path)));

	path = without_language(s->config, path);
	if (is_there(s, path) || is_generated(path) || is_unread(s, path))
		return;
	struct str hint = meant(s, path);
	if (str_starts(written, "www."))
		check_site_say(s->arena, s->config, file, fact, "warning", "link/broken",
			       "nothing is at %s; did you mean https://%s?", shown,
			       check_report_shown(s->arena, written));
	else if (hint.n)
		check_site_say(s->arena, s->config, file, fact, "warning", "link/broken",
			       "nothing is at %s; did you mean %s%s?", shown, s->config->mount,
			       check_report_shown(s->arena, hint));
	else
		check_site_say(s->arena, s->config, file, fact, "warning", "link/broken",
			       "nothing is at %s", shown);
}

static void check_links(struct site *s)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; k < s->files[i].fact_count; k++)
			if (s->files[i].facts[k].kind == CHECK_FACT_LINK)
				check_target(s, &s->files[i], &s->files[i].facts[k]);
}

/* As the index does it: a translation may have its date, and with it its path,
 * from the version in the first language. */
static void settle_paths(struct site *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct post_head *head = &s->files[i].head;
		if (!s->files[i].rendered || !head->path_dated.n)
			continue;
		for (size_t k = 0; k < s->count && head->date == TIME_ABSENT; k++) {
			const struct post_head *other = &s->files[k].head;
			if (s->files[k].rendered && str_eq(other->group, head->group) &&
			    str_is(other->lang, s->config->languages[0].tag))
				head->date = other->date;
		}
		post_path_settle(s->arena, head);
	}
}

void check_site(struct arena *arena, const struct config *config, struct check_file *files,
		size_t count)
{
	struct site s = {.arena = arena, .config = config, .files = files, .count = count};

	for (size_t i = 0; i < count; i++)
		if (!files[i].rendered)
			post_parse_name(arena, config, str_from(files[i].file), &files[i].name);
	settle_paths(&s);
	check_translation(arena, config, files, count);
	list_spots(&s);
	list_endings(&s);
	check_paths(&s);
	check_links(&s);
}
