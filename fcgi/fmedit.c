/* fmedit.c: a file's text -> where each key of its front matter begins and ends.
 *
 * No second YAML parser: the tree of yamltree.c says where keys and values
 * begin, and a key ends where the next one begins.  An edit is proved by
 * reading its result: what must not change is compared, and a file whose
 * writing is too unusual is left alone with a message.
 */
#include "fmedit.h"

#include "post.h"
#include "utf8.h"
#include "yamltree.h"

/* --- positions --------------------------------------------------------------- */

/* The offset in `raw` of an offset in the text with plain lines. */
static size_t raw_offset(const struct fmedit *file, size_t offset)
{
	size_t at = 0;

	if (file->raw.n == file->text.n)
		return offset;
	for (size_t n = 0; n < offset; n++, at++)
		if (file->raw.p[at] == '\r' && at + 1 < file->raw.n && file->raw.p[at + 1] == '\n')
			at++;
	return at;
}

/* The bytes of the file that stand between two places of `text`. */
static struct str raw_slice(const struct fmedit *file, const char *from, const char *to)
{
	size_t begin = raw_offset(file, (size_t)(from - file->text.p));

	return (struct str){file->raw.p + begin,
			    raw_offset(file, (size_t)(to - file->text.p)) - begin};
}

/* What libyaml counts as the end of a line (YAML 1.1 §4.2). */
static bool is_break(uint32_t c)
{
	return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* Line and column from 1, columns in characters. */
static const char *place(struct str block, unsigned line, unsigned column)
{
	unsigned at_line = 1, at_column = 1;
	size_t n;

	for (; block.n && (at_line < line || at_column < column); block = str_skip(block, n)) {
		at_column++;
		if (is_break(utf8_decode(block, &n))) {
			at_line++;
			at_column = 1;
		}
	}
	return block.p;
}

static const char *node_place(const struct fmedit *file, const struct yaml_node *node)
{
	return place(file->block, node->line, node->column);
}

static const char *line_start(const struct fmedit *file, const char *p)
{
	while (p > file->block.p && p[-1] != '\n')
		p--;
	return p;
}

/* --- members ----------------------------------------------------------------- */

/* The beginning of the comments and blank lines that end at `to`. */
static const char *comments_before(const struct fmedit *file, const char *from, const char *to)
{
	while (to > from) {
		const char *start = line_start(file, to - 1);
		struct str line = str_trim((struct str){start, (size_t)(to - start)});
		/* Indented, it may be a line of a text. */
		if (start < from || (line.n && *start != '#'))
			break;
		to = start;
	}
	return to;
}

static void split_lines(struct fmedit *file)
{
	const char *end = file->block.p + file->block.n, *from = file->block.p;
	const struct yaml_node *node = file->root->first;

	const char *first = node_place(file, node->key), *start = line_start(file, first);
	file->indent = (struct str){start, (size_t)(first - start)};
	for (size_t i = 0; i < file->count; i++, node = node->next) {
		struct fmedit_member *member = &file->members[i];
		start = line_start(file, node_place(file, node->key));
		const char *stop = node->next ? line_start(file, node_place(file, node->next->key))
					      : end;
		const char *last = comments_before(file, start, stop);
		*member = (struct fmedit_member){raw_slice(file, from, start),
						 raw_slice(file, start, last), node};
		from = last;
	}
	file->after = raw_slice(file, from, end);
}

/* Without white space and one comma at the end. */
static const char *before_comma(const char *from, const char *to)
{
	struct str s = {from, (size_t)(to - from)};

	while (s.n && ascii_space(s.p[s.n - 1]))
		s.n--;
	if (s.n && s.p[s.n - 1] == ',')
		s.n--;
	while (s.n && ascii_space(s.p[s.n - 1]))
		s.n--;
	return s.p + s.n;
}

static void split_braces(struct fmedit *file)
{
	const struct yaml_node *node = file->root->first;
	const char *end = file->block.p + file->block.n;

	while (end > file->block.p && end[-1] != '}')
		end--;
	for (size_t i = 0; i < file->count; i++, node = node->next) {
		const char *start = node_place(file, node->key);
		const char *stop = node->next ? node_place(file, node->next->key) : end - 1;
		file->members[i].text = raw_slice(file, start, before_comma(start, stop));
		file->members[i].value = node;
	}
}

/* --- the block --------------------------------------------------------------- */

static struct str without_last_line(struct str s)
{
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	while (s.n && s.p[s.n - 1] != '\n')
		s.n--;
	return s;
}

/* What frontmatter_read() passed over to get to the body, less its fences. */
static void find_block(struct fmedit *file)
{
	struct str head = str_skip(file->text, file->mark.n), line;

	head.n = (size_t)(file->fm.body.p - head.p);
	if (head.p[0] == '{') {
		file->block = head;
		return;
	}
	head = without_last_line(head);
	str_line(&head, &line);
	file->block = head;
}

static const char *line_end(struct str raw)
{
	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] == '\n')
			return "\n";
		if (raw.p[i] == '\r')
			return i + 1 < raw.n && raw.p[i + 1] == '\n' ? "\r\n" : "\r";
	}
	return "\n";
}

