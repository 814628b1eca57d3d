/* testarena.h: for tests that need some memory: one arena, fresh for each test
 * or for all, as cmocka's set-up and tear-down.  Header only, for one test
 * program each.
 */
#ifndef TESTS_TESTARENA_H
#define TESTS_TESTARENA_H

#include "arena.h"

static struct arena arena;

static inline int testarena_set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static inline int testarena_tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

#endif
