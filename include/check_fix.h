/* check_fix.h: mends what has one safe way of being mended.
 *
 * yaml/colon: the value is put in quotes.  frontmatter/unknown-key: renamed,
 * when the field that was meant is not there.  divider/first, divider/second:
 * the line goes, when nothing else stands on it.  Line ends, a byte order mark
 * and everything else stay byte for byte.
 */
#ifndef CARTOLINA_CHECK_FIX_H
#define CARTOLINA_CHECK_FIX_H

#include "arena.h"
#include "buf.h"
#include "check_site.h"
#include "config.h"

struct check_fix_line {
	struct str before, after; /* with their line ends */
	bool changed, removed;    /* removed: changed, and there is no `after` */
};

struct check_fix {
	const char *file; /* below the content folder */
	struct str before, after;
	struct check_fix_line *lines;
	size_t line_count;
};

/* A source text and what was found in it -> a better text.  False when there is
 * nothing that it understands. */
bool check_fix_text(struct arena *arena, struct str text, struct str findings,
		    struct check_fix *fix);

/* The same for all files; keeps only what readers see as before (or what nobody
 * saw, because it was refused).  -1 when no renderer could be started. */
int check_fix_plan(struct arena *arena, const struct config *config, const struct check_file *files,
		   size_t count, struct check_fix **fixes, size_t *fix_count, struct buf *err)
	__attribute__((warn_unused_result));

/* Appends a unified diff that `patch -p1` takes. */
void check_fix_diff(struct arena *arena, const struct config *config, const struct check_fix *fix,
		    struct buf *out);

/* Writes the new text beside the file and renames it: mode, owner and time stay.
 * -1, with the reason in err, when the file is another one by now, has several
 * names (hard links), or cannot be written; it is then as it was. */
int check_fix_write(struct arena *arena, const struct config *config, const struct check_fix *fix,
		    struct buf *err) __attribute__((warn_unused_result));

#endif
