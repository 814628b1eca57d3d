/* check_shortcode.c: problems that shortcode.c meets -> findings.
 *
 * Knows no shortcode: what is wrong with one is told while it is rendered.
 */
#include "check_shortcode.h"

static void tell(void *reporting, struct str name, size_t offset, enum shortcode_problem problem)
{
	static const struct {
		const char *rule, *message;
	} messages[] = {
		[SHORTCODE_UNKNOWN] = {"shortcode/unknown",
				       "is none of Hugo's own: of it only what it encloses is shown"},
		[SHORTCODE_UNCLOSED] = {"shortcode/broken", "is never closed, and shows nothing"},
		[SHORTCODE_UNOPENED] = {"shortcode/broken", "closes nothing"},
		[SHORTCODE_MALFORMED] = {"shortcode/broken", "does not end well, and is shown as it is written"},
		[SHORTCODE_NO_ARGUMENT] = {"shortcode/broken", "lacks the argument that it needs"},
		[SHORTCODE_NO_TARGET] = {"link/broken", "leads to no post"},
		[SHORTCODE_NO_VALUE] = {"shortcode/broken", "asks for what the front matter does not have"},
	};
	struct check_report *report = reporting;

	check_report_at(report, offset, messages[problem].rule, "the shortcode %s %s",
			check_report_shown(report->arena, name), messages[problem].message);
}

int check_shortcode(struct check_report *report, struct shortcode_context context,
		    struct buf *html, struct buf *err)
{
	context.report = tell;
	context.reporting = report;
	return shortcode_render(report->arena, report->source, &context, html, err);
}
