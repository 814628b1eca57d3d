/* layout.h: where the file of a post in some language lies, by the habit of the
 * files that are there already.
 */
#ifndef CARTOLINA_LAYOUT_H
#define CARTOLINA_LAYOUT_H

#include "arena.h"
#include "config.h"
#include "sweep.h"

enum layout_style {
	LAYOUT_BARE,   /* posts/x.md */
	LAYOUT_SUFFIX, /* posts/x.it.md */
	LAYOUT_FOLDER, /* it/posts/x.md */
};

struct layout {
	enum layout_style style;
	bool bundle;          /* posts/x/index.md */
	struct str tag;       /* the language as file names spell it */
	struct str extension; /* "md" */
};

/* Of a file that is there; `tag` is "" for LAYOUT_BARE. */
struct layout layout_of(const struct config *config, struct str file);

/* The file's name below the content folder.  `plain` is what the languages
 * share, without extension: "posts/x", "posts/_index". */
struct str layout_file(struct arena *arena, const struct layout *layout, struct str plain);

/* How a new post lies in a folder ("posts", "" for the top): as most posts in
 * `language` (a position in config->languages) there do, else as those in other
 * languages there, else as the site keeps its languages; with a suffix when
 * nothing tells and there is more than one language. */
struct layout layout_for_new(struct arena *arena, const struct config *config,
			     const struct sweep *sweep, struct str folder, size_t language);

/* The file of a translation, named as the `count` files of its group are (the
 * source first), and where those do not tell, as above. */
struct str layout_translation(struct arena *arena, const struct config *config,
			      const struct sweep *sweep, const struct str *files, size_t count,
			      size_t language);

#endif
