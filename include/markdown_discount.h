/* markdown_discount.h: the discount engine behind markdown.h, with the passes
 * before and after it that make it show posts as CommonMark means them. */
#ifndef CARTOLINA_MARKDOWN_DISCOUNT_H
#define CARTOLINA_MARKDOWN_DISCOUNT_H

#include "markdown.h"

/* Same contract as markdown_render(); options->engine is not looked at. */
int markdown_discount(struct str body, const struct markdown_options *options, struct buf *html,
		      struct buf *err) __attribute__((warn_unused_result));

#endif
