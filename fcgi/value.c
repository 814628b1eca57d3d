/* value.c: the only file that knows jansson.
 *
 * jansson's allocator is pointed at an arena, so that a tree costs no single
 * frees and running out of memory takes the arena's way out instead of
 * returning half a tree.  `struct value` is jansson's json_t under our name.
 */
#include "value.h"

#include "utf8.h"

#include <jansson.h>
#include <math.h>

static struct arena *pool;

static void *pool_alloc(size_t n)
{
	return arena_alloc(pool, n);
}

static void pool_free(void *memory)
{
	(void)memory;
}

void value_pool(struct arena *arena)
{
	if (!pool) {
		json_set_alloc_funcs(pool_alloc, pool_free);
		/* A fixed seed: member order never depends on it, and reading
		 * /dev/urandom at every CGI start would be wasted. */
		json_object_seed(1);
	}
	pool = arena;
}

static struct value *from_json(json_t *json)
{
	return (struct value *)json;
}

static json_t *to_json(const struct value *v)
{
	return (json_t *)v;
}

struct value *value_null(void)
{
	return from_json(json_null());
}

struct value *value_bool(bool b)
{
	return from_json(json_boolean(b));
}

struct value *value_integer(int64_t n)
{
	return from_json(json_integer(n));
}

struct value *value_real(double x)
{
	return isfinite(x) ? from_json(json_real(x)) : value_null();
}

struct value *value_array(void)
{
	return from_json(json_array());
}

struct value *value_object(void)
{
	return from_json(json_object());
}

static struct str repaired(struct str s)
{
	struct buf out = BUF_IN(pool);

	while (s.n) {
		size_t n;
		uint32_t c = utf8_decode(s, &n);
		buf_utf8(&out, c);
		s = str_skip(s, n);
	}
	struct str copy = arena_str(pool, buf_view(&out));
	buf_release(&out);
	return copy;
}

struct value *value_string(struct str s)
{
	if (!utf8_valid(s))
		s = repaired(s);
	return from_json(json_stringn_nocheck(s.n ? s.p : "", s.n));
}

struct value *value_z(const char *z)
{
	return value_string(str_from(z));
}

struct value *value_set(struct value *object, const char *key, struct value *member)
{
	struct str name = str_from(key);

	if (!utf8_valid(name))
		name = repaired(name);
	json_object_set_new_nocheck(to_json(object), name.p, to_json(member));
	return member;
}

struct value *value_append(struct value *array, struct value *element)
{
	json_array_append_new(to_json(array), to_json(element));
	return element;
}

void value_set_str(struct value *object, const char *key, struct str s)
{
	value_set(object, key, value_string(s));
}

void value_set_bool(struct value *object, const char *key, bool b)
{
	value_set(object, key, value_bool(b));
}

enum value_kind value_kind(const struct value *v)
{
	if (!v)
		return VALUE_NULL;
	switch (json_typeof(to_json(v))) {
	case JSON_OBJECT: return VALUE_OBJECT;
	case JSON_ARRAY: return VALUE_ARRAY;
	case JSON_STRING: return VALUE_STRING;
	case JSON_INTEGER: return VALUE_INTEGER;
	case JSON_REAL: return VALUE_REAL;
	case JSON_TRUE:
	case JSON_FALSE: return VALUE_BOOL;
	case JSON_NULL: break;
	}
	return VALUE_NULL;
}

const struct value *value_get(const struct value *object, struct str key)
{
	return object ? from_json(json_object_getn(to_json(object), key.n ? key.p : "", key.n)) : NULL;
}

const struct value *value_at(const struct value *array, size_t i)
{
	return array ? from_json(json_array_get(to_json(array), i)) : NULL;
}

size_t value_count(const struct value *v)
{
	switch (value_kind(v)) {
	case VALUE_ARRAY: return json_array_size(to_json(v));
	case VALUE_OBJECT: return json_object_size(to_json(v));
	default: return 0;
	}
}

struct str value_text(const struct value *v)
{
	if (value_kind(v) != VALUE_STRING)
		return STR_LIT("");
	return (struct str){json_string_value(to_json(v)), json_string_length(to_json(v))};
}

int64_t value_number(const struct value *v)
{
	return v ? json_integer_value(to_json(v)) : 0;
}

double value_float(const struct value *v)
{
	return v ? json_number_value(to_json(v)) : 0;
}

bool value_true(const struct value *v)
{
	return v && json_is_true(to_json(v));
}

bool value_each(const struct value *object, void **at, struct str *key, const struct value **member)
{
	if (value_kind(object) != VALUE_OBJECT)
		return false;
	json_t *json = to_json(object);
	*at = *at ? json_object_iter_next(json, *at) : json_object_iter(json);
	if (!*at)
		return false;
	*key = str_from(json_object_iter_key(*at));
	*member = from_json(json_object_iter_value(*at));
	return true;
}

struct value *value_copy(const struct value *v)
{
	return from_json(json_deep_copy(to_json(v)));
}

static int write_some(const char *bytes, size_t n, void *out)
{
	buf_add(out, bytes, n);
	return 0;
}

/* < > & stand only inside strings in JSON, so a byte-wise rewrite is exact. */
static int write_for_html(const char *bytes, size_t n, void *out)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '<' && bytes[i] != '>' && bytes[i] != '&')
			continue;
		buf_add(out, bytes + from, i - from);
		buf_printf(out, "\\u%04x", (unsigned)bytes[i]);
		from = i + 1;
	}
	buf_add(out, bytes + from, n - from);
	return 0;
}

void value_write(const struct value *v, bool inside_html, struct buf *out)
{
	json_dump_callback(to_json(v), inside_html ? write_for_html : write_some, out,
			   JSON_COMPACT | JSON_ENCODE_ANY);
}

struct value *value_read(struct str json, struct buf *err)
{
	json_error_t error;
	json_t *v = json_loadb(json.p, json.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);

	if (!v)
		buf_printf(err, "%d:%d: %s", error.line, error.column, error.text);
	return from_json(v);
}
