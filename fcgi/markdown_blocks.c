/* markdown_blocks.c: blocks -> lines that discount reads in one way only.
 *
 * Each function is one rule; its comment says what discount does otherwise.
 */
#include "markdown_blocks.h"

void markdown_blocks_init(struct markdown_blocks *b, const struct markdown_options *options,
			  struct markdown_slots *slots)
{
	*b = (struct markdown_blocks){.options = options, .slots = slots};
	markdown_references_init(&b->references, slots->arena);
	markdown_references_init(&b->notes, slots->arena);
	b->spans = (struct markdown_spans){
		.options = options,
		.slots = slots,
		.references = &b->references,
		.notes = &b->notes,
	};
}

void markdown_blocks_release(struct markdown_blocks *b)
{
	for (size_t i = 0; b->note_texts && i <= b->notes.n; i++)
		buf_release(&b->note_texts[i].text);
	markdown_references_release(&b->references);
	markdown_references_release(&b->notes);
	markdown_spans_release(&b->spans);
}

/* Lines ------------------------------------------------------------------- */

/* What stands before a line: the markers of the containers, each once. */
static void put_prefix(struct markdown_blocks *b)
{
	size_t first = 0;

	for (size_t i = 0; i < b->depth; i++)
		if (b->stack[i].kind == CONTAINER_NOTE)
			first = i;
	for (size_t i = first; i < b->depth; i++) {
		struct markdown_container *c = &b->stack[i];
		bool ordered = c->marker == '.' || c->marker == ')';
		if (c->kind == CONTAINER_QUOTE)
			buf_puts(b->out, "> ");
		else if (c->kind == CONTAINER_DEFINITION)
			buf_puts(b->out, c->written ? "  " : ": ");
		else
			buf_puts(b->out, c->written ? "    " : ordered ? "1.  " : "-   ");
		c->written = true;
	}
}

static void put_line(struct markdown_blocks *b, struct str line)
{
	put_prefix(b);
	buf_str(b->out, line);
	buf_char(b->out, '\n');
}

/* A comment alone on its line is an HTML block to discount, at any depth. */
static void put_slot_line(struct markdown_blocks *b, size_t slot)
{
	put_prefix(b);
	buf_puts(b->out, "<!--");
	markdown_slot_put(b->slots, slot, b->out);
	buf_puts(b->out, "-->\n");
}

/* Lists, fences and quotes right under a line of text are text to discount, and
 * a quote goes on without ">": only a blank line ends every block. */
static void put_gap(struct markdown_blocks *b)
{
	for (size_t i = 0; i < b->depth; i++)
		if (b->stack[i].kind == CONTAINER_NOTE)
			b->note_texts[b->stack[i].number].in_text = false;
	if (b->out->n && !b->glue)
		buf_char(b->out, '\n');
	b->glue = false;
}

static void put_slot_block(struct markdown_blocks *b, size_t slot)
{
	put_gap(b);
	put_slot_line(b, slot);
}

/* Containers ---------------------------------------------------------------- */

void markdown_blocks_begin(struct markdown_blocks *b, enum markdown_sibling_kind kind)
{
	struct markdown_container *parent = b->depth ? &b->stack[b->depth - 1] : NULL;

	if (parent && parent->kind == CONTAINER_ITEM && !parent->empty && b->blank)
		b->slots->v[parent->number].tight = false;
	if (parent)
		parent->empty = false;
	b->blank = false;
	b->last[b->depth] = (struct markdown_sibling){.kind = kind};
}

void markdown_blocks_open(struct markdown_blocks *b, struct markdown_container container)
{
	container.empty = true;
	b->stack[b->depth++] = container;
	b->last[b->depth] = (struct markdown_sibling){.kind = SIBLING_NONE};
}

/* Discount does not know an item or a quote without content. */
void markdown_blocks_close(struct markdown_blocks *b)
{
	struct markdown_container *c = &b->stack[b->depth - 1];

	if (!c->written && !b->collecting)
		put_slot_block(b, FIXED_NOTHING);
	if (c->outside)
		b->out = c->outside;
	b->depth--;
}

/* Discount joins two quotes that stand in a row, or with only definitions
 * between them. */
