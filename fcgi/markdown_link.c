/* markdown_link.c: link targets, labels and definitions, as written -> slices,
 * and slices -> attribute values.
 *
 * Source: CommonMark 0.31 §4.7 and §6.3.  Character references stay as they are
 * written: HTML reads them the same way.
 */
#include "markdown_link.h"

#include "markdown.h"
#include "text.h"
#include "unicode.h"
#include "utf8.h"

#include <stdlib.h>

enum { MAX_LABEL = 999, MAX_PARENTHESES = 32 };

static size_t spaces(struct str s, size_t i)
{
	while (i < s.n && ascii_space(s.p[i]))
		i++;
	return i;
}

/* The offset after the destination that starts at i, or 0. */
static size_t destination(struct str s, size_t i, struct str *url)
{
	size_t start = i, depth = 0;

	if (i < s.n && s.p[i] == '<') {
		for (i++; i < s.n && !strchr("<>\n", s.p[i]); i++)
			if (s.p[i] == '\\' && i + 1 < s.n)
				i++;
		*url = str_head(str_skip(s, start + 1), i - start - 1);
		return i < s.n && s.p[i] == '>' ? i + 1 : 0;
	}
	for (; i < s.n && (unsigned char)s.p[i] > ' ' && s.p[i] != 127; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && ascii_punct(s.p[i + 1]))
			i++;
		else if (s.p[i] == '(' && ++depth > MAX_PARENTHESES)
			return 0;
		else if (s.p[i] == ')' && depth-- == 0)
			break;
	}
	*url = str_head(str_skip(s, start), i - start);
	return i;
}

/* The offset after the title that starts at i, or 0. */
static size_t title(struct str s, size_t i, struct str *text)
{
	char end = i < s.n ? s.p[i] : 0;
	size_t start = i + 1;

	if (end == '(')
		end = ')';
	else if (end != '"' && end != '\'')
		return 0;
	for (i++; i < s.n && s.p[i] != end; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		else if (end == ')' && s.p[i] == '(')
			return 0;
	}
	if (i >= s.n)
		return 0;
	*text = str_head(str_skip(s, start), i - start);
	return i + 1;
}

size_t markdown_link_inline(struct str s, struct markdown_target *target)
{
	*target = (struct markdown_target){.url = {"", 0}, .title = {"", 0}};
	if (!s.n || s.p[0] != '(')
		return 0;
	size_t end = destination(s, spaces(s, 1), &target->url);
	if (!end)
		return 0;
	size_t next = spaces(s, end);
	if (next > end && next < s.n && s.p[next] != ')') {
		end = title(s, next, &target->title);
		if (!end)
			return 0;
		next = spaces(s, end);
	}
	return next < s.n && s.p[next] == ')' ? next + 1 : 0;
}

size_t markdown_link_label(struct str s, struct str *label)
{
	size_t i = 1;

	if (!s.n || s.p[0] != '[')
		return 0;
	for (; i < s.n && i <= MAX_LABEL && s.p[i] != ']'; i++) {
		if (s.p[i] == '[')
			return 0;
		if (s.p[i] == '\\' && i + 1 < s.n && ascii_punct(s.p[i + 1]))
			i++;
	}
	if (i >= s.n || s.p[i] != ']')
		return 0;
	*label = str_trim(str_head(str_skip(s, 1), i - 1));
	return i + 1;
}

/* The offset after the rest of a line that holds only white space, or 0. */
static size_t line_end(struct str s, size_t i)
{
	while (i < s.n && ascii_space(s.p[i]) && s.p[i] != '\n')
		i++;
	if (i == s.n)
		return i;
	return s.p[i] == '\n' ? i + 1 : 0;
}

size_t markdown_link_definition(struct str s, struct str *label, struct markdown_target *target)
{
	size_t n = markdown_link_label(s, label);

	*target = (struct markdown_target){.url = {"", 0}, .title = {"", 0}};
	if (!n || !label->n || n == s.n || s.p[n] != ':')
		return 0;
	size_t start = spaces(s, n + 1);
	size_t end = destination(s, start, &target->url);
	if (!end || (end == start && start == s.n) || end == start)
		return 0;
	size_t plain = line_end(s, end);
	size_t next = spaces(s, end);
	size_t after = next > end ? title(s, next, &target->title) : 0;
	size_t titled = after ? line_end(s, after) : 0;
	if (titled)
		return titled;
	target->title = (struct str){"", 0};
	return plain;
}

/* Attribute values ------------------------------------------------------- */

/* A character reference with a name that text.h does not know, by its syntax:
 * its length, or 0.  A browser may know it. */
static size_t unknown_reference(struct str s)
{
	size_t n = 1;

	if (s.p[0] != '&')
		return 0;
	while (n < s.n && n < 33 && ascii_alnum(s.p[n]))
		n++;
	return n > 1 && n < s.n && s.p[n] == ';' ? n + 1 : 0;
}

enum value { VALUE_TEXT, VALUE_URL, VALUE_BARE_URL };