int fmedit_open(struct arena *arena, const char *path, struct str raw, struct fmedit *out,
		struct buf *err)
{
	struct str mark = str_starts(raw, "\xef\xbb\xbf") ? str_head(raw, 3) : STR_LIT("");
	struct yaml_source source = {.path = path, .line = 1};

	*out = (struct fmedit){
		.path = path,
		.raw = raw,
		.mark = mark,
		.eol = line_end(raw),
		.indent = STR_LIT(""),
		.after = STR_LIT(""),
		.block = STR_LIT(""),
	};
	if (!utf8_valid(raw) || str_find_char(raw, 0) < raw.n) {
		buf_printf(err, "%s:1:1: error: not a text in UTF-8 [post/encoding]\n", path);
		return -1;
	}
	out->text = post_plain_lines(arena, raw);
	if (frontmatter_read(arena, path, out->text, &out->fm, err))
		return -1;
	out->body = raw_slice(out, out->fm.body.p, out->text.p + out->text.n);
	if (!out->fm.present)
		return 0;
	find_block(out);
	out->root = yamltree_read(arena, out->block, &source, err);
	if (!out->root)
		return 0;
	out->braces = *node_place(out, out->root) == '{';
	for (const struct yaml_node *n = out->root->first; n; n = n->next)
		out->count++;
	out->members = ARENA_ARRAY(arena, out->count, struct fmedit_member);
	if (out->braces)
		split_braces(out);
	else if (out->count)
		split_lines(out);
	return 0;
}

bool fmedit_is(const struct fmedit_member *member, const char *key)
{
	return str_is_fold(member->value->key->text, key);
}

/* --- comparing --------------------------------------------------------------- */

static bool same_value(const struct yaml_node *a, const struct yaml_node *b)
{
	if (a->kind != b->kind || !str_eq(a->text, b->text) || a->quoted != b->quoted)
		return false;
	const struct yaml_node *x = a->first, *y = b->first;
	for (; x && y; x = x->next, y = y->next)
		if (!same_value(x, y) || (x->key && !str_eq(x->key->text, y->key->text)))
			return false;
	return !x && !y;
}

static bool is_named(const struct fmedit_member *member, const char *const *names)
{
	for (; *names; names++)
		if (fmedit_is(member, *names))
			return true;
	return false;
}

static const struct yaml_node *find(const struct fmedit *file, struct str key)
{
	for (size_t i = 0; i < file->count; i++)
		if (str_eq(file->members[i].value->key->text, key))
			return file->members[i].value;
	return NULL;
}

bool fmedit_agree(const struct fmedit *a, const struct fmedit *b, const char *const *except)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct yaml_node *mine = a->members[i].value;
		const struct yaml_node *theirs = find(b, mine->key->text);
		if (!is_named(&a->members[i], except) && (!theirs || !same_value(mine, theirs)))
			return false;
	}
	return str_eq(a->body, b->body);
}

/* --- setting ----------------------------------------------------------------- */