void markdown_blocks_quote(struct markdown_blocks *b)
{
	bool first = b->last[b->depth].kind == SIBLING_NONE;

	markdown_blocks_begin(b, SIBLING_OTHER);
	if (!first && !b->collecting)
		put_slot_block(b, FIXED_NOTHING);
	markdown_blocks_open(b, (struct markdown_container){.kind = CONTAINER_QUOTE});
}

/* An item joins the list before it when its marker is of the same kind; else a
 * new list begins, which discount would join.  It ignores the first number and
 * wants "1." where others write "1)"; that and whether the items are
 * paragraphs waits in the slot for markdown_repair. */
void markdown_blocks_item(struct markdown_blocks *b, const struct markdown_marker *marker,
			  size_t width)
{
	struct markdown_sibling last = b->last[b->depth];
	struct markdown_container item = {
		.kind = CONTAINER_ITEM, .marker = marker->kind, .width = width};

	if (last.kind == SIBLING_LIST && last.marker == marker->kind) {
		if (b->blank)
			b->slots->v[last.list].tight = false;
		b->blank = false;
	} else {
		markdown_blocks_begin(b, SIBLING_LIST);
		last = (struct markdown_sibling){SIBLING_LIST, marker->kind, FIXED_NOTHING};
		if (!b->collecting) {
			last.list = markdown_slot_add(
				b->slots, (struct markdown_slot){.kind = SLOT_LIST,
								 .number = marker->number,
								 .tight = true});
			put_slot_block(b, last.list);
		}
		b->last[b->depth] = last;
	}
	item.number = last.list;
	markdown_blocks_open(b, item);
}

/* Text ------------------------------------------------------------------------ */

/* Bytes at the start of a line of text of which the last makes discount take it
 * for the start of another block; 0 if none. */
static size_t shield_length(struct str line)
{
	if (!line.n)
		return 0;
	if (line.p[0] == '#' || line.p[0] == '>')
		return 1;
	if (strchr("-+=:*_", line.p[0]) && (line.n == 1 || ascii_space(line.p[1])))
		return 1;
	if (strchr("-=:|", line.p[0]) && strspn(line.p, "-=:| ") >= line.n)
		return 1;
	/* It takes "+1." for a number, too. */
	size_t sign = line.p[0] == '-' || line.p[0] == '+', dot = sign;
	while (dot < line.n && ascii_digit(line.p[dot]))
		dot++;
	if (dot == sign || dot == line.n || line.p[dot] != '.')
		return 0;
	return dot + 1 == line.n || ascii_space(line.p[dot + 1]) ? dot + 1 : 0;
}

/* A link "[x](...)" first in an item: discount makes a task of it. */
static bool is_box(struct str line)
{
	return line.n > 2 && line.p[0] == '[' && strchr(" xX", line.p[1]) && line.p[2] == ']';
}

/* Control characters alone: discount ends a paragraph there. */
static bool looks_blank(struct str line)
{
	size_t n = 0;

	while (n < line.n && (unsigned char)line.p[n] <= ' ')
		n++;
	return n == line.n;
}

static void put_text(struct markdown_blocks *b, struct str source)
{
	struct buf text = BUF_EMPTY;
	struct str rest, line;

	put_gap(b);
	markdown_spans_write(&b->spans, source, &text);
	rest = buf_view(&text);
	while (str_line(&rest, &line)) {
		size_t n = shield_length(line);
		put_prefix(b);
		if (is_box(line) || looks_blank(line))
			markdown_slot_put(b->slots, FIXED_NOTHING, b->out);
		if (n) {
			buf_str(b->out, str_head(line, n - 1));
			buf_printf(b->out, "&#%d;", line.p[n - 1]);
		}
		buf_str(b->out, str_skip(line, n));
		buf_char(b->out, '\n');
	}
	buf_release(&text);
	if (b->depth && b->stack[b->depth - 1].kind == CONTAINER_NOTE)
		b->note_texts[b->stack[b->depth - 1].number].in_text = true;
}

/* Discount reads "#x" and "Heading {#id}" otherwise, takes every # off the end,
 * and knows headings of two lines only for one line of text. */
