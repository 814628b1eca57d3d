/* reference.c: which file or path a reference in a post means. */
#include "reference.h"

#include "buf.h"
#include "escape.h"
#include "hash.h"
#include "htmlrewrite.h"
#include "uri.h"

#include <dirent.h>
#include <stdlib.h>

enum {
	MAX_ENTRIES = 4096,     /* of a folder that are looked at */
	ASKED_LIMIT = 32 * 1024 /* bytes of paths that are remembered of one post */
};

struct resolver {
	struct arena *arena;
	const struct reference_place *place;
};

/* A reference into this site, without scheme, host, or only a fragment. */
static bool is_local(struct str reference)
{
	return reference.n && reference.p[0] != '#' && reference.p[0] != '?' && !str_starts(reference, "//") &&
	       !uri_has_scheme(reference);
}

static struct str path_of(struct str reference)
{
	size_t query = str_find_char(reference, '?'), fragment = str_find_char(reference, '#');
	return str_head(reference, query < fragment ? query : fragment);
}

/* --- what a post's HTML depends on --------------------------------------------------------- */

static bool is_source(struct str path)
{
	return str_ends(path, ".md") || str_ends(path, ".markdown");
}

/* st: NULL where there is nothing.  A folder with a dot in its name, and what is no
 * plain file, count as nothing: a sweep does not tell of them. */
static uint64_t state_of(struct str path, const struct stat *st)
{
	struct str last = str_last(path, '/');
	int64_t facts[] = {1, 0, 0};

	if (!st || (S_ISDIR(st->st_mode) && str_find_char(last, '.') < last.n))
		return 0;
	if (S_ISREG(st->st_mode) && !is_source(path)) {
		facts[0] = st->st_size;
		facts[1] = st->st_mtim.tv_sec;
		facts[2] = st->st_mtim.tv_nsec + 1;
	} else if (!S_ISDIR(st->st_mode) && !is_source(path)) {
		return 0;
	}
	return hash64_add(hash64(path), (struct str){(const char *)facts, sizeof(facts)});
}

mode_t reference_look(struct arena *arena, const struct reference_place *place, struct str path)
{
	struct stat st;
	bool found = !stat(arena_printf(arena, "%s%.*s", place->content, STR_ARG(path)).p, &st);

	if (place->asked && str_find_char(path, '\n') == path.n)
		buf_printf(place->asked, "%.*s\t%llx\n", STR_ARG(path),
			   (unsigned long long)state_of(path, found ? &st : NULL));
	return found ? st.st_mode : 0;
}

static int compare_lines(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

struct str reference_asked(struct arena *arena, struct str asked, uint64_t *state)
{
	struct buf out = BUF_EMPTY;
	size_t count = 0;

	*state = 0;
	for (size_t i = 0; i < asked.n; i++)
		count += asked.p[i] == '\n';
	struct str *lines = ARENA_ARRAY(arena, count + 1, struct str), rest = asked;
	count = 0;
	while (rest.n)
		lines[count++] = str_cut(&rest, '\n');
	if (count)
		qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++) {
		struct str path = lines[i], number;
		if (i && str_eq(lines[i], lines[i - 1]))
			continue;
		path.n -= (number = str_last(lines[i], '\t')).n + 1;
		if (out.n + path.n + 1 > ASKED_LIMIT)
			break;
		*state += strtoull(arena_z(arena, number), NULL, 16);
		buf_str(&out, path);
		buf_char(&out, '\n');
	}
	struct str paths = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return paths;
}

uint64_t reference_state(struct str paths, reference_stat *find, void *context)
{
	uint64_t state = 0;

	while (paths.n) {
		struct str path = str_cut(&paths, '\n');
		struct stat st;
		state += state_of(path, find(context, path, &st) ? &st : NULL);
	}
	return state;
}

/* --- files ---------------------------------------------------------------------------------- */

static bool is_file(struct arena *arena, const struct reference_place *place, struct str path)
{
	return S_ISREG(reference_look(arena, place, path));
}

/* "/a/photo.jpg" -> "/a/photo.it.jpg" */
static struct str in_language(struct arena *arena, struct str path, const char *lang)
{
	size_t dot = path.n;

	while (dot && path.p[dot - 1] != '.' && path.p[dot - 1] != '/')
		dot--;
	if (!dot || path.p[dot - 1] == '/')
		return path;
	return arena_printf(arena, "%.*s%s.%.*s", STR_ARG(str_head(path, dot)), lang, STR_ARG(str_skip(path, dot)));
}

bool reference_file(struct arena *arena, struct str reference, const struct reference_place *place,
		    struct str *file)
{
	struct str decoded, mount = str_from(place->mount);
	bool changed;

