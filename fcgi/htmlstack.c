/* htmlstack.c: tokens -> the stack of open elements, with the implied end tags.
 *
 * Every element is one or more kinds, and the rules are sets of kinds.  Of the
 * HTML standard's tree construction only what decides which elements are open
 * is here, and which would be opened again: no foster parenting.
 */
#include "htmlstack.h"

#include "buf.h"

enum {
	P = 1 << 0,
	ENDS_P = 1 << 1, /* a block: its start ends a paragraph */
	LI = 1 << 2,
	LIST = 1 << 3,
	TERM = 1 << 4, /* dt, dd */
	DL = 1 << 5,
	RUBY_TEXT = 1 << 6,
	RUBY = 1 << 7,
	CELL = 1 << 8,
	ROW = 1 << 9,
	ROWS = 1 << 10,   /* thead, tbody, tfoot */
	BEFORE = 1 << 11, /* of a table, what stands before its rows */
	TABLE = 1 << 12,
	OPTION = 1 << 13,
	OPTGROUP = 1 << 14,
	SELECT = 1 << 15,
	WALL = 1 << 16, /* nothing inside ends anything outside */
	TEMPLATE = 1 << 17,
	BUTTON = 1 << 18,
	FOREIGN = 1 << 19,    /* SVG, MathML */
	FORMATTING = 1 << 20, /* goes on behind the end of what it stands in (§13.2.4.3)... */
	MARKER = 1 << 21,     /* ...unless that is one of these */
};

static const struct {
	const char *name;
	unsigned kinds;
} ELEMENTS[] = {
	{"p", P | ENDS_P},
	{"li", LI | ENDS_P},
	{"ul", LIST | ENDS_P},
	{"ol", LIST | ENDS_P},
	{"menu", LIST | ENDS_P},
	{"dt", TERM | ENDS_P},
	{"dd", TERM | ENDS_P},
	{"dl", DL | ENDS_P},
	{"rt", RUBY_TEXT},
	{"rp", RUBY_TEXT},
	{"ruby", RUBY},
	{"td", CELL | WALL | MARKER},
	{"th", CELL | WALL | MARKER},
	{"tr", ROW},
	{"thead", ROWS},
	{"tbody", ROWS},
	{"tfoot", ROWS},
	{"caption", BEFORE | WALL | MARKER},
	{"colgroup", BEFORE},
	{"table", TABLE | WALL | ENDS_P},
	{"option", OPTION},
	{"optgroup", OPTGROUP},
	{"select", SELECT},
	{"datalist", SELECT},
	{"template", TEMPLATE | WALL | MARKER},
	{"object", WALL | MARKER},
	{"button", BUTTON},
	{"svg", FOREIGN},
	{"math", FOREIGN},
	{"address", ENDS_P}, {"article", ENDS_P}, {"aside", ENDS_P}, {"blockquote", ENDS_P},
	{"center", ENDS_P}, {"details", ENDS_P}, {"dialog", ENDS_P}, {"div", ENDS_P},
	{"fieldset", ENDS_P}, {"figcaption", ENDS_P}, {"figure", ENDS_P}, {"footer", ENDS_P},
	{"form", ENDS_P}, {"h1", ENDS_P}, {"h2", ENDS_P}, {"h3", ENDS_P}, {"h4", ENDS_P},
	{"h5", ENDS_P}, {"h6", ENDS_P}, {"header", ENDS_P}, {"hgroup", ENDS_P}, {"hr", ENDS_P},
	{"main", ENDS_P}, {"nav", ENDS_P}, {"pre", ENDS_P}, {"search", ENDS_P},
	{"section", ENDS_P}, {"summary", ENDS_P},
	{"a", FORMATTING}, {"b", FORMATTING}, {"big", FORMATTING}, {"code", FORMATTING},
	{"em", FORMATTING}, {"font", FORMATTING}, {"i", FORMATTING}, {"nobr", FORMATTING},
	{"s", FORMATTING}, {"small", FORMATTING}, {"strike", FORMATTING}, {"strong", FORMATTING},
	{"tt", FORMATTING}, {"u", FORMATTING},
};

static const struct {
	unsigned opened; /* this start tag... */
	unsigned ends;   /* ...ends one of these... */
	unsigned scope;  /* ...unless one of these stands between (§13.2.4.2) */
} IMPLIED[] = {
	{ENDS_P, P, WALL | BUTTON | FOREIGN},
	{LI, LI, LIST},
	{TERM, TERM, DL},
	{RUBY_TEXT, RUBY_TEXT, RUBY},
	{CELL, CELL, ROW | TABLE},
	{ROW | ROWS, ROW | BEFORE, TABLE},
	{ROWS, ROWS, TABLE},
	{OPTION | OPTGROUP, OPTION, SELECT},
	{OPTGROUP, OPTGROUP, SELECT},
};

/* How far down an element is looked for: browsers end at 512 levels, and
 * without an end deep texts would take quadratic time. */
enum { REACH = 256 };

struct htmlstack_element {
	struct html_token token;
	unsigned kinds;
	size_t depth; /* of a lost one: where it was lost */
};

void htmlstack_start(struct htmlstack *stack, struct arena *arena)
{
	*stack = (struct htmlstack){.arena = arena};
}

static unsigned kinds_of(struct str name)
{
	for (size_t i = 0; i < sizeof(ELEMENTS) / sizeof(ELEMENTS[0]); i++)
		if (str_is_fold(name, ELEMENTS[i].name))
			return ELEMENTS[i].kinds;
	return 0;
}

