/* template.h: Mustache (https://mustache.github.io, specification v1.3:
 * interpolation, sections, inverted sections, comments, partials, set
 * delimiters; lambdas excepted).
 *
 * A template is compiled once and rendered against a `struct value`; rendering
 * changes neither, so one compiled template serves any number of requests.
 *
 * Where the specification leaves it to the language:
 *   - false for a section: a missing name, null, false, [] and "" (theme
 *     authors expect {{#description}} to ask whether there is one).  Any
 *     number is a value, 0 too; so is {}.
 *   - {{x}} prints a boolean as true or false, a number as JSON in its
 *     shortest form (3.0 is 3), an array or object as JSON.  {{{x}}} of the
 *     latter writes < > & as \u escapes, so that it may stand in a <script>.
 *   - behind a dot, a number picks an element of an array, from 0:
 *     {{#tags.0.name}}<ul>{{#tags}}...{{/tags}}</ul>{{/tags.0.name}} asks
 *     whether there are any, and leaves the names inside as they are.
 *   - names hold no white space, and no empty part between dots.
 *   - a byte order mark before the template is dropped.
 */
#ifndef CARTOLINA_TEMPLATE_H
#define CARTOLINA_TEMPLATE_H

#include "arena.h"
#include "buf.h"
#include "value.h"

struct template;

enum {
	/* How deep partials may nest before a render fails: a loop is an error
	 * that names the partial, not a hang. */
	TEMPLATE_DEPTH_LIMIT = 32,
	/* How deep sections may nest in one template. */
	TEMPLATE_NESTING_LIMIT = 64,
	/* How many tags, repetitions and look-ups one render may take: sections
	 * over the same list, nested, would else outlive the reader.  A sitemap
	 * of 50,000 pages stays below a third of it. */
	TEMPLATE_WORK_LIMIT = 10000000,
};

/* Finds a compiled partial by name; NULL for none (it renders as nothing). */
typedef const struct template *template_finder(void *context, struct str name);

/* The result lives in `arena` and borrows from name and source.  Returns NULL
 * after appending "NAME:LINE:COLUMN: error: MESSAGE {{tag}} [template/RULE]\n" to
 * err; columns count characters, and the message is one printable line whatever
 * the source. */
struct template *template_compile(struct arena *arena, struct str name, struct str source,
				  struct buf *err);

/* Whether no data lets a render of t end: it includes itself, by other partials
 * or directly, outside of every section.  Then a message as above is in err.
 * (A partial that includes itself inside a section is how trees are shown.) */
bool template_loops(const struct template *t, template_finder *find, void *context, struct buf *err);

/* Appends to out.  -1, with a message as above in err and out as it was, when
 * partials nest too deep, the work limit is reached, or out failed (its
 * ceiling, memory); 0 otherwise.  Missing names render as nothing.  `data` and
 * `find` may be NULL: nothing is known, and there are no partials. */
int template_render(const struct template *t, const struct value *data, template_finder *find,
		    void *context, struct buf *out, struct buf *err)
	__attribute__((warn_unused_result));

#endif
