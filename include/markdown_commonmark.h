/* markdown_commonmark.h: the CommonMark + GFM engine behind markdown.h. */
#ifndef CARTOLINA_MARKDOWN_COMMONMARK_H
#define CARTOLINA_MARKDOWN_COMMONMARK_H

#include "markdown.h"

/* Same contract as markdown_render(); options->engine is not looked at. */
int markdown_commonmark(struct str body, const struct markdown_options *options, struct buf *html,
			struct buf *err) __attribute__((warn_unused_result));

#endif