void markdown_blocks_heading(struct markdown_blocks *b, unsigned level, struct str text)
{
	struct buf line = BUF_EMPTY;
	struct str id;

	if (b->collecting)
		return;
	put_gap(b);
	buf_str(&line, str_head(STR_LIT("######"), level));
	buf_char(&line, ' ');
	if (!b->options->strict && markdown_heading_id(&text, &id)) {
		struct markdown_slot slot = {.kind = SLOT_HEADING};
		slot.html = arena_str(b->slots->arena, id);
		markdown_slot_put(b->slots, markdown_slot_add(b->slots, slot), &line);
	} else if (!text.n) {
		markdown_slot_put(b->slots, FIXED_NOTHING, &line);
	}
	markdown_spans_write(&b->spans, text, &line);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\n')
			line.p[i] = ' ';
	if (str_ends(buf_view(&line), "#")) {
		buf_truncate(&line, line.n - 1);
		buf_puts(&line, "&#35;");
	}
	put_line(b, buf_view(&line));
	buf_release(&line);
}

/* "- - -" after a text is a heading to discount. */
void markdown_blocks_rule(struct markdown_blocks *b)
{
	if (b->collecting)
		return;
	put_gap(b);
	put_line(b, STR_LIT("***"));
}

/* Tables ------------------------------------------------------------------------ */

static void put_cell(struct markdown_blocks *b, struct str cell)
{
	struct buf source = BUF_EMPTY, text = BUF_EMPTY;

	for (size_t i = 0; i < cell.n; i++)
		if (cell.p[i] != '\\' || i + 1 == cell.n || cell.p[i + 1] != '|')
			buf_char(&source, cell.p[i]);
	markdown_spans_write(&b->spans, buf_view(&source), &text);
	buf_char(b->out, '|');
	if (!text.n)
		markdown_slot_put(b->slots, FIXED_NOTHING, b->out);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '|')
			buf_puts(b->out, "&#124;");
		else
			buf_char(b->out, text.p[i]);
	buf_release(&source);
	buf_release(&text);
}

static void put_row(struct markdown_blocks *b, struct str row, size_t columns)
{
	struct str rest = markdown_row_trim(row), cell;

	put_prefix(b);
	for (size_t i = 0; i < columns; i++) {
		if (!markdown_row_cell(&rest, &cell))
			cell = STR_LIT("");
		put_cell(b, cell);
	}
	buf_puts(b->out, "|\n");
}

static void put_delimiters(struct markdown_blocks *b, struct str row)
{
	struct str rest = markdown_row_trim(row), cell;

	put_prefix(b);
	while (markdown_row_cell(&rest, &cell)) {
		buf_puts(b->out, str_starts(cell, ":") ? "|:-" : "|--");
		buf_char(b->out, str_ends(cell, ":") ? ':' : '-');
	}
	buf_puts(b->out, "|\n");
}

/* Discount wants a pipe in each of at least three lines, and one at the start of
 * all or none. */
static void put_table(struct markdown_blocks *b, struct str header, struct str delimiters,
		      struct str rows)
{
	size_t columns = markdown_row_delimiters(delimiters);
	struct str row;

	put_gap(b);
	put_row(b, header, columns);
	put_delimiters(b, delimiters);
	if (!rows.n) {
		struct markdown_slot slot = {.kind = SLOT_NO_ROWS};
		put_prefix(b);
		buf_char(b->out, '|');
		markdown_slot_put(b->slots, markdown_slot_add(b->slots, slot), b->out);
		buf_puts(b->out, "|\n");
	}
	while (str_line(&rows, &row))
		put_row(b, row, columns);
}

/* The offset of the header row of a table in a paragraph, or its length. */
static size_t find_table(struct str text)
{
	struct str rest = text, header, row, cell;

	if (!str_line(&rest, &header))
		return text.n;
	for (; str_line(&rest, &row); header = row) {
		bool may_be = row.n && strchr("|:-", row.p[0]) &&
			      (str_find_char(row, '|') < row.n || str_find_char(row, ':') < row.n);
		size_t columns = may_be ? markdown_row_delimiters(row) : 0;
		struct str cells = markdown_row_trim(header);
		if (!columns)
			continue;
		while (columns && markdown_row_cell(&cells, &cell))
			columns--;
		if (!columns && !cells.p)
			return (size_t)(header.p - text.p);
	}
	return text.n;
}

bool markdown_blocks_has_table(struct str text)
{
	return find_table(text) < text.n;
}

