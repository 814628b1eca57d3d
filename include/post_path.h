/* post_path.h: the addresses of a post. */
#ifndef CARTOLINA_POST_PATH_H
#define CARTOLINA_POST_PATH_H

#include "frontmatter.h"
#include "post.h"

enum post_path_result {
	POST_PATH_FINE,
	POST_PATH_NONE,     /* what the author wrote gives none */
	POST_PATH_RESERVED, /* the program's own */
};

/* Fills head->path: `url`, or the section's permalink pattern, or the file's
 * path.  head->date must be set.  Where the pattern needs a date that the post
 * does not have, head->path_undated and path_dated are filled too. */
enum post_path_result post_path_find(struct arena *arena, const struct config *config,
				     const struct post_name *name, const struct frontmatter *fm,
				     struct post_head *head);

/* Fills head->path again when it depends on a date that its sibling gives;
 * head->date is that date, or TIME_ABSENT. */
void post_path_settle(struct arena *arena, struct post_head *head);

enum { POST_PATH_ALIASES = 2 };

/* An alias as requests are compared with it.  Without a slash in front it is
 * meant from where the post at `path` is, as Hugo has it, and from the root, as
 * Zola has it, unless it begins with a dot: "old.html" of "/posts/x" is
 * "/posts/old.html" and "/old.html".  *count of `paths` are filled, the nearest
 * first.  POST_PATH_NONE for what no request can be for. */
enum post_path_result post_path_alias(struct arena *arena, struct str path, struct str written,
				      struct str paths[POST_PATH_ALIASES], size_t *count);

#endif
