/* layout.c: file names -> how a folder's authors name their translations.
 *
 * Only names are looked at, so that a post can be placed on a site whose other
 * posts are broken.  A language that front matter alone gives is not seen: such
 * a file counts as one in the default language.
 */
#include "layout.h"

#include "post.h"

struct votes {
	unsigned of[LAYOUT_FOLDER + 1];
};

/* What the files that are there show, seen from one folder and language. */
struct census {
	struct votes here, here_others; /* in the folder: the language's files, the others' */
	struct votes site, site_others;
	unsigned bundles, single;               /* in the folder */
	struct str spelling[LAYOUT_FOLDER + 1]; /* of the language */
};

static struct str without_extension(struct str name, struct str *extension)
{
	size_t dot = name.n;

	while (dot && name.p[dot - 1] != '.')
		dot--;
	*extension = dot ? str_skip(name, dot) : STR_LIT("");
	return dot ? str_head(name, dot - 1) : name;
}

struct layout layout_of(const struct config *config, struct str file)
{
	struct str suffix, first = str_head(file, str_find_char(file, '/'));
	struct layout layout = {.style = LAYOUT_BARE, .tag = STR_LIT("")};

	struct str base = without_extension(str_last(file, '/'), &layout.extension);
	struct str bare = without_extension(base, &suffix);
	/* The suffix is the stronger one where both are there (post.c). */
	if (bare.n && config_language_at(config, suffix) >= 0) {
		layout.style = LAYOUT_SUFFIX;
		layout.tag = suffix;
		base = bare;
	} else if (first.n < file.n && config_language_at(config, first) >= 0) {
		layout.style = LAYOUT_FOLDER;
		layout.tag = first;
	}
	layout.bundle = str_is(base, "index");
	return layout;
}

struct str layout_file(struct arena *arena, const struct layout *layout, struct str plain)
{
	bool folder = layout->style == LAYOUT_FOLDER, suffix = layout->style == LAYOUT_SUFFIX;

	return arena_printf(arena, "%.*s%s%.*s%s%s%s%.*s.%.*s", folder ? (int)layout->tag.n : 0,
			    layout->tag.p, folder ? "/" : "", STR_ARG(plain),
			    layout->bundle && plain.n ? "/" : "", layout->bundle ? "index" : "",
			    suffix ? "." : "", suffix ? (int)layout->tag.n : 0, layout->tag.p,
			    STR_ARG(layout->extension));
}

/* --- habits ------------------------------------------------------------------ */

static void count_file(struct arena *arena, const struct config *config, struct str file,
		       struct str folder, size_t language, struct census *census)
{
	struct post_name name;
	struct layout layout = layout_of(config, file);

	post_parse_name(arena, config, file, &name);
	bool mine = name.lang.n ? str_is(name.lang, config->languages[language].tag)
				: language == 0;
	(mine ? &census->site : &census->site_others)->of[layout.style]++;
	if (mine)
		census->spelling[layout.style] = layout.tag;
	if (!str_eq(name.folder, folder))
		return;
	(mine ? &census->here : &census->here_others)->of[layout.style]++;
	if (name.kind == POST_ARTICLE)
		++*(layout.bundle ? &census->bundles : &census->single);
}

static void take_census(struct arena *arena, const struct config *config, const struct sweep *sweep,
			struct str folder, size_t language, struct census *census)
{
	struct str tag = str_from(config->languages[language].tag);

	*census = (struct census){.spelling = {tag, tag, tag}};
	for (size_t i = 0; i < sweep->count; i++)
		count_file(arena, config, str_from(sweep->files[i].file), folder, language, census);
}

/* Whether any file votes, and for what; `bare` says whether bare names count. */
static bool majority(const struct votes *votes, bool bare, enum layout_style *style)
{
	unsigned most = 0;
	static const enum layout_style order[] = {LAYOUT_SUFFIX, LAYOUT_FOLDER, LAYOUT_BARE};

	for (size_t i = 0; i < (bare ? 3 : 2); i++) {
		if (votes->of[order[i]] > most) {
			most = votes->of[order[i]];
			*style = order[i];
		}
	}
	return most > 0;
}

/* Where the others have folders, the default language may have none. */
static enum layout_style in_folders(const struct census *census, size_t language)
{
	return language == 0 && census->site.of[LAYOUT_BARE] > census->site.of[LAYOUT_FOLDER]
		       ? LAYOUT_BARE
		       : LAYOUT_FOLDER;
}

static enum layout_style habit(const struct config *config, const struct census *census,
			       size_t language)
{
	enum layout_style style;

	if (majority(&census->here, true, &style))
		return style;
	if (majority(&census->here_others, false, &style))
		return style == LAYOUT_FOLDER ? in_folders(census, language) : style;
	if (census->site.of[LAYOUT_FOLDER] + census->site_others.of[LAYOUT_FOLDER] >
	    census->site.of[LAYOUT_SUFFIX] + census->site_others.of[LAYOUT_SUFFIX])
		return in_folders(census, language);
	return config->language_count > 1 ? LAYOUT_SUFFIX : LAYOUT_BARE;
}

struct layout layout_for_new(struct arena *arena, const struct config *config,
			     const struct sweep *sweep, struct str folder, size_t language)
{
	struct census census;

	take_census(arena, config, sweep, folder, language, &census);
	enum layout_style style = habit(config, &census, language);
	return (struct layout){
		.style = style,
		.bundle = census.bundles > census.single,
		.tag = census.spelling[style],
		.extension = STR_LIT("md"),
	};
}

/* --- translations ------------------------------------------------------------ */

static enum layout_style habit_of_group(const struct config *config, const struct census *census,
					const struct str *files, size_t count, size_t language)
{
	enum layout_style style;
	struct votes votes = {{0}};

	for (size_t i = 0; i < count; i++)
		votes.of[layout_of(config, files[i]).style]++;
	if (!majority(&votes, false, &style))
		return habit(config, census, language);
	/* The default language's files may be named otherwise than translations. */
	if (language == 0 && census->here.of[LAYOUT_BARE] + census->here.of[LAYOUT_SUFFIX] +
				     census->here.of[LAYOUT_FOLDER])
		return habit(config, census, language);
	return style == LAYOUT_FOLDER ? in_folders(census, language) : style;
}

struct str layout_translation(struct arena *arena, const struct config *config,
			      const struct sweep *sweep, const struct str *files, size_t count,
			      size_t language)
{
	struct post_name name;
	struct census census;
	struct layout layout = layout_of(config, files[0]);

	post_parse_name(arena, config, files[0], &name);
	take_census(arena, config, sweep, name.folder, language, &census);
	layout.style = habit_of_group(config, &census, files, count, language);
	layout.tag = census.spelling[layout.style];
	struct str file = layout_file(arena, &layout, name.group);
	for (size_t i = 0; i < count; i++) {
		/* A bare name whose front matter gives another language. */
		if (str_eq(file, files[i])) {
			layout.style = LAYOUT_SUFFIX;
			layout.tag = census.spelling[LAYOUT_SUFFIX];
			return layout_file(arena, &layout, name.group);
		}
	}
	return file;
}
