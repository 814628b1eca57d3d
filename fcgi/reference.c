/* reference.c: which file or path a reference in a post means. */
#include "reference.h"

#include "buf.h"
#include "escape.h"
#include "htmlrewrite.h"
#include "uri.h"

#include <sys/stat.h>

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

static struct str from_root(struct resolver *r, struct str path, struct str reference)
{
	struct buf out = BUF_EMPTY;

	buf_puts(&out, r->place->mount);
	escape_path(&out, path);
	buf_str(&out, str_skip(reference, path_of(reference).n));
	struct str made = arena_str(r->arena, buf_view(&out));
	buf_release(&out);
	return made;
}

static enum htmlrewrite_what rule(void *context, const struct html_token *tag, struct str name,
				  struct str value, struct str *to)
{
	struct resolver *r = context;
	struct str reference = str_trim(value), file, decoded;
	bool changed;
	(void)tag;

	if (!htmlrewrite_is_address(name) || !is_local(reference))
		return HTMLREWRITE_KEEP;
	bool relative = reference.p[0] != '/';
	if (reference_file(r->arena, reference, r->place, &file)) {
		*to = from_root(r, file, reference);
		/* An absolute reference changes only for a translated file. */
		struct str plain;
		if (!relative && !uri_decode(r->arena, path_of(reference), false, &plain) && str_ends(plain, file.p))
			return HTMLREWRITE_KEEP;
		return HTMLREWRITE_REPLACE;
	}
	if (!relative || !r->place->path.n || uri_decode(r->arena, path_of(reference), false, &decoded))
		return HTMLREWRITE_KEEP;
	decoded = arena_printf(r->arena, "%.*s/%.*s", STR_ARG(r->place->path), STR_ARG(decoded));
	if (uri_normalise(r->arena, decoded, &file, &changed))
		return HTMLREWRITE_KEEP;
	*to = from_root(r, file, reference);
	return HTMLREWRITE_REPLACE;
}

struct str reference_resolve(struct arena *arena, struct str html, const struct reference_place *place)
{
	struct resolver r = {arena, place};

	return htmlrewrite(arena, html, rule, &r);
}
