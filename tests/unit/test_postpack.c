/* test_postpack.c: packed and unpacked a post is the same; damage is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "hash.h"
#include "postpack.h"

#define ONE(name) +1
enum { HEAD_NUMBERS = 0 POST_HEAD_NUMBERS(ONE), HEAD_TEXTS = 0 POST_HEAD_TEXTS(ONE),
       BODY_NUMBERS = 0 POST_BODY_NUMBERS(ONE), BODY_TEXTS = 0 POST_BODY_TEXTS(ONE) };

/* Every text its own name, every number another one. */
#define FILL_TEXT(name) to->name = str_from(#name);
#define FILL_NUMBER(name) to->name = --n;
static void fill_head(struct post_head *to)
{
	int64_t n = 0;

	*to = (struct post_head){.id = 99};
	POST_HEAD_TEXTS(FILL_TEXT)
	POST_HEAD_NUMBERS(FILL_NUMBER)
	to->date = TIME_ABSENT;
	to->words = INT64_MAX;
	to->title = STR_LIT("\xc3\xa8\0x\n");
	to->robots = (struct str){NULL, 0};
}

static void fill_body(struct post_body *to)
{
	int64_t n = 0;

	*to = (struct post_body){0};
	POST_BODY_TEXTS(FILL_TEXT)
	POST_BODY_NUMBERS(FILL_NUMBER)
}

#define SAME_TEXT(name) assert_true(str_eq(a->name, b->name));
#define SAME_NUMBER(name) assert_true(a->name == b->name);
static void same_head(const struct post_head *a, const struct post_head *b)
{
	POST_HEAD_TEXTS(SAME_TEXT)
	POST_HEAD_NUMBERS(SAME_NUMBER)
}

static void same_body(const struct post_body *a, const struct post_body *b)
{
	POST_BODY_TEXTS(SAME_TEXT)
	POST_BODY_NUMBERS(SAME_NUMBER)
}

static void comes_back_the_same(void **state)
{
	struct post_head head, head2;
	struct post_body body, body2;
	struct buf out = BUF_EMPTY;

	(void)state;
	/* no member that the lists do not name */
	assert_int_equal(sizeof(head), 8 * (1 + HEAD_NUMBERS) + sizeof(struct str) * HEAD_TEXTS);
	assert_int_equal(sizeof(body), 8 * BODY_NUMBERS + sizeof(struct str) * BODY_TEXTS);
	fill_head(&head);
	fill_body(&body);
	buf_puts(&out, "before"); /* it appends */
	postpack_head(&head, &out);
	size_t half = out.n;
	postpack_body(&body, &out);
	struct str a = guard_copy((struct str){out.p + 6, half - 6}),
		b = guard_copy(str_skip(buf_view(&out), half));
	assert_int_equal(postpack_read_head(a, &head2), 0);
	assert_int_equal(postpack_read_body(b, &body2), 0);
	same_head(&head, &head2);
	same_body(&body, &body2);
	/* one is not the other */
	assert_int_equal(postpack_read_head(b, &head2), -1);
	assert_int_equal(postpack_read_body(a, &body2), -1);
	guard_free(a);
	guard_free(b);
	buf_release(&out);
}

static void empty_posts_are_posts(void **state)
{
	struct post_head head = {0}, head2;
	struct post_body body = {0}, body2;
	struct buf out = BUF_EMPTY;

	(void)state;
	postpack_head(&head, &out);
	assert_int_equal(postpack_read_head(buf_view(&out), &head2), 0);
	same_head(&head, &head2);
	assert_int_equal(postpack_read_body(buf_view(&out), &body2), -1);
	buf_reset(&out);
	postpack_body(&body, &out);
	assert_int_equal(postpack_read_body(buf_view(&out), &body2), 0);
	same_body(&body, &body2);
	assert_int_equal(postpack_read_head(buf_view(&out), &head2), -1);
	buf_release(&out);
}

static void check_damage(struct str packed, bool body)
{
	struct post_head h;
	struct post_body b;

	assert_int_equal(body ? postpack_read_body(packed, &b) : postpack_read_head(packed, &h),
		-1);
}

/* Every bit of every byte; every end; and bytes too many. */
static void notices_every_damage(void **state)
{
	struct post_head head;
	struct post_body body;

	(void)state;
	fill_head(&head);
	fill_body(&body);
	for (int which = 0; which < 2; which++) {
		struct buf out = BUF_EMPTY;
		if (which)
			postpack_body(&body, &out);
		else
			postpack_head(&head, &out);
		for (size_t i = 0; i < out.n * 8; i++) {
			out.p[i / 8] ^= (char)(1 << i % 8);
			check_damage(buf_view(&out), which);
			out.p[i / 8] ^= (char)(1 << i % 8);
		}
		for (size_t n = 0; n < out.n; n++) {
			struct str cut = guard_copy(str_head(buf_view(&out), n));
			check_damage(cut, which);
			guard_free(cut);
		}
		buf_char(&out, 0);
		check_damage(buf_view(&out), which);
		buf_release(&out);
	}
	check_damage((struct str){NULL, 0}, false);
}

/* A checksum only says that nobody slipped: lengths are checked all the same. */
static void survives_wrong_lengths(void **state)
{
	static const int64_t lengths[] = {INT64_MAX, INT64_MIN, -1, 1000000, 5};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct post_body body;
		struct buf out = BUF_EMPTY;
		fill_body(&body);
		postpack_body(&body, &out);
		memcpy(out.p + 8 * (1 + BODY_NUMBERS), &lengths[i], 8);
		uint64_t sum = hash64(str_skip(buf_view(&out), 8));
		memcpy(out.p, &sum, 8);
		struct str copy = guard_copy(buf_view(&out));
		check_damage(copy, true);
		guard_free(copy);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_the_same),
		cmocka_unit_test(empty_posts_are_posts),
		cmocka_unit_test(notices_every_damage),
		cmocka_unit_test(survives_wrong_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
