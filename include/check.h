/* check.h: what an author should know about a post that can be served.
 *
 * Errors that keep a post from being served are post_read()'s; what one post
 * does to another is check_site()'s.  All here are warnings, each with the name
 * of its rule; check_front.h, check_text.h, check_link.h and check_dialect.h
 * list them.
 */
#ifndef CARTOLINA_CHECK_H
#define CARTOLINA_CHECK_H

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "post.h"

/* Appends findings, "path:line:column: warning: message [rule]\n", and facts
 * (check_report.h).  To be called in a rendering child (renderer.h).  Reads the
 * post's file once more, for its front matter. */
void check_post(struct arena *arena, const struct config *config, const struct post *post,
		struct buf *problems);

#endif
