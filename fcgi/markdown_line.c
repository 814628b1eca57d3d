/* markdown_line.c: what one line starts.
 *
 * The rules are CommonMark 0.31's (§4, §5.2, §6.6) and GFM's for table rows.
 */
#include "markdown_line.h"

#include "html.h"

bool markdown_line_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_space(s.p[i]))
			return false;
	return true;
}

static size_t run_length(struct str s, char c)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == c)
		n++;
	return n;
}

bool markdown_line_rule(struct str s)
{
	size_t marks = 0;

	if (!s.n || !strchr("*-_", s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == s.p[0])
			marks++;
		else if (!ascii_space(s.p[i]))
			return false;
	}
	return marks >= 3;
}

unsigned markdown_line_heading(struct str s, struct str *text)
{
	size_t level = run_length(s, '#');

	if (level == 0 || level > 6 || (level < s.n && !ascii_space(s.p[level])))
		return 0;
	s = str_trim(str_skip(s, level));
	size_t n = s.n;
	while (n > 0 && s.p[n - 1] == '#')
		n--;
	if (n == 0 || ascii_space(s.p[n - 1]))
		s = str_trim(str_head(s, n));
	*text = s;
	return (unsigned)level;
}

unsigned markdown_line_underline(struct str s)
{
	if (!s.n || (s.p[0] != '=' && s.p[0] != '-'))
		return 0;
	if (!markdown_line_blank(str_skip(s, run_length(s, s.p[0]))))
		return 0;
	return s.p[0] == '=' ? 1 : 2;
}

bool markdown_line_fence(struct str s, struct markdown_fence *fence)
{
	if (!s.n || (s.p[0] != '`' && s.p[0] != '~'))
		return false;
	*fence = (struct markdown_fence){.mark = s.p[0], .length = run_length(s, s.p[0])};
	fence->info = str_trim(str_skip(s, fence->length));
	if (fence->length < 3)
		return false;
	return fence->mark == '~' || str_find_char(fence->info, '`') == fence->info.n;
}

bool markdown_line_closes(struct str s, const struct markdown_fence *fence)
{
	size_t n = run_length(s, fence->mark);

	return n >= fence->length && markdown_line_blank(str_skip(s, n));
}

/* HTML blocks ---------------------------------------------------------- */

static size_t name_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (ascii_alnum(s.p[n]) || s.p[n] == '-'))
		n++;
	return n && ascii_alpha(s.p[0]) ? n : 0;
}

static size_t space_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && ascii_space(s.p[n]))
		n++;
	return n;
}

/* Length of ` name`, ` name=value`, with the white space before it; 0 if none. */
static size_t attribute_length(struct str s)
{
	size_t n = space_length(s), value;

	if (n == 0 || n == s.n || !(ascii_alpha(s.p[n]) || s.p[n] == '_' || s.p[n] == ':'))
		return 0;
	while (n < s.n && (ascii_alnum(s.p[n]) || strchr("_.:-", s.p[n])))
		n++;
	value = n + space_length(str_skip(s, n));
	if (value == s.n || s.p[value] != '=')
		return n;
	value++;
	value += space_length(str_skip(s, value));
	if (value == s.n)
		return 0;
	if (s.p[value] == '"' || s.p[value] == '\'') {
		size_t end = str_find_char(str_skip(s, value + 1), s.p[value]);
		return value + 1 + end < s.n ? value + end + 2 : 0;
	}
	n = value;
	while (n < s.n && !ascii_space(s.p[n]) && !strchr("\"'=<>`", s.p[n]))
		n++;
	return n > value ? n : 0;
}

static size_t tag_length(struct str s)
{
	bool closing = s.n > 1 && s.p[1] == '/';
	size_t start = closing ? 2 : 1;
	size_t name = name_length(str_skip(s, start));
	size_t n = start + name;

	if (!name)
		return 0;
	for (size_t more; !closing && (more = attribute_length(str_skip(s, n)));)
		n += more;
	n += space_length(str_skip(s, n));
	if (!closing && n < s.n && s.p[n] == '/')
		n++;
	return n < s.n && s.p[n] == '>' ? n + 1 : 0;
}

static size_t until(struct str s, size_t from, const char *end)
{
	size_t at = str_find(str_skip(s, from), end);

	return from + at < s.n ? from + at + strlen(end) : 0;
}

size_t markdown_html_length(struct str s)
{
	if (s.n < 3 || s.p[0] != '<')
		return 0;
	if (str_starts(s, "<!-->") || str_starts(s, "<!--->"))
		return s.p[4] == '>' ? 5 : 6;
	if (str_starts(s, "<!--"))
		return until(s, 4, "-->");
	if (str_starts(s, "<?"))
		return until(s, 2, "?>");
	if (str_starts(s, "<![CDATA["))
		return until(s, 9, "]]>");
	if (s.p[1] == '!')
		return ascii_alpha(s.p[2]) ? until(s, 2, ">") : 0;
	return tag_length(s);
}

