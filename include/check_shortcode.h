/* check_shortcode.h: rules over Hugo's shortcodes in one post. */
#ifndef CARTOLINA_CHECK_SHORTCODE_H
#define CARTOLINA_CHECK_SHORTCODE_H

#include "check_report.h"
#include "shortcode.h"

/* Appends to html what readers are shown, as shortcode_render() does, and
 * reports shortcode/unknown, shortcode/broken and, where a ref leads nowhere,
 * link/broken. */
int check_shortcode(struct check_report *report, struct shortcode_context context,
		    struct buf *html, struct buf *err) __attribute__((warn_unused_result));

#endif