	if (!is_local(reference) || uri_decode(arena, path_of(reference), false, &decoded) || !decoded.n)
		return false;
	if (decoded.p[0] != '/')
		decoded = arena_printf(arena, "/%.*s%s%.*s", STR_ARG(place->folder), place->folder.n ? "/" : "",
				       STR_ARG(decoded));
	else if (mount.n && str_starts(decoded, place->mount) && str_starts(str_skip(decoded, mount.n), "/"))
		decoded = str_skip(decoded, mount.n);
	if (uri_normalise(arena, decoded, file, &changed))
		return false;
	struct str translated = in_language(arena, *file, place->lang);
	if (is_file(arena, place, translated))
		*file = translated;
	else if (!is_file(arena, place, *file))
		return false;
	return true;
}

static struct str from_root(struct arena *arena, const struct reference_place *place, struct str path,
			    struct str reference)
{
	struct buf out = BUF_EMPTY;

	buf_puts(&out, place->mount);
	escape_path(&out, path);
	buf_str(&out, str_skip(reference, path_of(reference).n));
	struct str made = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return made;
}

/* --- from the root, though the site is below a path ---------------------------------------- */

static bool is_below_mount(const struct reference_place *place, struct str path)
{
	struct str mount = str_from(place->mount);
	return str_starts(path, place->mount) && (path.n == mount.n || path.p[mount.n] == '/');
}

static bool is_date(struct str text)
{
	static const char form[] = "0000-00-00-";

	if (text.n < strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? text.p[i] != '-' : !ascii_digit(text.p[i]))
			return false;
	return true;
}

static bool starts_with_part(struct str name, struct str stem)
{
	return name.n > stem.n && name.p[stem.n] == '.' && str_eq(str_head(name, stem.n), stem);
}

/* "x.it.md" and "2020-04-28-x.md" for "x" */
static bool is_source_of(struct str name, struct str stem)
{
	struct str undated = is_date(name) ? str_skip(name, strlen("0000-00-00-")) : name;

	return (starts_with_part(name, stem) || starts_with_part(undated, stem)) &&
	       (str_ends(name, ".md") || str_ends(name, ".markdown"));
}

/* Whether the content folder has a post or a section of that name. */
static bool has_source(struct arena *arena, const struct reference_place *place, struct str path)
{
	struct dirent *entry;
	bool found = false;

	path.n -= path.n && path.p[path.n - 1] == '/';
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	struct str stem = str_skip(path, at);
	if (!stem.n || stem.p[0] == '.')
		return false;
	if (S_ISDIR(reference_look(arena, place, path)) ||
	    reference_look(arena, place, arena_printf(arena, "%.*s.md", STR_ARG(path))) ||
	    reference_look(arena, place, arena_printf(arena, "%.*s.%s.md", STR_ARG(path), place->lang)))
		return true;
	DIR *folder = opendir(arena_printf(arena, "%s%.*s", place->content, STR_ARG(str_head(path, at))).p);
	for (int i = 0; folder && !found && i < MAX_ENTRIES && (entry = readdir(folder)); i++)
		found = is_source_of(str_from(entry->d_name), stem);
	if (folder)
		closedir(folder);
	return found;
}

/* --- references ----------------------------------------------------------------------------- */

/* A file; another one than was written only in the post's own language, or when
 * the author forgot the mount. */
static bool to_file(struct arena *arena, struct str reference, struct str file,
		    const struct reference_place *place, struct str *to)
{
	struct str plain;

	*to = from_root(arena, place, file, reference);
	return reference.p[0] != '/' || uri_decode(arena, path_of(reference), false, &plain) ||
	       !is_below_mount(place, plain) || !str_ends(plain, file.p);
}

bool reference_address(struct arena *arena, struct str reference, const struct reference_place *place,
		       struct str *to)
{
	struct str file, decoded;
	bool changed;

	if (!is_local(reference))
		return false;
	if (reference_file(arena, reference, place, &file))
		return to_file(arena, reference, file, place, to);
	if (uri_decode(arena, path_of(reference), false, &decoded))
		return false;
	bool relative = reference.p[0] != '/';
	if (relative && !place->path.n)
		return false;
	if (relative)
		decoded = arena_printf(arena, "%.*s/%.*s", STR_ARG(place->path), STR_ARG(decoded));
	else if (is_below_mount(place, decoded))
		return false;
	if (uri_normalise(arena, decoded, &file, &changed) ||
	    (!relative && !has_source(arena, place, file)))
		return false;
	*to = from_root(arena, place, file, reference);
	return true;
}

static enum htmlrewrite_what rule(void *context, const struct html_token *tag, struct str name,
				  struct str value, struct str *to)
{
	struct resolver *r = context;
	(void)tag;

	return htmlrewrite_is_address(name) && reference_address(r->arena, str_trim(value), r->place, to)
		       ? HTMLREWRITE_REPLACE
		       : HTMLREWRITE_KEEP;
}

struct str reference_resolve(struct arena *arena, struct str html, const struct reference_place *place)
{
	struct resolver r = {arena, place};

	return htmlrewrite(arena, html, rule, &r);
}
