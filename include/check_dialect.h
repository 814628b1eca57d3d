/* check_dialect.h: where discount shows another text than CommonMark would. */
#ifndef CARTOLINA_CHECK_DIALECT_H
#define CARTOLINA_CHECK_DIALECT_H

#include "check_report.h"
#include "config.h"

/* markdown/dialect.  html: what discount made of the source. */
void check_dialect(struct check_report *report, const struct config *config, struct str html);

#endif
