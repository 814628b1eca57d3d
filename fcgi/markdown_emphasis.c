/* markdown_emphasis.c: which runs of * _ ~ are emphasis (CommonMark 0.31 §6.2,
 * GFM strikethrough).
 *
 * Discount pairs a run with the nearest of equal length and does not look at
 * what stands beside it, so "2* 3 *4" and text next to CJK punctuation come out
 * wrong.  The marks live in an array; both stacks are linked through it.
 */
#include "markdown_emphasis.h"

#include "unicode.h"
#include "utf8.h"

int markdown_emphasis_mark(struct markdown_spans *x, char character, size_t length)
{
	ARENA_ROOM(x->slots->arena, x->marks, x->n_marks, x->marks_capacity);
	x->marks[x->n_marks] = (struct markdown_mark){
		.at = x->text.n,
		.character = character,
		.length = length,
		.left = length,
		.previous = -1,
		.next = -1,
		.close_first = -1,
		.close_last = -1,
		.open_first = -1,
	};
	return (int)x->n_marks++;
}

void markdown_emphasis_cut(struct markdown_spans *x, int mark)
{
	buf_truncate(&x->text, x->marks[mark].at);
	x->last_run = x->marks[mark].floor;
	if (x->last_run >= 0)
		x->marks[x->last_run].next = -1;
	x->n_marks = (size_t)mark;
}

/* Writing --------------------------------------------------------------------- */

static void write_characters(char c, size_t n, struct buf *out)
{
	const char *reference = c == '*'   ? "&#42;"
				: c == '_' ? "&#95;"
				: c == '~' ? "&#126;"
					   : "&#91;";

	while (n--)
		buf_puts(out, reference);
}

static void write_tags(const struct markdown_spans *x, int first, struct buf *out)
{
	for (int i = first; i >= 0; i = x->tags[i].next)
		markdown_slot_put(x->slots, x->tags[i].slot, out);
}

void markdown_emphasis_write(struct markdown_spans *x, struct buf *out)
{
	struct str text = buf_view(&x->text);
	size_t done = 0;

	for (size_t i = 0; i < x->n_marks; i++) {
		const struct markdown_mark *mark = &x->marks[i];
		buf_str(out, str_head(str_skip(text, done), mark->at - done));
		done = mark->at;
		if (mark->character == '!' || mark->character == '[') {
			if (mark->character == '!')
				buf_puts(out, mark->link ? "!" : "&#33;");
			buf_puts(out, mark->link ? "[" : "&#91;");
			continue;
		}
		write_tags(x, mark->close_first, out);
		write_characters(mark->character, mark->left, out);
		write_tags(x, mark->open_first, out);
	}
	buf_str(out, str_skip(text, done));
}

/* Flanking -------------------------------------------------------------------- */

enum side { SIDE_SPACE, SIDE_PUNCTUATION, SIDE_OTHER };

/* Outside ASCII, the blocks that hold punctuation, less the letters in them. */
static bool is_punctuation(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} blocks[] = {{0xa1, 0xa1},     {0xa7, 0xa7},     {0xab, 0xab},     {0xb6, 0xb7},
		      {0xbb, 0xbb},     {0xbf, 0xbf},     {0x37e, 0x37e},   {0x387, 0x387},
		      {0x55a, 0x58a},   {0x5be, 0x5f4},   {0x609, 0x61f},   {0x66a, 0x66d},
		      {0x6d4, 0x6d4},   {0x964, 0x970},   {0xe4f, 0xe5b},   {0x2010, 0x205e},
		      {0x207d, 0x208e},
		      {0x2308, 0x230b}, {0x2329, 0x232a}, {0x2768, 0x2775}, {0x27c5, 0x27ef},
		      {0x2983, 0x29fd}, {0x2e00, 0x2e5d}, {0x3001, 0x3003}, {0x3008, 0x301f},
		      {0x3030, 0x303d}, {0x30a0, 0x30a0}, {0x30fb, 0x30fb}, {0xfd3e, 0xfd3f},
		      {0xfe10, 0xfe6b}, {0xff01, 0xff65}};

	if (c < 0x80)
		return ascii_punct((char)c);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (c >= blocks[i].first && c <= blocks[i].last)
			return !unicode_is_word(c);
	return false;
}

static enum side side_of(uint32_t c)
{
	if (c < 0x80 ? ascii_space((char)c) : unicode_is_space(c) || c == 0xa0 || c == 0x202f)
		return SIDE_SPACE;
	return is_punctuation(c) ? SIDE_PUNCTUATION : SIDE_OTHER;
}

static enum side side_before(struct str source, size_t at)
{
	size_t start = at, n;

	if (!at)
		return SIDE_SPACE;
	do {
		start--;
	} while (start > 0 && at - start < 4 && ((unsigned char)source.p[start] & 0xc0) == 0x80);
	return side_of(utf8_decode(str_skip(source, start), &n));
}

static enum side side_after(struct str source, size_t at)
{
	size_t n;

	return at < source.n ? side_of(utf8_decode(str_skip(source, at), &n)) : SIDE_SPACE;
}

