/* check_site.h: rules over all the posts of a site together. */
#ifndef CARTOLINA_CHECK_SITE_H
#define CARTOLINA_CHECK_SITE_H

#include "check_report.h"
#include "config.h"
#include "post.h"

struct check_file {
	const char *file; /* below the content folder */
	bool rendered;    /* post_read() took it; else head is empty */
	struct post_head head;
	struct post_name name; /* unless rendered: all that is known; by check_site() */
	struct check_fact *facts;
	size_t fact_count, fact_room;
	struct buf findings; /* lines; the caller's to release */
};

/* Takes what a rendering child said of a file: findings stay findings, facts
 * become facts.  head: packed, or empty. */
void check_site_take(struct arena *arena, struct check_file *file, struct str head,
		     struct str problems);

/* path/clash, alias/clash (errors), link/broken, and check_translation.h's
 * rules.  files: all, in byte order of their names. */
void check_site(struct arena *arena, const struct config *config, struct check_file *files,
		size_t count);

/* For the rules: appends a finding to a file's. */
void check_site_say(struct arena *arena, const struct config *config, struct check_file *file,
		    const struct check_fact *where, const char *level, const char *rule,
		    const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Where a file says something itself: the fact about the first of the
 * NULL-terminated keys that it has, or NULL. */
const struct check_fact *check_site_place(const struct check_file *file, const char *const *keys);

#endif