static const char *const RAW_TAGS[] = {"pre", "script", "style", "textarea", NULL};

static const char *const BLOCK_TAGS[] = {
	"address", "article", "aside", "base", "basefont", "blockquote", "body", "caption",
	"center", "col", "colgroup", "dd", "details", "dialog", "dir", "div", "dl", "dt",
	"fieldset", "figcaption", "figure", "footer", "form", "frame", "frameset", "h1", "h2",
	"h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend", "li", "link",
	"main", "menu", "menuitem", "nav", "noframes", "ol", "optgroup", "option", "p", "param",
	"search", "section", "source", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
	"title", "tr", "track", "ul", NULL};

int markdown_line_html(struct str s)
{
	if (s.n < 2 || s.p[0] != '<')
		return 0;
	bool closing = s.p[1] == '/';
	struct str after = str_skip(s, closing ? 2 : 1);
	struct str name = str_head(after, name_length(after));
	after = str_skip(after, name.n);
	bool ended = !after.n || ascii_space(after.p[0]) || after.p[0] == '>';

	if (!closing && ended && str_among(name, RAW_TAGS))
		return 1;
	if (str_starts(s, "<!--"))
		return 2;
	if (str_starts(s, "<?"))
		return 3;
	if (str_starts(s, "<![CDATA["))
		return 5;
	if (s.p[1] == '!')
		return s.n > 2 && ascii_alpha(s.p[2]) ? 4 : 0;
	if ((ended || str_starts(after, "/>")) && str_among(name, BLOCK_TAGS))
		return 6;
	size_t n = tag_length(s);
	return n && markdown_line_blank(str_skip(s, n)) && !str_among(name, RAW_TAGS) ? 7 : 0;
}

bool markdown_line_ends_html(struct str s, int condition)
{
	static const char *const ends[] = {NULL, NULL, "-->", "?>", ">", "]]>"};

	if (condition > 5)
		return false;
	if (condition > 1)
		return str_find(s, ends[condition]) < s.n;
	for (size_t at; (at = str_find(s, "</")) < s.n;) {
		s = str_skip(s, at + 2);
		struct str name = str_head(s, name_length(s));
		if (str_among(name, RAW_TAGS) && name.n < s.n && s.p[name.n] == '>')
			return true;
	}
	return false;
}

/* Lists and tables ------------------------------------------------------ */

bool markdown_line_marker(struct str s, struct markdown_marker *marker)
{
	size_t n = 0;

	*marker = (struct markdown_marker){.number = 0};
	if (!s.n)
		return false;
	if (strchr("-+*", s.p[0])) {
		marker->kind = s.p[0];
		n = 1;
	} else {
		for (; n < s.n && n < 10 && ascii_digit(s.p[n]); n++)
			marker->number = marker->number * 10 + (unsigned long)(s.p[n] - '0');
		if (n == 0 || n > 9 || n == s.n || (s.p[n] != '.' && s.p[n] != ')'))
			return false;
		marker->kind = s.p[n++];
	}
	marker->length = n;
	return n == s.n || ascii_space(s.p[n]);
}

struct str markdown_row_trim(struct str row)
{
	row = str_trim(row);
	if (str_starts(row, "|"))
		row = str_skip(row, 1);
	bool escaped = row.n > 1 && row.p[row.n - 2] == '\\';
	if (str_ends(row, "|") && !escaped)
		row.n--;
	return row;
}

bool markdown_row_cell(struct str *row, struct str *cell)
{
	size_t n = 0;

	if (!row->p)
		return false;
	while (n < row->n && row->p[n] != '|')
		n += row->p[n] == '\\' && n + 1 < row->n ? 2 : 1;
	*cell = str_trim(str_head(*row, n));
	*row = n < row->n ? str_skip(*row, n + 1) : (struct str){NULL, 0};
	return true;
}

size_t markdown_row_delimiters(struct str row)
{
	struct str rest = markdown_row_trim(row), cell;
	size_t cells = 0;

	while (markdown_row_cell(&rest, &cell)) {
		size_t start = cell.n && cell.p[0] == ':';
		size_t dashes = run_length(str_skip(cell, start), '-');
		size_t end = start + dashes < cell.n && cell.p[start + dashes] == ':';
		if (dashes == 0 || start + dashes + end != cell.n)
			return 0;
		cells++;
	}
	return cells;
}
