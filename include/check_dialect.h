/* check_dialect.h: where discount shows another text than CommonMark would. */
#ifndef CARTOLINA_CHECK_DIALECT_H
#define CARTOLINA_CHECK_DIALECT_H

#include "check_report.h"
#include "shortcode.h"

/* markdown/dialect.  html: what discount made of the source, with the same
 * shortcodes. */
void check_dialect(struct check_report *report, struct shortcode_context context, struct str html);

#endif
