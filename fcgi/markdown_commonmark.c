/* markdown_commonmark.c: CommonMark 0.29 + GFM -> HTML, by libcmark-gfm.
 *
 * The library parses and renders; between the two its tree is changed where our
 * promises (markdown.h) or Hugo's habits differ from its own output: footnotes,
 * task boxes, {#id} on headings, and raw HTML that is not allowed.
 * Definition lists stay text: GFM has none.
 * The only file that knows cmark-gfm.h.
 */
#include "markdown_commonmark.h"

#include "arena.h"
#include "utf8.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <stdlib.h>

static const char *const EXTENSIONS[] = {"table", "strikethrough", "autolink", "tasklist"};
enum { N_EXTENSIONS = sizeof(EXTENSIONS) / sizeof(EXTENSIONS[0]) };

struct tree {
	struct arena arena;
	cmark_node *root;
	cmark_node *emptied; /* nodes out of the tree whose text others still borrow */
	const struct markdown_options *options;
	unsigned *references; /* by footnote number: how often it was referred to */
	size_t n_references;  /* length of that array */
};

/* Around the children it will have. */
static cmark_node *wrapper(const char *enter, const char *leave)
{
	cmark_node *node = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK);

	if (node) {
		cmark_node_set_on_enter(node, enter);
		cmark_node_set_on_exit(node, leave);
	}
	return node;
}

/* Raw HTML and not a custom node: table cells admit no custom ones. */
static cmark_node *html_node(cmark_node_type type, const char *html)
{
	cmark_node *node = cmark_node_new(type);

	if (node)
		cmark_node_set_literal(node, html);
	return node;
}

/* Appends to the text of the block, or after it when it ends in no text. */
static void append_html(cmark_node *block, const char *html)
{
	cmark_node *last = cmark_node_last_child(block);
	bool in_text = last && cmark_node_get_type(last) == CMARK_NODE_PARAGRAPH;

	cmark_node_type type = in_text ? CMARK_NODE_HTML_INLINE : CMARK_NODE_HTML_BLOCK;
	cmark_node_append_child(in_text ? last : block, html_node(type, html));
}

static void adopt_children(cmark_node *parent, cmark_node *from)
{
	for (cmark_node *child; (child = cmark_node_first_child(from));)
		if (!cmark_node_append_child(parent, child))
			return;
}

static void remove_node(cmark_node *node)
{
	cmark_node_unlink(node);
	cmark_node_free(node);
}

static void secure_html(cmark_node *node)
{
	struct buf kept = BUF_EMPTY;

	markdown_keep_dividers(str_from(cmark_node_get_literal(node)), &kept);
	if (kept.n)
		cmark_node_set_literal(node, buf_z(&kept));
	else
		remove_node(node);
	buf_release(&kept);
}

static void secure_link(cmark_node *node, bool image)
{
	if (!markdown_is_safe_url(str_from(cmark_node_get_url(node)), image))
		cmark_node_set_url(node, "");
}

static void rewrite_reference(struct tree *tree, cmark_node *node)
{
	size_t number = (size_t)strtoul(cmark_node_get_literal(node), NULL, 10);
	struct buf html = BUF_EMPTY;

	if (number >= tree->n_references) {
		size_t grown = number * 2 + 16;
		unsigned *counts = ARENA_ARRAY(&tree->arena, grown, unsigned);
		if (tree->n_references)
			memcpy(counts, tree->references, tree->n_references * sizeof(*counts));
		tree->references = counts;
		tree->n_references = grown;
	}
	markdown_footnote_reference(number, tree->references[number]++, &html);
	cmark_node *reference = html_node(CMARK_NODE_HTML_INLINE, buf_z(&html));
	if (reference && cmark_node_replace(node, reference))
		cmark_node_free(node);
	buf_release(&html);
}

/* "Heading {#id}" -> <h2 id="id">Heading</h2>. */
static void rewrite_heading(struct tree *tree, cmark_node *node)
{
	cmark_node *last = cmark_node_last_child(node);
	struct str text, id;

	if (!last || cmark_node_get_type(last) != CMARK_NODE_TEXT)
		return;
	text = str_from(cmark_node_get_literal(last));
	if (!markdown_heading_id(&text, &id))
		return;
	int level = cmark_node_get_heading_level(node);
	struct str open = arena_printf(&tree->arena, "<h%d id=\"%.*s\">", level, STR_ARG(id));
	struct str close = arena_printf(&tree->arena, "</h%d>", level);
	cmark_node *heading = wrapper("", "");
	if (!heading)
		return;
	cmark_node_set_literal(last, arena_z(&tree->arena, text));
	cmark_node_prepend_child(node, html_node(CMARK_NODE_HTML_INLINE, open.p));
	cmark_node_append_child(node, html_node(CMARK_NODE_HTML_INLINE, close.p));
	adopt_children(heading, node);
	cmark_node_replace(node, heading);
	cmark_node_append_child(tree->emptied, node);
}

/* The extension renders <li><input …/> with XML's attributes; ours are HTML's. */
static void rewrite_task(cmark_node *node)
{
	cmark_node *first = cmark_node_first_child(node);
	const char *box = cmark_gfm_extensions_get_tasklist_item_checked(node)
				  ? "<input type=\"checkbox\" checked disabled> "
				  : "<input type=\"checkbox\" disabled> ";

	cmark_node_set_syntax_extension(node, NULL);
	bool in_text = first && cmark_node_get_type(first) == CMARK_NODE_PARAGRAPH;
	cmark_node_type type = in_text ? CMARK_NODE_HTML_INLINE : CMARK_NODE_HTML_BLOCK;
	cmark_node_prepend_child(in_text ? first : node, html_node(type, box));
}

