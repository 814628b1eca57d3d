/* htmlstack.c: the stack of open elements, with the implied end tags. */
#include "htmlstack.h"

#include "buf.h"

void htmlstack_start(struct htmlstack *stack, struct arena *arena)
{
	*stack = (struct htmlstack){.arena = arena};
}

static bool listed(struct str name, const char *const *list)
{
	for (; *list; list++)
		if (str_is_fold(name, *list))
			return true;
	return false;
}

static void push(struct htmlstack *stack, const struct html_token *token)
{
	if (stack->depth == stack->room) {
		size_t room = stack->room ? stack->room * 2 : 32;
		struct html_token *open = ARENA_ARRAY(stack->arena, room, struct html_token);
		if (stack->depth)
			memcpy(open, stack->open, stack->depth * sizeof(*open));
		stack->open = open;
		stack->room = room;
	}
	stack->open[stack->depth++] = *token;
}

/* Ends the innermost open element that is in `which`, and all inside it,
 * unless an element of `scope` stands between. */
static void end_implied(struct htmlstack *stack, const char *const *which, const char *const *scope)
{
	for (size_t i = stack->depth; i-- > 0;) {
		struct str name = stack->open[i].name;
		if (listed(name, which)) {
			stack->depth = i;
			return;
		}
		if (listed(name, scope))
			return;
	}
}

static const char *const P[] = {"p", NULL};
static const char *const P_SCOPE[] = {"table", "td", "th", "caption", "button", "object", "template",
				      "svg", "math", NULL};
static const char *const ENDS_P[] = {
	"address", "article", "aside", "blockquote", "center", "details", "dialog", "div", "dl", "dt",
	"dd", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
	"header", "hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary",
	"table", "ul", NULL};

static const struct {
	const char *const opened[4]; /* this start tag… */
	const char *const ends[4];   /* …ends one of these… */
	const char *const scope[4];  /* …unless one of these stands between */
} IMPLIED[] = {
	{{"li"}, {"li"}, {"ul", "ol", "menu"}},
	{{"dt", "dd"}, {"dt", "dd"}, {"dl"}},
	{{"td", "th"}, {"td", "th"}, {"tr", "table"}},
	{{"tr"}, {"tr"}, {"table"}},
	{{"tbody", "thead", "tfoot"}, {"tbody", "thead", "tfoot"}, {"table"}},
	{{"option"}, {"option"}, {"select", "datalist"}},
};

static bool in_foreign(const struct htmlstack *stack)
{
	for (size_t i = stack->depth; i-- > 0;)
		if (html_is(&stack->open[i], "svg") || html_is(&stack->open[i], "math"))
			return true;
	return false;
}

static void feed_open(struct htmlstack *stack, const struct html_token *token)
{
	if (listed(token->name, ENDS_P))
		end_implied(stack, P, P_SCOPE);
	for (size_t i = 0; i < sizeof(IMPLIED) / sizeof(IMPLIED[0]); i++)
		if (listed(token->name, IMPLIED[i].opened))
			end_implied(stack, IMPLIED[i].ends, IMPLIED[i].scope);
	if (html_is_void(token->name) || token->unfinished)
		return;
	/* "/>" closes only inside SVG and MathML; <br/>-like ones are void anyway. */
	bool foreign = html_is(token, "svg") || html_is(token, "math") || in_foreign(stack);
	if (!(token->self_closing && foreign))
		push(stack, token);
}

void htmlstack_feed(struct htmlstack *stack, const struct html_token *token)
{
	if (token->kind == HTML_OPEN) {
		feed_open(stack, token);
	} else if (token->kind == HTML_CLOSE) {
		for (size_t i = stack->depth; i-- > 0;) {
			if (str_eq_fold(stack->open[i].name, token->name)) {
				stack->depth = i;
				return;
			}
		}
	}
}

struct str htmlstack_end_tags(const struct htmlstack *stack, struct arena *arena)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = stack->depth; i-- > 0;) {
		buf_puts(&out, "</");
		buf_str(&out, stack->open[i].name);
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
		struct str rest = stack->open[i].attributes;
		struct html_attribute attribute;
		buf_char(&out, '<');
		buf_str(&out, stack->open[i].name);
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