/* The end of a scalar on its line; quotes are passed over with what they hold. */
static const char *scalar_end(const struct fmedit *file, const char *p)
{
	struct str rest = {p, (size_t)(file->block.p + file->block.n - p)};
	size_t n = 0;

	if (rest.n && (*p == '"' || *p == '\'')) {
		for (n = 1; n < rest.n && p[n] != *p; n++)
			n += *p == '"' && p[n] == '\\';
		return p + (n < rest.n ? n + 1 : rest.n);
	}
	while (n < rest.n && p[n] != '\n' && !(file->braces && strchr(",}", p[n])) &&
	       !(p[n] == '#' && (!n || ascii_space(p[n - 1]))))
		n++;
	while (n && ascii_space(p[n - 1]))
		n--;
	return p + n;
}

static void replace(const struct fmedit *file, const struct yaml_node *value, const char *word,
		    struct buf *out)
{
	const char *from = node_place(file, value), *to = scalar_end(file, from);
	const char *quote = file->braces ? "\"" : "";

	if (to > from && (*from == '\'' || *from == '"'))
		quote = *from == '"' ? "\"" : "'";
	buf_str(out, raw_slice(file, file->text.p, from));
	buf_printf(out, "%s%s%s%s", from[-1] == ':' ? " " : "", quote, word, quote);
	buf_str(out, raw_slice(file, to, file->text.p + file->text.n));
}

/* Behind the opening brace, so that no comma is wanted at the end. */
static void add_in_braces(const struct fmedit *file, const char *key, const char *word,
			  struct buf *out)
{
	const char *brace = node_place(file, file->root) + 1;
	const char *first = file->count ? node_place(file, file->root->first->key) : brace;

	buf_str(out, raw_slice(file, file->text.p, first));
	buf_printf(out, "\"%s\": \"%s\"%s", key, word, file->count ? "," : "");
	const char *start = line_start(file, first);
	if (file->count && start > brace)
		buf_printf(out, "%s%.*s", file->eol, (int)(first - start), start);
	else if (file->count)
		buf_char(out, ' ');
	buf_str(out, raw_slice(file, first, file->text.p + file->text.n));
}

static void add_line(const struct fmedit *file, const char *key, const char *word, struct buf *out)
{
	const char *end = file->block.p + file->block.n;

	buf_str(out, raw_slice(file, file->text.p, end));
	buf_printf(out, "%.*s%s: %s%s", STR_ARG(file->indent), key, word, file->eol);
	buf_str(out, raw_slice(file, end, file->text.p + file->text.n));
}

static void add_front_matter(const struct fmedit *file, const char *key, const char *word,
			     struct buf *out)
{
	buf_str(out, file->mark);
	buf_printf(out, "---%s%s: %s%s---%s", file->eol, key, word, file->eol, file->eol);
	buf_str(out, file->body);
}

/* The edited text says what it should, and all else as before. */
static bool is_right(struct arena *arena, const struct fmedit *before, struct str edited,
		     const char *key, const char *word)
{
	struct fmedit after;
	struct buf ignored = BUF_EMPTY;
	bool right = false;

	int result = fmedit_open(arena, before->path, edited, &after, &ignored);
	buf_release(&ignored);
	for (size_t i = 0; !result && i < after.count; i++)
		if (fmedit_is(&after.members[i], key))
			right = str_is(after.members[i].value->text, word);
	return right && fmedit_agree(before, &after, (const char *const[]){key, NULL});
}

int fmedit_set(struct arena *arena, const struct fmedit *file, const char *key, const char *word,
	       struct buf *out, struct buf *err)
{
	const struct yaml_node *old = NULL;
	size_t start = out->n;

	/* Of two that differ in case the last one counts. */
	for (size_t i = 0; i < file->count; i++)
		if (fmedit_is(&file->members[i], key))
			old = file->members[i].value;
	if (old)
		replace(file, old, word, out);
	else if (!file->fm.present)
		add_front_matter(file, key, word, out);
	else if (file->braces)
		add_in_braces(file, key, word, out);
	else
		add_line(file, key, word, out);
	if (!buf_failed(out) && is_right(arena, file, str_skip(buf_view(out), start), key, word))
		return 0;
	buf_truncate(out, start);
	buf_printf(err,
		   "%s:1:1: error: the front matter is written in a way that cannot be edited "
		   "safely; set `%s: %s` by hand [frontmatter/edit]\n",
		   file->path, key, word);
	return -1;
}