static void rewrite_node(struct tree *tree, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);

	if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE)
		secure_html(node);
	else if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE)
		secure_link(node, type == CMARK_NODE_IMAGE);
	else if (type == CMARK_NODE_HEADING)
		rewrite_heading(tree, node);
	else if (type == CMARK_NODE_ITEM)
		rewrite_task(node);
	else
		rewrite_reference(tree, node);
}

static bool concerns_us(const struct tree *tree, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);

	if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE)
		return true;
	if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE)
		return tree->options->safe;
	if (type == CMARK_NODE_HEADING)
		return !tree->options->strict;
	if (type == CMARK_NODE_ITEM)
		return cmark_node_get_syntax_extension(node) != NULL;
	return type == CMARK_NODE_FOOTNOTE_REFERENCE;
}

static void rewrite_note(struct tree *tree, cmark_node *note, size_t number, cmark_node *list)
{
	struct str enter = arena_printf(&tree->arena, "<li id=\"fn:%zu\">", number);
	cmark_node *item = wrapper(enter.p, "</li>");
	unsigned times = number < tree->n_references ? tree->references[number] : 0;
	struct buf links = BUF_EMPTY;

	if (!item)
		return;
	for (unsigned i = 0; i < times; i++)
		markdown_footnote_backlink(number, i, &links);
	append_html(note, buf_z(&links));
	buf_release(&links);
	adopt_children(item, note);
	cmark_node_append_child(list, item);
	remove_node(note);
}

/* The library leaves the definitions at the end of the document, in order. */
static void rewrite_notes(struct tree *tree)
{
	cmark_node *list = NULL, *next;
	size_t number = 0;

	for (cmark_node *node = cmark_node_first_child(tree->root); node; node = next) {
		next = cmark_node_next(node);
		if (cmark_node_get_type(node) != CMARK_NODE_FOOTNOTE_DEFINITION)
			continue;
		if (!list)
			list = wrapper(MARKDOWN_NOTES_OPEN, MARKDOWN_NOTES_CLOSE);
		if (list)
			rewrite_note(tree, node, ++number, list);
	}
	if (list)
		cmark_node_append_child(tree->root, list);
}

/* Nodes are collected first: the iterator does not survive their going. */
static int rewrite(struct tree *tree)
{
	cmark_iter *iter = cmark_iter_new(tree->root);
	cmark_node **nodes = NULL;
	size_t n = 0, capacity = 0;

	if (!iter)
		return -1;
	for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
		cmark_node *node = cmark_iter_get_node(iter);
		if (event != CMARK_EVENT_ENTER || !concerns_us(tree, node))
			continue;
		ARENA_ROOM(&tree->arena, nodes, n, capacity);
		nodes[n++] = node;
	}
	cmark_iter_free(iter);
	for (size_t i = 0; i < n; i++)
		rewrite_node(tree, nodes[i]);
	rewrite_notes(tree);
	return 0;
}

static cmark_node *parse(struct str body, int flags)
{
	cmark_parser *parser = cmark_parser_new(flags);
	cmark_node *root = NULL;

	if (!parser)
		return NULL;
	for (size_t i = 0; i < N_EXTENSIONS; i++) {
		cmark_syntax_extension *extension = cmark_find_syntax_extension(EXTENSIONS[i]);
		if (!extension || !cmark_parser_attach_syntax_extension(parser, extension))
			goto out;
	}
	cmark_parser_feed(parser, body.p, body.n);
	root = cmark_parser_finish(parser);
out:
	cmark_parser_free(parser);
	return root;
}

/* The library cuts a character in two in some "[^x" that is no footnote. */
static void add_valid(struct str text, struct buf *html)
{
	for (size_t n; text.n; text = str_skip(text, n)) {
		size_t valid = utf8_check(text);
		buf_str(html, str_head(text, valid));
		text = str_skip(text, valid);
		if (utf8_decode(text, &n) == UTF8_INVALID && text.n)
			buf_utf8(html, 0xfffd);
	}
}

int markdown_commonmark(struct str body, const struct markdown_options *options, struct buf *html,
			struct buf *err)
{
	/* UNSAFE, and what is unsafe taken out of the tree: what we add is HTML too. */
	int flags = CMARK_OPT_FOOTNOTES | CMARK_OPT_UNSAFE |
		    CMARK_OPT_TABLE_PREFER_STYLE_ATTRIBUTES;
	struct tree tree = {.options = options};
	char *text = NULL;

	/* With notes, the library loses words of a "[^" that is none. */
	if (str_find(body, "]:") == body.n)
		flags &= ~CMARK_OPT_FOOTNOTES;
	cmark_gfm_core_extensions_ensure_registered();
	tree.root = parse(body, flags);
	tree.emptied = wrapper("", "");
	if (tree.root && tree.emptied) {
		cmark_consolidate_text_nodes(tree.root);
		arena_init(&tree.arena, 0);
		if (rewrite(&tree) == 0)
			text = cmark_render_html(tree.root, flags, NULL);
		arena_release(&tree.arena);
	}
	cmark_node_free(tree.root);
	cmark_node_free(tree.emptied);
	if (!text) {
		buf_puts(err, "cmark-gfm could not render the text");
		return -1;
	}
	add_valid(str_from(text), html);
	cmark_get_default_mem_allocator()->free(text);
	return 0;
}
