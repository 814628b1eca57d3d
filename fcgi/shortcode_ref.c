/* shortcode_ref.c: a reference to a post -> its address.
 *
 * In:  what an author wrote in ref or relref, and the content folder as it is.
 * Out: the path that the post has by its file's name (the naming rules are
 *      post.c's; without the configuration a part of a name is a language where
 *      it is one of those at hand).
 * Reads no file and knows no index: this runs while an index is being made.
 */
#include "shortcode_ref.h"

#include "buf.h"
#include "date.h"
#include "escape.h"
#include "uri.h"

#include <dirent.h>
#include <sys/stat.h>

enum {
	MAX_ENTRIES = 4096, /* of a folder that are looked at */
	MAX_TAG = 35,       /* bytes of a language tag */
};

struct seeking {
	struct arena *arena;
	const struct reference_place *place;
	const char *default_lang;
	struct str lang; /* wanted, or what there is instead */
	bool asked;      /* for that language, by the author */
	struct str file; /* found: below content, "/posts/x.it.md" */
};

/* --- files ------------------------------------------------------------------ */

static bool is_kind(const struct seeking *s, struct str path, mode_t kind)
{
	return (reference_look(s->arena, s->place, path) & S_IFMT) == kind;
}

static bool try_file(struct seeking *s, struct str stem, const char *infix, struct str lang,
		     const char *end)
{
	struct str file = arena_printf(s->arena, "%.*s%s%s%.*s%s", STR_ARG(stem), infix,
				       lang.n ? "." : "", STR_ARG(lang), end);

	if (!is_kind(s, file, S_IFREG))
		return false;
	s->file = file;
	return true;
}

/* A translation into some other language: stem.xx.md, the first by name. */
static bool try_other_language(struct seeking *s, struct str stem)
{
	size_t at = stem.n - str_last(stem, '/').n;
	struct str start = str_skip(stem, at), best = STR_LIT("");
	DIR *folder = opendir(arena_printf(s->arena, "%s%.*s", s->place->content,
					   STR_ARG(str_head(stem, at))).p);
	struct dirent *entry;

	for (int i = 0; folder && i < MAX_ENTRIES && (entry = readdir(folder)); i++) {
		struct str name = str_from(entry->d_name), rest = str_skip(name, start.n);
		bool named = str_eq(str_head(name, start.n), start) && str_starts(rest, ".");
		bool one_part = rest.n > 5 && str_ends(rest, ".md") &&
				str_find_char(str_skip(rest, 1), '.') == rest.n - 4;
		if (!named || !one_part)
			continue;
		if (!best.n || str_compare(name, best) < 0)
			best = arena_str(s->arena, name);
	}
	if (folder)
		closedir(folder);
	if (!best.n || !try_file(s, str_head(stem, at), best.p, STR_LIT(""), ""))
		return false;
	s->lang = (struct str){best.p + start.n + 1, best.n - start.n - 4};
	return true;
}

/* stem: "/posts/x".  The wanted language goes before no language. */
static bool try_stem(struct seeking *s, struct str stem)
{
	static const char *const infixes[] = {"", "/index", "/_index"};
	struct str none = STR_LIT("");

	for (size_t i = 0; i < sizeof(infixes) / sizeof(infixes[0]); i++)
		if (try_file(s, stem, infixes[i], s->lang, ".md") ||
		    try_file(s, stem, infixes[i], none, ".md") ||
		    try_file(s, stem, infixes[i], none, ".markdown"))
			return true;
	if (try_other_language(s, stem))
		return true;
	s->file = arena_printf(s->arena, "%.*s/_index.md", STR_ARG(stem));
	return is_kind(s, stem, S_IFDIR); /* a section has a list, with or without a text */
}

/* A path from the content folder, or from that of the language in it. */
static bool try_rooted(struct seeking *s, struct str path)
{
	struct str stem;
	bool changed;

	if (uri_normalise(s->arena, path, &stem, &changed))
		return false;
	if (stem.p[stem.n - 1] == '/')
		stem.n--;
	struct str there = arena_printf(s->arena, "/%.*s%.*s", STR_ARG(s->lang), STR_ARG(stem));
	return try_stem(s, there) || try_stem(s, stem);
}

/* A bare name in some folder right below the content folder. */
static bool try_sections(struct seeking *s, struct str name)
{
	DIR *folder = opendir(s->place->content);
	struct dirent *entry;
	bool found = false;

	for (int i = 0; folder && !found && i < MAX_ENTRIES && (entry = readdir(folder)); i++) {
		struct str section = arena_printf(s->arena, "/%s", entry->d_name);
		struct str path = arena_printf(s->arena, "/%s/%.*s", entry->d_name, STR_ARG(name));
		if (entry->d_name[0] != '.' && is_kind(s, section, S_IFDIR))
			found = try_rooted(s, path);
	}
	if (folder)
		closedir(folder);
	return found;
}

