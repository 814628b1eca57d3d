/* reference.h: relative references in an article -> references from the root.
 *
 * An excerpt stands on lists, in feeds and in other people's pages, where a
 * relative reference would mean something else.  A file beside the post is
 * meant first (as on GitHub), then what Hugo means: relative to the post's own
 * address with a slash behind it.  An image that exists in the post's
 * language, photo.it.jpg, goes before photo.jpg.
 *
 * On a site below a path one from the root that forgets the mount means this
 * site where the content folder has a file, a post or a section of that name,
 * and otherwise whatever else is on the host.
 */
#ifndef CARTOLINA_REFERENCE_H
#define CARTOLINA_REFERENCE_H

#include "arena.h"
#include "buf.h"

#include <sys/stat.h>

struct reference_place {
	const char *content; /* folder */
	const char *mount;
	const char *lang;
	struct str folder;   /* of the source file, below content */
	struct str path;     /* of the post, below the mount; "" leaves what no file is found for */
	struct buf *asked;   /* NULL, or gets a line for each file that was looked for */
};

/* What kind of file is at a path below content, which begins with a slash: its
 * st_mode, 0 for none. */
mode_t reference_look(struct arena *arena, const struct reference_place *place, struct str path);

/* Of place.asked: the paths, each once, a line each; *state tells how those files
 * were when they were looked for. */
struct str reference_asked(struct arena *arena, struct str asked, uint64_t *state);
/* How they are now, by find(), which is as stat() for a path below content: another
 * number when one came, went or has other bytes.  Of posts and folders only whether
 * they are there counts. */
typedef bool reference_stat(void *context, struct str path, struct stat *st);
uint64_t reference_state(struct str paths, reference_stat *find, void *context);

/* The same reference from the root; false when it stays as it is. */
bool reference_address(struct arena *arena, struct str reference, const struct reference_place *place,
		       struct str *to);

/* All of an HTML text. */
struct str reference_resolve(struct arena *arena, struct str html, const struct reference_place *place);

/* The file that a reference means, below content ("/posts/photo.jpg"), if there
 * is one; false otherwise.  Absolute ones begin with the mount. */
bool reference_file(struct arena *arena, struct str reference, const struct reference_place *place,
		    struct str *file);

#endif
