/* post_path.c: name, front matter, configuration -> the addresses of a post.
 *
 * A permalink pattern may need a date that a translation takes from its sibling,
 * which only the index knows: then the path is made with the parts of the date
 * left open, and settled when the date is there.  Knows of no other post.
 */
#include "post_path.h"

#include "date.h"
#include "reserved.h"
#include "unicode.h"
#include "uri.h"
#include "utf8.h"

static struct str first_folder(struct str folder)
{
	return str_cut(&folder, '/');
}

/* A title as a path segment, as Hugo makes it: small letters and digits of any
 * script, "-" for what stands between words, nothing that would end it. */
static void add_slug(struct buf *out, struct str text)
{
	size_t start = out->n, n;
	char between = 0; /* owed before the next letter */

	for (; text.n; text = str_skip(text, n)) {
		uint32_t c = utf8_decode(text, &n);
		if (unicode_is_word(c) || c == '_' || c == '~') {
			if (between && out->n > start)
				buf_char(out, between);
			between = 0;
			buf_utf8(out, unicode_lower(c));
		} else if (c == '.' && !between) {
			between = '.';
		} else if (unicode_is_space(c) || c == '.' || c == '-' || c == 0xa0 || (c >= 0x2010 && c <= 0x2015)) {
			between = '-';
		}
	}
}

struct path_parts {
	const struct post_name *name;
	const struct frontmatter *fm;
	int64_t date; /* TIME_ABSENT: the pattern's parts of it stay open */
};

/* Stand for a date that comes later; no path has control characters. */
enum { OPEN_YEAR = 1, OPEN_MONTH, OPEN_DAY };

static void add_date(struct buf *out, char part, int64_t date)
{
	struct date d;

	if (date == TIME_ABSENT) {
		buf_char(out, part);
		return;
	}
	d = date_split(date);
	if (part == OPEN_YEAR)
		buf_printf(out, "%04d", d.year);
	else
		buf_printf(out, "%02d", part == OPEN_MONTH ? d.month : d.day);
}

static void add_title(struct buf *out, const struct path_parts *parts)
{
	size_t before = out->n;

	add_slug(out, parts->fm->title);
	if (out->n == before)
		buf_str(out, parts->name->stem);
}

static void add_part(struct buf *out, struct str key, const struct path_parts *parts)
{
	struct str slug = parts->fm->slug.n ? parts->fm->slug : parts->name->stem;

	if (str_is(key, "year"))
		add_date(out, OPEN_YEAR, parts->date);
	else if (str_is(key, "month"))
		add_date(out, OPEN_MONTH, parts->date);
	else if (str_is(key, "day"))
		add_date(out, OPEN_DAY, parts->date);
	else if (str_is(key, "slug"))
		buf_str(out, slug);
	else if (str_is(key, "filename"))
		buf_str(out, parts->name->base);
	else if (str_is(key, "section"))
		buf_str(out, first_folder(parts->name->folder));
	else if (str_is(key, "title"))
		add_title(out, parts);
}

static void expand_pattern(struct buf *out, struct str pattern, const struct path_parts *parts)
{
	while (pattern.n) {
		size_t colon = str_find_char(pattern, ':'), n = 0;
		buf_str(out, str_head(pattern, colon));
		pattern = str_skip(pattern, colon + 1);
		while (n < pattern.n && ascii_alpha(pattern.p[n]))
			n++;
		add_part(out, str_head(pattern, n), parts);
		pattern = str_skip(pattern, n);
	}
}

static struct str permalink_for(const struct config *config, struct str section)
{
	for (size_t i = 0; i < config->permalink_count; i++)
		if (str_is(section, config->permalinks[i].section))
			return str_from(config->permalinks[i].pattern);
	return STR_LIT("");
}

static void default_path(struct buf *out, const struct path_parts *parts, enum post_kind kind)
{
	struct str folder = parts->name->folder;

	buf_char(out, '/');
	buf_str(out, folder);
	if (folder.n)
		buf_char(out, '/');
	if (kind == POST_ARTICLE)
		buf_str(out, parts->fm->slug.n ? parts->fm->slug : parts->name->stem);
}