static bool find_file(struct seeking *s, struct str to)
{
	struct str folder = s->place->folder;
	size_t end = str_ends(to, ".md") ? 3 : str_ends(to, ".markdown") ? 9 : 0;
	struct str stem = str_head(to, to.n - end);
	struct str beside = arena_printf(s->arena, "/%.*s/%.*s", STR_ARG(folder), STR_ARG(stem));

	if (str_starts(stem, "/"))
		return try_rooted(s, stem);
	return stem.n && (try_rooted(s, beside) ||
	       try_rooted(s, arena_printf(s->arena, "/%.*s", STR_ARG(stem))) ||
	       (str_find_char(stem, '/') == stem.n && stem.p[0] != '.' && try_sections(s, stem)));
}

/* --- addresses ----------------------------------------------------------------- */

static bool is_language(const struct seeking *s, struct str part)
{
	return part.n && (str_eq_fold(part, s->lang) || str_is_fold(part, s->place->lang) ||
			  (s->default_lang && str_is_fold(part, s->default_lang)));
}

/* A suffix that the author wrote: "x.fr.md" is French if "x" is there too. */
static bool is_suffix(const struct seeking *s, struct str stem, size_t dot)
{
	struct str part = str_skip(stem, dot), bare = str_head(stem, dot - 1);
	struct seeking other = *s;

	if (is_language(s, part))
		return true;
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] < 'a' || part.p[i] > 'z')
			return false;
	return (part.n == 2 || part.n == 3) &&
	       (try_file(&other, bare, "", STR_LIT(""), ".md") ||
		try_file(&other, bare, "", str_from(s->place->lang), ".md"));
}

static struct str cut_date(struct str name)
{
	int64_t seconds;
	bool dated = name.n >= 12 && name.p[4] == '-' && name.p[10] == '-' &&
		     !date_parse(str_head(name, 10), &seconds);

	return dated ? str_skip(name, 11) : name;
}

/* "/it/posts/2020-04-28-x.it.md" -> "/posts/x", and the language its name gives. */
static struct str path_of_file(const struct seeking *s, struct str *lang)
{
	struct str stem = str_head(s->file, s->file.n - (str_ends(s->file, ".md") ? 3 : 9));
	struct str rest = str_skip(stem, 1), first = str_cut(&rest, '/');
	size_t dot = stem.n;

	*lang = STR_LIT("");
	if (rest.n && is_language(s, first)) {
		*lang = first;
		stem = str_skip(stem, first.n + 1);
	}
	while (dot && stem.p[dot - 1] != '.' && stem.p[dot - 1] != '/')
		dot--;
	bool suffixed = dot > 1 && stem.p[dot - 1] == '.' && stem.p[dot - 2] != '/';
	if (suffixed && is_suffix(s, stem, dot)) {
		*lang = str_skip(stem, dot);
		stem.n = dot - 1;
	}
	size_t at = stem.n - str_last(stem, '/').n;
	struct str name = str_skip(stem, at);
	if (str_is(name, "_index"))
		return str_head(stem, at);
	if (str_is(name, "index") && at > 1) {
		stem.n = at - 1;
		at = stem.n - str_last(stem, '/').n;
		name = str_skip(stem, at);
	}
	name = cut_date(name);
	return arena_printf(s->arena, "%.*s%.*s", (int)at, stem.p, STR_ARG(name));
}

/* The default language has the bare path, the others say which they are. */
static bool needs_language(const struct seeking *s, struct str lang)
{
	if (!s->default_lang)
		return s->asked && !str_is_fold(s->lang, s->place->lang);
	return (lang.n || s->asked) && !str_is_fold(lang.n ? lang : s->lang, s->default_lang);
}

static struct str address(const struct seeking *s, struct str fragment)
{
	struct buf out = BUF_EMPTY;
	struct str lang, path = path_of_file(s, &lang);

	buf_puts(&out, s->place->mount);
	escape_path(&out, path);
	if (needs_language(s, lang)) {
		buf_puts(&out, "?lang=");
		escape_query(&out, lang.n ? lang : s->lang);
	}
	buf_str(&out, fragment);
	struct str made = arena_str(s->arena, buf_view(&out));
	buf_release(&out);
	return made;
}

static bool is_tag(struct str lang)
{
	for (size_t i = 0; i < lang.n; i++)
		if (!ascii_alnum(lang.p[i]) && lang.p[i] != '-')
			return false;
	return lang.n && lang.n <= MAX_TAG;
}

bool shortcode_ref(struct arena *arena, const struct reference_place *place,
		   const char *default_lang, struct str to, struct str lang, struct str *url)
{
	size_t mark = str_find_char(to, '#');
	struct str path = str_head(to, mark);
	struct seeking s = {
		.arena = arena,
		.place = place,
		.default_lang = default_lang,
		.lang = is_tag(lang) ? lang : str_from(place->lang),
		.asked = is_tag(lang),
	};

	*url = to;
	if (!path.n || uri_has_scheme(to) || str_starts(to, "//"))
		return true;
	if (!place->content || !place->content[0] || !find_file(&s, path))
		return false;
	*url = address(&s, str_skip(to, mark));
	return true;
}
