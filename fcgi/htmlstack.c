/* htmlstack.c: tokens -> the stack of open elements, with the implied end tags.
 *
 * Every element is one or more kinds, and the rules are sets of kinds.  Of the
 * HTML standard's tree construction only what decides which elements are open
 * is here: no foster parenting, no second chance for crossed <b> and <i>.
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
	FOREIGN = 1 << 19, /* SVG, MathML */
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
	{"td", CELL | WALL},
	{"th", CELL | WALL},
	{"tr", ROW},
	{"thead", ROWS},
	{"tbody", ROWS},
	{"tfoot", ROWS},
	{"caption", BEFORE | WALL},
	{"colgroup", BEFORE},
	{"table", TABLE | WALL | ENDS_P},
	{"option", OPTION},
	{"optgroup", OPTGROUP},
	{"select", SELECT},
	{"datalist", SELECT},
	{"template", TEMPLATE | WALL},
	{"object", WALL},
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
	if (stack->depth == stack->room) {
		size_t room = stack->room ? stack->room * 2 : 32;
		struct htmlstack_element *open =
			ARENA_ARRAY(stack->arena, room, struct htmlstack_element);
		if (stack->depth)
			memcpy(open, stack->open, stack->depth * sizeof(*open));
		stack->open = open;
		stack->room = room;
	}
	stack->open[stack->depth++] = (struct htmlstack_element){*token, kinds};
	stack->foreign += (kinds & FOREIGN) != 0;
}

static void pop_to(struct htmlstack *stack, size_t depth)
{
	while (stack->depth > depth)
		stack->foreign -= (stack->open[--stack->depth].kinds & FOREIGN) != 0;
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

struct str htmlstack_end_tags(const struct htmlstack *stack, struct arena *arena)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = stack->depth; i-- > 0;) {
		buf_puts(&out, "</");
		buf_str(&out, stack->open[i].token.name);
		buf_char(&out, '>');
	}
	struct str tags = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return tags;
}

struct str htmlstack_start_tags(const struct htmlstack *stack, struct arena *arena)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < stack->depth; i++) {
		struct str rest = stack->open[i].token.attributes;
		struct html_attribute attribute;
		buf_char(&out, '<');
		buf_str(&out, stack->open[i].token.name);
		while (html_attribute_next(&rest, &attribute)) {
			if (str_is_fold(attribute.name, "id"))
				continue;
			buf_char(&out, ' ');
			buf_str(&out, attribute.bytes);
		}
		buf_char(&out, '>');
	}
	struct str tags = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return tags;
}