struct str markdown_blocks_definitions(struct markdown_blocks *b, struct str text)
{
	struct markdown_target target;
	struct str label;

	for (size_t n; (n = markdown_link_definition(text, &label, &target));) {
		if (b->collecting)
			markdown_references_add(&b->references, label, target);
		text = str_skip(text, n);
	}
	return text;
}

void markdown_blocks_paragraph(struct markdown_blocks *b, struct str text)
{
	text = markdown_blocks_definitions(b, text);
	if (b->collecting || markdown_line_blank(text))
		return;
	size_t table = find_table(text);
	struct str rows = str_skip(text, table), header, delimiters;
	if (table > 0)
		put_text(b, str_trim(str_head(text, table)));
	if (str_line(&rows, &header) && str_line(&rows, &delimiters))
		put_table(b, header, delimiters, rows);
}

/* Code and HTML ------------------------------------------------------------------ */

static void put_block(struct markdown_blocks *b, const struct buf *html)
{
	struct markdown_slot slot = {.kind = SLOT_BLOCK,
				     .html = arena_str(b->slots->arena, buf_view(html))};

	put_slot_block(b, markdown_slot_add(b->slots, slot));
}

/* Discount knows fences only after a blank line and neither empty, open nor
 * with "=" or "*" in the info string; it resolves escapes in code. */
void markdown_blocks_code(struct markdown_blocks *b, struct str code, struct str info)
{
	struct buf html = BUF_EMPTY;
	size_t n = 0;

	if (b->collecting)
		return;
	while (n < info.n && !ascii_space(info.p[n]))
		n++;
	buf_puts(&html, "<pre><code");
	if (n) {
		buf_puts(&html, " class=\"language-");
		markdown_link_title(str_head(info, n), &html);
		buf_char(&html, '"');
	}
	buf_char(&html, '>');
	markdown_escape(code, &html);
	buf_puts(&html, "</code></pre>");
	put_block(b, &html);
	buf_release(&html);
}

/* To discount everything up to the end tag is HTML, and <figure>, <details> or
 * <video> stand in a paragraph. */
void markdown_blocks_html(struct markdown_blocks *b, struct str html)
{
	struct buf kept = BUF_EMPTY;

	if (b->collecting)
		return;
	while (str_ends(html, "\n"))
		html.n--;
	if (b->options->safe)
		markdown_keep_dividers(html, &kept);
	else
		buf_str(&kept, html);
	put_block(b, &kept);
	buf_release(&kept);
}

/* Footnotes ------------------------------------------------------------------------ */

static void put_note(struct markdown_blocks *b, struct markdown_note *note,
		     const struct markdown_note_use *use)
{
	struct markdown_slot slot = {.kind = SLOT_BLOCK};
	struct str text = buf_view(&note->text);
	struct buf links = BUF_EMPTY;

	for (unsigned i = 0; i < use->times; i++)
		markdown_footnote_backlink(use->number, i, &links);
	buf_char(b->out, '\n');
	if (note->in_text) {
		buf_str(b->out, str_head(text, text.n - 1));
		markdown_slot_span(b->slots, buf_view(&links), STR_LIT(""), b->out);
		buf_char(b->out, '\n');
	} else {
		slot.html = arena_str(b->slots->arena, buf_view(&links));
		buf_str(b->out, text);
	}
	/* A second block makes the first a paragraph. */
	buf_puts(b->out, text.n ? "\n    <!--" : "1.  <!--");
	markdown_slot_put(b->slots, markdown_slot_add(b->slots, slot), b->out);
	buf_puts(b->out, "-->\n");
	buf_release(&links);
}

void markdown_blocks_notes(struct markdown_blocks *b)
{
	size_t n = b->spans.n_used;
	size_t *order = ARENA_ARRAY(b->slots->arena, n + 1, size_t);

	if (!n)
		return;
	for (size_t i = 0; i < b->notes.n; i++)
		if (b->spans.uses[i].number)
			order[b->spans.uses[i].number] = i;
	put_slot_block(b, markdown_slot_add(b->slots, (struct markdown_slot){.kind = SLOT_NOTES}));
	for (size_t i = 1; i <= n; i++)
		put_note(b, &b->note_texts[order[i]], &b->spans.uses[order[i]]);
}
