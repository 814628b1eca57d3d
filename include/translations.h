/* translations.h: which translations each post has, and how they stand to the
 * text that they are translations of.  Read from the index, which is brought up
 * to date first.
 */
#ifndef CARTOLINA_TRANSLATIONS_H
#define CARTOLINA_TRANSLATIONS_H

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "post.h"

enum translation_state {
	TRANSLATION_SOURCE,
	TRANSLATION_CURRENT,
	TRANSLATION_UNKNOWN, /* it does not say which text it is a translation of */
	TRANSLATION_STALE,   /* of another text than the source has now */
	TRANSLATION_MISSING,
	TRANSLATION_STATES,
};

struct translation_group {
	struct str name;
	const struct post_head **heads; /* by position in config->languages; NULL for none */
	size_t source;                  /* the language of the source */
};

struct translations {
	struct translation_group *groups; /* in byte order of their names */
	size_t count;
	size_t broken; /* files with errors: seen as they last were good, or not at all */
};

/* Every post and section, drafts too.  The source of a group is the text in the
 * default language, else in the first configured language that there is; one
 * that says itself to be a translation only where all do.  -1 with the reason
 * in err. */
int translations_read(struct arena *arena, const struct config *config, struct translations *out,
		      struct buf *err) __attribute__((warn_unused_result));

enum translation_state translations_state(const struct translation_group *group, size_t language);

/* The group that an author means: by its name, a file of it (below the content
 * folder, or as typed in the working folder), or its address.  NULL for none.
 * *language is that of the file, or -1. */
const struct translation_group *translations_find(const struct config *config,
						  const struct translations *all, struct str name,
						  int *language);

/* The name that was perhaps meant, or NULL. */
const char *translations_nearest(struct arena *arena, const struct translations *all,
				 struct str name);

#endif