static bool needs_date(struct str pattern)
{
	return str_find(pattern, ":year") < pattern.n || str_find(pattern, ":month") < pattern.n ||
	       str_find(pattern, ":day") < pattern.n;
}

/* With a slash in front, and normalised. */
static enum post_path_result clean(struct arena *arena, struct str written, struct str *path)
{
	bool changed;

	if (!str_starts(written, "/"))
		written = arena_printf(arena, "/%.*s", STR_ARG(written));
	if (uri_normalise(arena, written, path, &changed))
		return POST_PATH_NONE;
	return reserved_path(*path) ? POST_PATH_RESERVED : POST_PATH_FINE;
}

/* "." and ".." replace no part of a path: they would be other posts' addresses. */
static bool has_dots(struct str slug)
{
	while (slug.n) {
		struct str part = str_cut(&slug, '/');
		if (str_is(part, ".") || str_is(part, ".."))
			return true;
	}
	return false;
}

enum post_path_result post_path_find(struct arena *arena, const struct config *config,
				     const struct post_name *name, const struct frontmatter *fm,
				     struct post_head *head)
{
	struct path_parts parts = {name, fm, head->date};
	struct buf out = BUF_EMPTY;
	struct str pattern = permalink_for(config, first_folder(name->folder));
	bool patterned = pattern.n && name->kind == POST_ARTICLE && !fm->url.n;
	bool open = patterned && head->date == TIME_ABSENT && needs_date(pattern);

	if (uri_has_scheme(fm->url) || (!fm->url.n && has_dots(fm->slug)))
		return POST_PATH_NONE;
	if (patterned)
		expand_pattern(&out, pattern, &parts);
	if (open) {
		head->path_dated = arena_str(arena, buf_view(&out));
		buf_reset(&out);
	}
	if (fm->url.n)
		buf_str(&out, fm->url);
	else if (!patterned || open)
		default_path(&out, &parts, name->kind);
	enum post_path_result result = clean(arena, arena_str(arena, buf_view(&out)), &head->path);
	buf_release(&out);
	if (open)
		head->path_undated = head->path;
	return result;
}

void post_path_settle(struct arena *arena, struct post_head *head)
{
	struct buf out = BUF_EMPTY;
	struct str path;

	if (!head->path_dated.n)
		return;
	head->path = head->path_undated;
	if (head->date == TIME_ABSENT)
		return;
	for (size_t i = 0; i < head->path_dated.n; i++) {
		char c = head->path_dated.p[i];
		if (c >= OPEN_YEAR && c <= OPEN_DAY)
			add_date(&out, c, head->date);
		else
			buf_char(&out, c);
	}
	if (clean(arena, arena_str(arena, buf_view(&out)), &path) == POST_PATH_FINE)
		head->path = path;
	buf_release(&out);
}

/* "/posts/x" and "/posts/x/" -> "/posts/". */
static struct str folder_of(struct str path)
{
	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return str_head(path, path.n - str_last(path, '/').n);
}

/* A query or a fragment is no part of the path that a request is for. */
enum post_path_result post_path_alias(struct arena *arena, struct str path, struct str written,
				      struct str paths[POST_PATH_ALIASES], size_t *count)
{
	bool absolute = str_starts(written, "/");
	struct str folder = absolute ? STR_LIT("") : folder_of(path), rooted;

	*count = 0;
	if (!written.n || uri_has_scheme(written) || str_starts(written, "//") ||
	    str_find_char(written, '?') < written.n || str_find_char(written, '#') < written.n)
		return POST_PATH_NONE;
	struct str near = arena_printf(arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(written));
	enum post_path_result result = clean(arena, near, &paths[0]);
	if (result != POST_PATH_FINE)
		return result;
	*count = 1;
	if (folder.n > 1 && written.p[0] != '.' &&
	    clean(arena, written, &rooted) == POST_PATH_FINE)
		paths[(*count)++] = rooted;
	return POST_PATH_FINE;
}
