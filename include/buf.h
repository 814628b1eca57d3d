/* buf.h: a growing byte buffer whose error sticks.
 *
 * Callers append without looking and ask buf_failed() once at the end: after a
 * failure (no memory, or more bytes than the ceiling) further appends do
 * nothing and the content is what it was before the append that failed.
 * The bytes are always followed by a NUL that `n` does not count.
 */
#ifndef CARTOLINA_BUF_H
#define CARTOLINA_BUF_H

#include "str.h"

#include <stdarg.h>
#include <stdint.h>

struct arena;

struct buf {
	char *p;
	size_t n;
	size_t capacity;
	size_t ceiling; /* bytes; 0 means no limit */
	bool failed;
	struct arena *arena; /* what its memory is of; NULL: the heap */
};

/* An empty buffer needs no memory: a zeroed struct is one too. */
#define BUF_EMPTY ((struct buf){0})
/* One in an arena: it lives and dies with that, and when memory runs out it
 * takes the arena's way out instead of failing; only its ceiling makes it fail. */
#define BUF_IN(pool) ((struct buf){.arena = (pool)})

/* Needless for a buffer in an arena. */
void buf_release(struct buf *b);
/* Empties it and clears the error; keeps the memory. */
void buf_reset(struct buf *b);
/* Cuts it to its first n bytes. */
void buf_truncate(struct buf *b, size_t n);
/* Room for n more bytes without growing. */
void buf_reserve(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_puts(struct buf *b, const char *z);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args);
/* One Unicode scalar value as UTF-8; anything else as U+FFFD. */
void buf_utf8(struct buf *b, uint32_t scalar);

static inline struct str buf_view(const struct buf *b)
{
	return (struct str){b->p ? b->p : "", b->n};
}
static inline const char *buf_z(const struct buf *b)
{
	return b->p ? b->p : "";
}
static inline bool buf_failed(const struct buf *b)
{
	return b->failed;
}

/* Appends everything that fd still gives, up to the ceiling.  0, or -1 with
 * errno set (EFBIG past the ceiling, ENOMEM). */
int buf_read_fd(struct buf *b, int fd) __attribute__((warn_unused_result));

/* Writes all of it, in as many pieces as it takes.  0, or -1 with errno set. */
int buf_write_fd(int fd, struct str text) __attribute__((warn_unused_result));

#endif
