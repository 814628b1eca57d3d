/* reference.c: which file or path a reference in a post means. */
#include "reference.h"

#include "buf.h"
#include "escape.h"
#include "htmlrewrite.h"
#include "uri.h"

#include <dirent.h>
#include <sys/stat.h>

enum { MAX_ENTRIES = 4096 /* of a folder that are looked at */ };

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

static bool is_file(struct arena *arena, const char *content, struct str path)
{
	struct stat st;
	return !stat(arena_printf(arena, "%s%.*s", content, STR_ARG(path)).p, &st) && S_ISREG(st.st_mode);
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
	if (is_file(arena, place->content, translated))
		*file = translated;
	else if (!is_file(arena, place->content, *file))
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
static bool has_source(struct arena *arena, const char *content, struct str path)
{
	struct dirent *entry;
	struct stat st;
	bool found = false;

	path.n -= path.n && path.p[path.n - 1] == '/';
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	struct str stem = str_skip(path, at);
	if (!stem.n || stem.p[0] == '.')
		return false;
	if (!stat(arena_printf(arena, "%s%.*s", content, STR_ARG(path)).p, &st) && S_ISDIR(st.st_mode))
		return true;
	DIR *folder = opendir(arena_printf(arena, "%s%.*s", content, STR_ARG(str_head(path, at))).p);
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
	    (!relative && !has_source(arena, place->content, file)))
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
