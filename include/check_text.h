/* check_text.h: rules over the Markdown of one post. */
#ifndef CARTOLINA_CHECK_TEXT_H
#define CARTOLINA_CHECK_TEXT_H

#include "check_report.h"
#include "check_source.h"

/* divider/first, divider/second, divider/in-code, reference/undefined,
 * footnote/undefined and, where raw HTML is allowed, html/unbalanced.  html is
 * what became of the source, with its dividers: what a reader does not see in
 * it is not reported. */
void check_text(struct check_report *report, const struct check_source *source, struct str html,
		bool raw_html);

#endif
