/* check.h: what an author should know about a post that can be served.
 *
 * Errors that keep a post from being served are post_read()'s; these are
 * warnings, each with a rule's name.
 */
#ifndef CARTOLINA_CHECK_H
#define CARTOLINA_CHECK_H

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "post.h"

/* Appends "path:line:column: warning: message [rule]\n".  To be called in a
 * rendering child (renderer.h).
 *
 * markdown/dialect: the reader of this post sees other text with discount than
 * CommonMark would show. */
void check_post(struct arena *arena, const struct config *config, const struct post *post,
		struct buf *problems);

#endif
