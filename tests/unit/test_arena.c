/* test_arena.c: alignment, the ceiling, running out, reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arena.h"

static void aligns_and_separates(void **state)
{
	struct arena arena;
	char *last = NULL;
	size_t last_n = 0;

	(void)state;
	arena_init(&arena, 0);
	for (size_t n = 0; n < 200 * 1000; n = n * 3 / 2 + 1) {
		char *p = arena_alloc(&arena, n);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		memset(p, (int)n, n);
		for (size_t i = 0; i < last_n; i++)
			assert_int_equal(last[i], (char)last_n);
		last = p;
		last_n = n;
	}
	arena_release(&arena);
	assert_int_equal(arena.total, 0);
	arena_release(&arena); /* twice is allowed */
}

static void copies_end_with_a_nul(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	struct str s = arena_str(&arena, STR_LIT("a\0b"));
	assert_int_equal(s.n, 3);
	assert_memory_equal(s.p, "a\0b", 4);
	assert_string_equal(arena_z(&arena, (struct str){NULL, 0}), "");
	s = arena_printf(&arena, "%s-%05d", "x", 42);
	assert_int_equal(s.n, 7);
	assert_string_equal(s.p, "x-00042");
	const char *zeroed = arena_zero(&arena, 100, 3);
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(zeroed[i], 0);
	arena_release(&arena);
}

/* Bytes got out of an arena in steps of `step` before it gives up. */
static size_t fill(size_t ceiling, size_t step)
{
	struct arena arena;
	jmp_buf oom;
	volatile size_t got = 0;

	arena_init(&arena, ceiling);
	arena.oom = &oom;
	if (!setjmp(oom)) {
		while (got < 100 * 1000 * 1000) {
			memset(arena_alloc(&arena, step), 0, step);
			got += step;
		}
	}
	assert_true(arena.total <= ceiling);
	arena_release(&arena);
	return got;
}

static void gives_what_the_ceiling_allows(void **state)
{
	static const size_t ceilings[] = {16, 1000, 16 * 1024, 40 * 1000, 1000 * 1000,
		5 * 1000 * 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(ceilings) / sizeof(ceilings[0]); i++) {
		size_t got = fill(ceilings[i], 16);
		if (got > ceilings[i] || got < ceilings[i] / 10 * 9)
			fail_msg("ceiling %zu gave %zu", ceilings[i], got);
		assert_int_equal(fill(ceilings[i], ceilings[i] + 16), 0);
	}
}

static void absurd_sizes_are_running_out(void **state)
{
	struct arena arena;
	jmp_buf oom;
	volatile int times = 0;

	(void)state;
	arena_init(&arena, 0);
	arena.oom = &oom;
	if (setjmp(oom))
		times++;
	switch (times) {
	case 0: arena_alloc(&arena, SIZE_MAX); break;
	case 1: arena_alloc(&arena, SIZE_MAX - 15); break;
	case 2: arena_alloc(&arena, SIZE_MAX / 2 + 2); break;
	case 3: arena_zero(&arena, SIZE_MAX / 2, 3); break;
	default: assert_non_null(arena_alloc(&arena, 1)); /* still of use */
	}
	assert_int_equal(times, 4);
	arena_release(&arena);
}

static void room_is_kept_or_doubled_and_zero(void **state)
{
	struct arena arena;
	int *items = NULL;
	size_t room = 0;

	(void)state;
	arena_init(&arena, 0);
	for (size_t n = 0; n < 1000; n++) {
		int *before = items;
		size_t had = room;
		ARENA_ROOM(&arena, items, n, room);
		assert_in_range(room, n + 1, 2 * n + 16);
		assert_true(n == had || (items == before && room == had));
		assert_int_equal(items[room - 1], 0);
		items[n] = (int)n + 1;
		assert_int_equal(items[0], 1);
		assert_int_equal(items[n / 2], (int)(n / 2) + 1);
	}
	arena_release(&arena);
}

static void reset_keeps_one_block(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	arena_reset(&arena);
	void *first = arena_alloc(&arena, 10);
	arena_alloc(&arena, 1000 * 1000);
	size_t before = arena.total;
	arena_reset(&arena);
	assert_in_range(arena.total, 1, before - 1000 * 1000);
	assert_ptr_equal(arena_alloc(&arena, 10), first);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligns_and_separates),
		cmocka_unit_test(copies_end_with_a_nul),
		cmocka_unit_test(gives_what_the_ceiling_allows),
		cmocka_unit_test(absurd_sizes_are_running_out),
		cmocka_unit_test(room_is_kept_or_doubled_and_zero),
		cmocka_unit_test(reset_keeps_one_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
