/* check_front.h: the front matter of one post, with positions. */
#ifndef CARTOLINA_CHECK_FRONT_H
#define CARTOLINA_CHECK_FRONT_H

#include "check_report.h"
#include "yamltree.h"

#include <stdint.h>

/* The front matter of a whole source file; NULL when there is none, or none that
 * frontmatter_read() takes. */
const struct yaml_node *check_front_tree(struct arena *arena, struct str text);

/* The field that an unknown key was probably meant to be, or NULL.  A known
 * name and more (author_id) is a name of its own, and so is one whose value the
 * field could not take. */
const char *check_front_meant(const struct yaml_node *member);

/* frontmatter/no-title, frontmatter/unknown-key, time/future, time/expired,
 * alias/address, image/missing for its images, and the facts that check_site()
 * needs.
 * text: the whole file; now: seconds since the epoch. */
void check_front(struct check_report *report, const struct config *config, const struct post *post,
		 struct str text, int64_t now);

#endif
