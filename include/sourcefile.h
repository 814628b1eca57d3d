/* sourcefile.h: an author's own file, read and written so that nothing is lost. */
#ifndef CARTOLINA_SOURCEFILE_H
#define CARTOLINA_SOURCEFILE_H

#include "buf.h"

#include <sys/stat.h>

/* A file as it was at one moment. */
struct sourcefile {
	char *path;        /* with every symbolic link followed */
	const char *shown; /* its name in messages; the caller's */
	struct buf text;
	struct stat st;
};

/* All of these: 0, or -1 after appending "shown: reason\n" to err. */

/* Reads at most `limit` bytes; 0 means no limit.  To be released also after a
 * failure. */
int sourcefile_read(const char *path, const char *shown, size_t limit, struct sourcefile *out, struct buf *err)
	__attribute__((warn_unused_result));
void sourcefile_release(struct sourcefile *file);

/* Makes a file that is not there yet, with the folders on its way. */
int sourcefile_create(const char *path, struct str text, struct buf *err)
	__attribute__((warn_unused_result));

enum sourcefile_time { SOURCEFILE_NEW_TIME, SOURCEFILE_SAME_TIME };

/* Puts another text in the place of what was read, whole or not at all; mode
 * and group stay, the owner where that is allowed, the time if asked for.
 * Refuses when the file was changed meanwhile, may not be written, has several
 * names (hard links: the others would keep the old text), or would leave its group. */
int sourcefile_replace(const struct sourcefile *file, struct str text, enum sourcefile_time time, struct buf *err)
	__attribute__((warn_unused_result));

#endif