size_t markdown_emphasis_run(struct markdown_spans *x, struct str s)
{
	size_t at = (size_t)(s.p - x->source.p), n = 1;

	while (n < s.n && s.p[n] == s.p[0])
		n++;
	enum side before = side_before(x->source, at);
	enum side after = side_after(x->source, at + n);
	bool left = after != SIDE_SPACE && (after == SIDE_OTHER || before != SIDE_OTHER);
	bool right = before != SIDE_SPACE && (before == SIDE_OTHER || after != SIDE_OTHER);
	bool opens = left, closes = right;
	if (s.p[0] == '_') {
		opens = left && (!right || before == SIDE_PUNCTUATION);
		closes = right && (!left || after == SIDE_PUNCTUATION);
	}
	if (s.p[0] == '~' && n > 2)
		opens = closes = false;
	if (!opens && !closes) {
		/* Discount leaves these alone, and snake_case stays readable. */
		bool in_word = at > 0 && n + 1 < s.n && ascii_alnum(s.p[-1]) && ascii_alnum(s.p[n]);
		if (n == 1 && (s.p[0] == '~' || in_word))
			return 0;
		write_characters(s.p[0], n, &x->text);
		return n;
	}
	int mark = markdown_emphasis_mark(x, s.p[0], n);
	x->marks[mark].opens = opens;
	x->marks[mark].closes = closes;
	x->marks[mark].previous = x->last_run;
	if (x->last_run >= 0)
		x->marks[x->last_run].next = mark;
	x->last_run = mark;
	return n;
}

/* Matching ---------------------------------------------------------------------- */

static int add_tag(struct markdown_spans *x, size_t slot, int next)
{
	ARENA_ROOM(x->slots->arena, x->tags, x->n_tags, x->tags_capacity);
	x->tags[x->n_tags] = (struct markdown_tag){.slot = slot, .next = next};
	return (int)x->n_tags++;
}

static void unlink_mark(struct markdown_spans *x, int i)
{
	struct markdown_mark *mark = &x->marks[i];

	if (mark->previous >= 0)
		x->marks[mark->previous].next = mark->next;
	if (mark->next >= 0)
		x->marks[mark->next].previous = mark->previous;
	else
		x->last_run = mark->previous;
}

/* The "multiple of 3" rule keeps *foo**bar* one emphasis. */
static bool is_pair(const struct markdown_mark *opener, const struct markdown_mark *closer)
{
	if (opener->character != closer->character || !opener->opens)
		return false;
	if (opener->character == '~')
		return opener->length == closer->length;
	if (!closer->opens && !opener->closes)
		return true;
	return (opener->length + closer->length) % 3 != 0 ||
	       (opener->length % 3 == 0 && closer->length % 3 == 0);
}

/* Takes one or two characters off both. */
static void pair(struct markdown_spans *x, int open, int close)
{
	struct markdown_mark *opener = &x->marks[open], *closer = &x->marks[close];
	size_t n = opener->left >= 2 && closer->left >= 2 ? 2 : 1;
	size_t slot = n == 2 ? FIXED_STRONG_OPEN : FIXED_EM_OPEN;

	if (opener->character == '~') {
		n = opener->length;
		slot = FIXED_DEL_OPEN;
	}
	opener->open_first = add_tag(x, slot, opener->open_first);
	int tag = add_tag(x, slot + 1, -1);
	if (closer->close_last >= 0)
		x->tags[closer->close_last].next = tag;
	else
		closer->close_first = tag;
	closer->close_last = tag;
	opener->left -= n;
	closer->left -= n;
	/* What stands between them is text now. */
	opener->next = close;
	closer->previous = open;
	if (!opener->left)
		unlink_mark(x, open);
}

static int run_class(const struct markdown_mark *mark)
{
	int kind = mark->character == '*' ? 0 : mark->character == '_' ? 1 : 2;

	return (kind * 2 + mark->opens) * 3 + (int)(mark->length % 3);
}

void markdown_emphasis_match(struct markdown_spans *x, int floor)
{
	/* Below these nothing opens for a closer of that class: searched once. */
	int searched[18];
	int closer = x->last_run;

	for (int i = 0; i < 18; i++)
		searched[i] = floor;
	while (closer >= 0 && closer != floor && x->marks[closer].previous != floor)
		closer = x->marks[closer].previous;
	while (closer >= 0 && closer != floor) {
		struct markdown_mark *mark = &x->marks[closer];
		int next = mark->next, opener = mark->previous;
		int *limit = &searched[run_class(mark)];
		while (mark->closes && opener > *limit && !is_pair(&x->marks[opener], mark))
			opener = x->marks[opener].previous;
		if (mark->closes && opener > *limit) {
			pair(x, opener, closer);
			if (!mark->left)
				unlink_mark(x, closer);
			else
				next = closer;
		} else if (mark->closes) {
			*limit = mark->previous;
			if (!mark->opens)
				unlink_mark(x, closer);
		}
		closer = next;
	}
	x->last_run = floor;
	if (floor >= 0)
		x->marks[floor].next = -1;
}
