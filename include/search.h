/* search.h: full-text search, as far as it is about text: what is indexed,
 * what a reader's words ask for, and how a hit is shown.
 *
 * The index keeps texts in SQLite's FTS5 with the tokenizer "unicode61
 * remove_diacritics 2": words are letters and digits, without case and accents.
 */
#ifndef CARTOLINA_SEARCH_H
#define CARTOLINA_SEARCH_H

#include "arena.h"
#include "buf.h"

/* Of a query count so many words and phrases, and of each so many characters. */
enum { SEARCH_TERMS = 16, SEARCH_TERM_LENGTH = 64 };

/* What opens and closes a hit in a snippet; no indexed text has them. */
#define SEARCH_OPEN '\x02'
#define SEARCH_CLOSE '\x03'

/* Appends a text as it is indexed: U+200B between the characters of scripts
 * without spaces, so that each is a word; control characters as spaces and
 * malformed UTF-8 as U+FFFD. */
void search_text(struct str plain, struct buf *out);

/* What a reader typed, any bytes -> an FTS5 expression that is always valid, or
 * "" when there is nothing to look for.  All words must be there; "quoted words"
 * stand together; -word or -"quoted words" must not be there; the last word,
 * when nothing follows it, may be the beginning of one. */
struct str search_match(struct arena *arena, struct str q);
/* The same expression with the last word taken as whole, or "" when it is so
 * already. */
struct str search_match_whole(struct arena *arena, struct str match);

/* A snippet as HTML, hits in <mark>. */
struct str search_snippet_html(struct arena *arena, struct str snippet);

#endif
