/* value.h: a tree of JSON values, the data that views build and templates read.
 *
 * Every value lives in the arena named by value_pool() at the time it was made
 * and is freed with it; nothing is released singly.  A value has one parent.
 * Strings are UTF-8; malformed bytes become U+FFFD on the way in.
 * Members keep the order in which they were set.
 */
#ifndef CARTOLINA_VALUE_H
#define CARTOLINA_VALUE_H

#include "arena.h"
#include "buf.h"

#include <stdint.h>

struct value;

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INTEGER,
	VALUE_REAL,
	VALUE_STRING,
	VALUE_ARRAY,
	VALUE_OBJECT,
};

/* Call before making values, and again after that arena was reset. */
void value_pool(struct arena *arena);

struct value *value_null(void);
struct value *value_bool(bool b);
struct value *value_integer(int64_t n);
struct value *value_real(double x); /* null when x is infinite or no number */
struct value *value_string(struct str s);
struct value *value_z(const char *z);
struct value *value_array(void);
struct value *value_object(void);

/* Sets (or replaces) a member; returns `member`, for building inwards. */
struct value *value_set(struct value *object, const char *key, struct value *member);
struct value *value_append(struct value *array, struct value *element);

/* Shorthands for the two commonest members. */
void value_set_str(struct value *object, const char *key, struct str s);
void value_set_bool(struct value *object, const char *key, bool b);

enum value_kind value_kind(const struct value *v);
/* NULL where there is no such member or element, or v is NULL or of another kind. */
const struct value *value_get(const struct value *object, struct str key);
const struct value *value_at(const struct value *array, size_t i);
/* Elements of an array, members of an object, else 0. */
size_t value_count(const struct value *v);
/* "" unless v is a string; borrows from v. */
struct str value_text(const struct value *v);
int64_t value_number(const struct value *v);
double value_float(const struct value *v);
bool value_true(const struct value *v); /* the JSON value true */

/* Walks an object in order: start with *at = NULL; false after the last. */
bool value_each(const struct value *object, void **at, struct str *key, const struct value **member);

/* A copy that may be given another parent. */
struct value *value_copy(const struct value *v);

/* Appends JSON text.  `inside_html` writes < > & as \u escapes, for a <script>. */
void value_write(const struct value *v, bool inside_html, struct buf *out);
/* NULL, with a message, when the text is not one JSON value. */
struct value *value_read(struct str json, struct buf *err);

#endif
