/* safehtml.h: for fuzzers of what safe mode writes: no tag, no attribute and
 * no comment that is not expected.  Header only, for one program each.
 */
#ifndef TESTS_SAFEHTML_H
#define TESTS_SAFEHTML_H

#include "html.h"
#include "markdown.h"

#include <assert.h>

/* What Markdown makes. */
#define SAFEHTML_TAGS                                                                                \
	"p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code em strong del a img br hr table " \
	"thead tbody tr th td sup div input "
#define SAFEHTML_ATTRIBUTES "href src alt title id class role start type checked disabled style "

static inline bool safehtml_among(struct str word, const char *list)
{
	struct str rest = str_from(list);

	while (rest.n)
		if (str_eq(str_cut(&rest, ' '), word))
			return true;
	return false;
}

/* Lists are parted by single spaces; check_address sees each href and src. */
static inline void safehtml_check(struct str html, const char *tags, const char *attributes,
				  void (*check_address)(const struct html_token *tag, struct str value))
{
	struct html_reader reader;
	struct html_token token;
	struct html_attribute a;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		assert(!token.unfinished);
		if (token.kind == HTML_COMMENT)
			assert(markdown_is_divider(token.bytes));
		if (token.kind != HTML_OPEN && token.kind != HTML_CLOSE)
			continue;
		assert(safehtml_among(token.name, tags));
		while (html_attribute_next(&token.attributes, &a)) {
			assert(safehtml_among(a.name, attributes));
			if (str_is(a.name, "href") || str_is(a.name, "src"))
				check_address(&token, a.value);
		}
	}
}

#endif