static void push(struct htmlstack *stack, const struct html_token *token, unsigned kinds)
{
	ARENA_ROOM(stack->arena, stack->open, stack->depth, stack->room);
	stack->open[stack->depth++] = (struct htmlstack_element){*token, kinds, 0};
	stack->foreign += (kinds & FOREIGN) != 0;
}

/* Ended with what it stood in: a browser opens it again for the next text. */
static void lose(struct htmlstack *stack, const struct htmlstack_element *element, size_t depth)
{
	if (!stack->lost)
		stack->lost = ARENA_ARRAY(stack->arena, HTMLSTACK_LOST, struct htmlstack_element);
	if (stack->lost_count == HTMLSTACK_LOST)
		return;
	stack->lost[stack->lost_count] = *element;
	stack->lost[stack->lost_count++].depth = depth;
}

/* Ends the elements from `depth` on; the one at `depth` by its own end tag, or
 * by what stands for it. */
static void pop_to(struct htmlstack *stack, size_t depth)
{
	while (stack->depth > depth) {
		const struct htmlstack_element *top = &stack->open[--stack->depth];
		stack->foreign -= (top->kinds & FOREIGN) != 0;
		if ((top->kinds & FORMATTING) && stack->depth > depth && !stack->foreign)
			lose(stack, top, stack->depth);
		while ((top->kinds & MARKER) && stack->lost_count &&
		       stack->lost[stack->lost_count - 1].depth > stack->depth)
			stack->lost_count--;
	}
}

/* The end tag of an element that is open no more. */
static void find_lost(struct htmlstack *stack, struct str name)
{
	for (size_t i = stack->lost_count; i-- > 0;) {
		if (!str_eq_fold(stack->lost[i].token.name, name))
			continue;
		stack->lost_count--;
		memmove(&stack->lost[i], &stack->lost[i + 1],
			(stack->lost_count - i) * sizeof(*stack->lost));
		return;
	}
}

static size_t lowest(const struct htmlstack *stack)
{
	return stack->depth > REACH ? stack->depth - REACH : 0;
}

/* Ends the innermost open element that is one of `which`, and all inside it,
 * unless one of `scope` stands between. */
static void end_implied(struct htmlstack *stack, unsigned which, unsigned scope)
{
	for (size_t i = stack->depth; i-- > lowest(stack);) {
		if (stack->open[i].kinds & which) {
			pop_to(stack, i);
			return;
		}
		if (stack->open[i].kinds & scope)
			return;
	}
}

static void feed_open(struct htmlstack *stack, const struct html_token *token)
{
	unsigned kinds = kinds_of(token->name);

	for (size_t i = 0; i < sizeof(IMPLIED) / sizeof(IMPLIED[0]); i++)
		if (kinds & IMPLIED[i].opened)
			end_implied(stack, IMPLIED[i].ends, IMPLIED[i].scope);
	/* "/>" closes only inside SVG and MathML; <br/>-like ones are void anyway. */
	bool empty = token->self_closing && (stack->foreign || (kinds & FOREIGN));
	if (!empty && !html_is_void(token->name))
		push(stack, token, kinds);
}

/* A part of a table is ended from anywhere inside, up to the table. */
static void feed_close(struct htmlstack *stack, const struct html_token *token)
{
	unsigned part = CELL | ROW | ROWS | BEFORE | TABLE;
	unsigned scope = kinds_of(token->name) & part ? TABLE | TEMPLATE : WALL;

	for (size_t i = stack->depth; i-- > lowest(stack);) {
		if (str_eq_fold(stack->open[i].token.name, token->name)) {
			pop_to(stack, i);
			return;
		}
		if (stack->open[i].kinds & scope)
			return;
	}
	find_lost(stack, token->name);
}

void htmlstack_feed(struct htmlstack *stack, const struct html_token *token)
{
	if (token->unfinished)
		return;
	if (token->kind == HTML_OPEN)
		feed_open(stack, token);
	else if (token->kind == HTML_CLOSE)
		feed_close(stack, token);
}

void htmlstack_read(struct htmlstack *stack, struct arena *arena, struct str html)
{
	struct html_reader reader;
	struct html_token token;

	htmlstack_start(stack, arena);
	html_start(&reader, html);
	while (html_next(&reader, &token))
		htmlstack_feed(stack, &token);
}

static void put_end(const struct htmlstack_element *element, struct buf *out)
{
	buf_puts(out, "</");
	buf_str(out, element->token.name);
	buf_char(out, '>');
}

struct str htmlstack_end_tags(const struct htmlstack *stack, struct arena *arena)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = stack->depth; i-- > 0;)
		put_end(&stack->open[i], &out);
	for (size_t i = stack->lost_count; i-- > 0;)
		put_end(&stack->lost[i], &out);
	struct str tags = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return tags;
}

static void put_start(const struct htmlstack_element *element, struct buf *out)
{
	struct str rest = element->token.attributes;
	struct html_attribute attribute;

	buf_char(out, '<');
	buf_str(out, element->token.name);
	while (html_attribute_next(&rest, &attribute)) {
		if (str_is_fold(attribute.name, "id"))
			continue;
		buf_char(out, ' ');
		buf_str(out, attribute.bytes);
	}
	buf_char(out, '>');
}

struct str htmlstack_start_tags(const struct htmlstack *stack, struct arena *arena)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < stack->lost_count; i++)
		put_start(&stack->lost[i], &out);
	for (size_t i = 0; i < stack->depth; i++)
		put_start(&stack->open[i], &out);
	struct str tags = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return tags;
}
