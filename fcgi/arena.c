/* arena.c: a chain of blocks, each at least twice the one before up to 1 MiB.
 *
 * Blocks come from malloc, so that the sanitizers see them.
 */
#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 16 * 1024, LARGEST_STEP = 1024 * 1024, ALIGN = 16, SHORT_TEXT = 256 };

struct arena_block {
	struct arena_block *next;
	size_t size; /* bytes after this header */
	_Alignas(ALIGN) char bytes[];
};

static void out_of_memory(struct arena *arena)
{
	if (arena->oom)
		longjmp(*arena->oom, 1);
	fputs("cartolina: error: out of memory\n", stderr);
	abort();
}

void arena_init(struct arena *arena, size_t ceiling)
{
	*arena = (struct arena){.ceiling = ceiling};
}

static void add_block(struct arena *arena, size_t at_least)
{
	size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
	size_t room = arena->ceiling ? arena->ceiling - arena->total : SIZE_MAX / 2;

	if (at_least > room)
		out_of_memory(arena);
	if (size > LARGEST_STEP)
		size = LARGEST_STEP;
	if (size > room)
		size = room / ALIGN * ALIGN;
	if (size < at_least)
		size = at_least;
	struct arena_block *block = malloc(sizeof(*block) + size);
	if (!block)
		out_of_memory(arena);
	block->next = arena->blocks;
	block->size = size;
	arena->blocks = block;
	arena->used = 0;
	arena->total += size;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	size_t rounded = n <= SIZE_MAX - ALIGN ? (n + ALIGN - 1) / ALIGN * ALIGN : n;

	if (!arena->blocks || arena->blocks->size - arena->used < rounded)
		add_block(arena, rounded);
	void *memory = arena->blocks->bytes + arena->used;
	arena->used += rounded;
	return memory;
}

void *arena_grow(struct arena *arena, void *memory, size_t from, size_t to)
{
	size_t rounded = (from + ALIGN - 1) / ALIGN * ALIGN;
	struct arena_block *newest = arena->blocks;

	if (memory && (char *)memory + rounded == newest->bytes + arena->used &&
	    (to + ALIGN - 1) / ALIGN * ALIGN <= newest->size - arena->used + rounded) {
		arena->used += (to + ALIGN - 1) / ALIGN * ALIGN - rounded;
		return memory;
	}
	void *grown = arena_alloc(arena, to);
	if (from)
		memcpy(grown, memory, from);
	return grown;
}

void *arena_zero(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		out_of_memory(arena);
	void *memory = arena_alloc(arena, count * size);
	if (count && size)
		memset(memory, 0, count * size);
	return memory;
}

void *arena_room(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room * 2 + 16;
	void *larger = arena_zero(arena, *room, size);
	if (count)
		memcpy(larger, items, count * size);
	return larger;
}

char *arena_z(struct arena *arena, struct str s)
{
	char *copy = arena_alloc(arena, s.n + 1);
	if (s.n)
		memcpy(copy, s.p, s.n);
	copy[s.n] = 0;
	return copy;
}

struct str arena_str(struct arena *arena, struct str s)
{
	return (struct str){arena_z(arena, s), s.n};
}

/* Most texts are short: they are formatted once, on the stack. */
struct str arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char shortly[SHORT_TEXT];

	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(shortly, sizeof(shortly), format, args);
	va_end(args);
	if (n < 0)
		out_of_memory(arena);
	char *text = arena_alloc(arena, (size_t)n + 1);
	if (n < SHORT_TEXT)
		memcpy(text, shortly, (size_t)n + 1);
	else
		vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	return (struct str){text, (size_t)n};
}

void arena_reset(struct arena *arena)
{
	struct arena_block *first = arena->blocks;

	if (!first)
		return;
	for (struct arena_block *next; first->next; first = next) {
		next = first->next;
		free(first);
	}
	arena->blocks = first;
	arena->used = 0;
	arena->total = first->size;
}

void arena_release(struct arena *arena)
{
	for (struct arena_block *block = arena->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	arena->blocks = NULL;
	arena->used = arena->total = 0;
}