static void put_byte(char c, enum value value, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char kept[] = "-_.+!*'(),%#@?=;:/,+&$~";
	unsigned char byte = (unsigned char)c;

	if (value == VALUE_TEXT || ascii_alnum(c) || (c && strchr(kept, c)))
		markdown_escape((struct str){&c, 1}, out);
	else
		buf_add(out, (char[3]){'%', hex[byte >> 4], hex[byte & 15]}, 3);
}

static void put_scalar(uint32_t scalar, enum value value, struct buf *out)
{
	struct buf bytes = BUF_EMPTY;

	buf_utf8(&bytes, scalar);
	for (size_t i = 0; i < bytes.n; i++)
		put_byte(bytes.p[i], value, out);
	buf_release(&bytes);
}

/* Bytes that are the same in every kind of value. */
static size_t plain_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (ascii_alnum(s.p[n]) || (s.p[n] >= '-' && s.p[n] <= '/')))
		n++;
	return n;
}

static void unescape(struct str s, enum value value, struct buf *out)
{
	uint32_t scalar;

	for (size_t n; s.n; s = str_skip(s, n)) {
		bool escape = s.p[0] == '\\' && value != VALUE_BARE_URL;
		if ((n = plain_length(s))) {
			buf_str(out, str_head(s, n));
		} else if (escape && s.n > 1 && ascii_punct(s.p[1])) {
			put_byte(s.p[1], value, out);
			n = 2;
		} else if ((n = text_reference(s, &scalar))) {
			put_scalar(scalar, value, out);
		} else if ((n = unknown_reference(s))) {
			buf_str(out, str_head(s, n));
		} else {
			put_byte(s.p[0], value, out);
			n = 1;
		}
	}
}

void markdown_link_url(struct str url, struct buf *out)
{
	unescape(url, VALUE_BARE_URL, out);
}

void markdown_link_title(struct str text, struct buf *out)
{
	unescape(text, VALUE_TEXT, out);
}

/* A reference that is left in the scheme may spell any letter of it. */
static bool is_safe(struct str attribute, bool image)
{
	size_t scheme = strcspn(attribute.p, "/?#"), n;

	for (struct str rest = str_head(attribute, scheme); rest.n; rest = str_skip(rest, n + 1)) {
		n = str_find_char(rest, '&');
		if (n < rest.n && !str_starts(str_skip(rest, n), "&amp;"))
			return false;
	}
	return markdown_is_safe_url(attribute, image);
}

void markdown_link_write(const struct markdown_target *target, bool image, struct buf *out)
{
	size_t start = out->n;

	unescape(target->url, VALUE_URL, out);
	if (!buf_failed(out) && !is_safe(str_skip(buf_view(out), start), image))
		buf_truncate(out, start);
}

/* Definitions -------------------------------------------------------------- */

void markdown_references_init(struct markdown_references *references, struct arena *arena)
{
	*references = (struct markdown_references){.arena = arena};
}

void markdown_references_release(struct markdown_references *references)
{
	buf_release(&references->key);
}

/* White space collapsed, letters in lower case. */
static struct str normal_label(struct markdown_references *references, struct str label)
{
	struct str rest = str_trim(label);
	size_t n;

	buf_reset(&references->key);
	while (rest.n) {
		if (ascii_space(rest.p[0])) {
			buf_char(&references->key, ' ');
			rest = str_skip(rest, spaces(rest, 0));
			continue;
		}
		uint32_t c = utf8_decode(rest, &n);
		if (c < 0x80)
			buf_char(&references->key, ascii_lower((char)c));
		else
			buf_utf8(&references->key, unicode_lower(c));
		rest = str_skip(rest, n);
	}
	return buf_view(&references->key);
}

void markdown_references_add(struct markdown_references *references, struct str label,
			     struct markdown_target target)
{
	struct arena *arena = references->arena;

	ARENA_ROOM(arena, references->v, references->n, references->capacity);
	references->v[references->n] = (struct markdown_reference){
		.label = arena_str(arena, normal_label(references, label)),
		.order = references->n,
		.target = {arena_str(arena, target.url), arena_str(arena, target.title)},
	};
	references->n++;
}

static int compare(const void *a, const void *b)
{
	const struct markdown_reference *left = a, *right = b;
	int order = str_compare(left->label, right->label);

	return order ? order : (left->order > right->order) - (left->order < right->order);
}

void markdown_references_sort(struct markdown_references *references)
{
	size_t kept = 0;

	if (references->n)
		qsort(references->v, references->n, sizeof(*references->v), compare);
	for (size_t i = 0; i < references->n; i++)
		if (!i || !str_eq(references->v[i].label, references->v[kept - 1].label))
			references->v[kept++] = references->v[i];
	references->n = kept;
}

const struct markdown_reference *markdown_references_find(struct markdown_references *references,
							   struct str label)
{
	if (!references->n || label.n > MAX_LABEL)
		return NULL;
	struct markdown_reference key = {.label = normal_label(references, label)};
	size_t low = 0, high = references->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_compare(references->v[middle].label, key.label);
		if (order == 0)
			return &references->v[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
