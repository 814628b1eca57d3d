/* check_link.h: where the links and images of one post lead. */
#ifndef CARTOLINA_CHECK_LINK_H
#define CARTOLINA_CHECK_LINK_H

#include "check_report.h"
#include "check_source.h"
#include "config.h"
#include "reference.h"

/* image/missing, image/no-alt, and CHECK_FACT_LINK for every link into this
 * site that is no file of it: only all the posts together know whether there
 * is one.  html is what the Markdown engine made of the source: what is no link
 * or image there is none, but for the shortcode figure, whose image and link count
 * as if they were written in Markdown.  Leaves out what has a scheme or a host, and what
 * does not lie below the mount. */
void check_link(struct check_report *report, const struct config *config, const struct post *post,
		const struct check_source *source, struct str html);

/* Where the post stands, for its references. */
struct reference_place check_link_place(struct arena *arena, const struct config *config,
					const struct post *post);

/* image/missing for one address in the front matter. */
void check_link_image(struct check_report *report, const struct config *config,
		      const struct post *post, struct str address, unsigned line, unsigned column);

#endif
