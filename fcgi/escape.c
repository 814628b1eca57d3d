/* escape.c: see escape.h. */
#include "escape.h"

#include "unicode.h"
#include "utf8.h"

static const char HEX[] = "0123456789ABCDEF";

static const char *html_reference(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void escape_html(struct buf *out, struct str text)
{
	size_t start = 0;

	for (size_t i = 0; i < text.n; i++) {
		const char *reference = html_reference(text.p[i]);
		if (!reference)
			continue;
		buf_add(out, text.p + start, i - start);
		buf_puts(out, reference);
		start = i + 1;
	}
	buf_str(out, str_skip(text, start));
}

/* XML 1.0 §2.2, Char. */
static bool is_xml(uint32_t c)
{
	return c >= ' ' ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

void escape_xml(struct buf *out, struct str text)
{
	size_t n;

	for (struct str rest = text; rest.n; rest = str_skip(rest, n)) {
		uint32_t c = utf8_decode(rest, &n);
		const char *reference = n == 1 ? html_reference(rest.p[0]) : NULL;
		if (c == UTF8_INVALID)
			buf_utf8(out, c);
		else if (c == '\r')
			buf_puts(out, "&#13;");
		else if (reference)
			buf_puts(out, reference);
		else if (is_xml(c))
			buf_add(out, rest.p, n);
	}
}

static void percent(struct buf *out, struct str text, const char *keep)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		unsigned char byte = (unsigned char)c;
		if (ascii_alnum(c) || (c && strchr(keep, c))) {
			buf_char(out, c);
		} else {
			char code[3] = {'%', HEX[byte >> 4], HEX[byte & 15]};
			buf_add(out, code, 3);
		}
	}
}

void escape_path(struct buf *out, struct str path)
{
	percent(out, path, "-._~/");
}

void escape_query(struct buf *out, struct str value)
{
	percent(out, value, "-._~");
}

/* What would end or hide a line on some screen: C0, DEL, C1, the separators
 * U+2028 and U+2029, and the marks that turn the direction of writing. */
static bool is_unsafe(uint32_t c)
{
	return unicode_is_control(c) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

void escape_log(struct buf *out, struct str text, size_t limit)
{
	struct str rest = utf8_head(text, limit);
	bool cut = rest.n < text.n;

	while (rest.n) {
		size_t n;
		uint32_t c = utf8_decode(rest, &n);
		if (c == UTF8_INVALID || c == '\\' || is_unsafe(c)) {
			for (size_t i = 0; i < n; i++) {
				unsigned char byte = (unsigned char)rest.p[i];
				char code[4] = {'\\', 'x', HEX[byte >> 4], HEX[byte & 15]};
				buf_add(out, code, 4);
			}
		} else {
			buf_add(out, rest.p, n);
		}
		rest = str_skip(rest, n);
	}
	if (cut)
		buf_puts(out, "...");
}

void escape_json(struct buf *out, struct str text, size_t limit)
{
	struct str rest = utf8_head(text, limit);
	bool cut = rest.n < text.n;

	while (rest.n) {
		size_t n;
		uint32_t c = utf8_decode(rest, &n);
		if (c == UTF8_INVALID)
			buf_utf8(out, c);
		else if (is_unsafe(c))
			buf_printf(out, "\\u%04x", (unsigned)c);
		else if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", (int)c);
		else
			buf_add(out, rest.p, n);
		rest = str_skip(rest, n);
	}
	if (cut)
		buf_puts(out, "...");
}
