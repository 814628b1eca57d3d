/* arena.h: memory that is freed all at once.
 *
 * A function that takes `struct arena *` first returns something that lives
 * until that arena is reset.  One arena serves one request, or one post while
 * it is being indexed.
 *
 * Allocation never returns NULL.  When memory runs out, or the arena's ceiling
 * is passed, control goes to the arena's `oom` point if one is set (respond()
 * sets one and answers 500), else the process ends with a message: a worker is
 * replaced, and a write-side process has not committed anything.
 */
#ifndef CARTOLINA_ARENA_H
#define CARTOLINA_ARENA_H

#include "str.h"

#include <setjmp.h>
#include <stdarg.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	size_t used;                /* bytes handed out of the newest block */
	size_t total;               /* bytes obtained from the system */
	size_t ceiling;             /* bytes, of total; 0 means no limit */
	jmp_buf *oom;               /* where to go when memory runs out, or NULL */
};

void arena_init(struct arena *arena, size_t ceiling);
/* Forgets everything handed out and keeps one block for the next use. */
void arena_reset(struct arena *arena);
void arena_release(struct arena *arena);

/* Uninitialised memory, aligned for any type.  n may be 0. */
void *arena_alloc(struct arena *arena, size_t n);
/* The `from` bytes at memory (NULL for none) in a room of `to`, which is more:
 * the same place when it was handed out last and the block has room, else a copy. */
void *arena_grow(struct arena *arena, void *memory, size_t from, size_t to);
/* count * size zeroed bytes; an overflow counts as running out of memory. */
void *arena_zero(struct arena *arena, size_t count, size_t size);
/* Room for one element more behind `count` of `size` bytes: `items` itself, or
 * a copy in about twice the room, zeroed behind them.  *room counts elements. */
void *arena_room(struct arena *arena, void *items, size_t count, size_t *room, size_t size);

/* Copies; the result has a NUL after its end, which n does not count. */
struct str arena_str(struct arena *arena, struct str s);
char *arena_z(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define ARENA_NEW(arena, type) ((type *)arena_zero((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_zero((arena), (count), sizeof(type)))
#define ARENA_ROOM(arena, items, count, room) \
	((items) = arena_room((arena), (items), (count), &(room), sizeof(*(items))))

#endif
