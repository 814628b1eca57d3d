/* buf.c: the growing byte buffer.  Doubles; never shrinks. */
#include "buf.h"

#include "arena.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void buf_release(struct buf *b)
{
	if (!b->arena)
		free(b->p);
	*b = BUF_IN(b->arena);
}

void buf_reset(struct buf *b)
{
	b->failed = false;
	buf_truncate(b, 0);
}

void buf_truncate(struct buf *b, size_t n)
{
	if (n < b->n || n == 0)
		b->n = n;
	if (b->p)
		b->p[b->n] = 0;
}

/* Makes room for n bytes and the NUL, or sets the sticky error. */
static bool grow(struct buf *b, size_t n)
{
	if (b->failed)
		return false;
	if (b->capacity > b->n && b->capacity - b->n > n)
		return !b->ceiling || b->n + n <= b->ceiling || !(b->failed = true);
	if (n > SIZE_MAX / 4 || b->n > SIZE_MAX / 4 || (b->ceiling && b->n + n > b->ceiling)) {
		b->failed = true;
		return false;
	}
	size_t capacity = b->capacity ? b->capacity * 2 : 256;
	if (capacity < b->n + n + 1)
		capacity = b->n + n + 1;
	char *p = b->arena ? arena_grow(b->arena, b->p, b->capacity, capacity) : realloc(b->p, capacity);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->capacity = capacity;
	return true;
}

void buf_reserve(struct buf *b, size_t n)
{
	grow(b, n);
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (!n || !grow(b, n))
		return;
	memcpy(b->p + b->n, bytes, n);
	b->n += n;
	b->p[b->n] = 0;
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void buf_puts(struct buf *b, const char *z)
{
	buf_add(b, z, strlen(z));
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

/* Into the room that is there, and once more where that was too little. */
void buf_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	size_t room = b->p && !b->failed ? b->capacity - b->n : 0;

	va_copy(again, args);
	int n = vsnprintf(room ? b->p + b->n : NULL, room, format, again);
	va_end(again);
	if (n < 0 || !grow(b, (size_t)n)) {
		if (room)
			b->p[b->n] = 0;
		b->failed = true;
		return;
	}
	if ((size_t)n >= room)
		vsnprintf(b->p + b->n, (size_t)n + 1, format, args);
	b->n += (size_t)n;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

void buf_utf8(struct buf *b, uint32_t c)
{
	char out[4];
	size_t n;

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		n = 1;
		out[0] = (char)c;
	} else if (c < 0x800) {
		n = 2;
		out[0] = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		n = 3;
		out[0] = (char)(0xe0 | c >> 12);
	} else {
		n = 4;
		out[0] = (char)(0xf0 | c >> 18);
	}
	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	buf_add(b, out, n);
}

int buf_read_fd(struct buf *b, int fd)
{
	/* Small first: most files are, and untouched memory is free. */
	for (size_t portion = 8 * 1024;; portion = portion < 64 * 1024 ? portion * 2 : portion) {
		size_t want = portion;
		if (b->ceiling && b->ceiling - b->n < want)
			want = b->ceiling - b->n;
		if (want == 0) {
			char more;
			ssize_t k = read(fd, &more, 1);
			if (k == 0)
				return 0;
			if (k > 0)
				errno = EFBIG;
			else if (errno == EINTR)
				continue;
			return -1;
		}
		if (!grow(b, want)) {
			errno = ENOMEM;
			return -1;
		}
		ssize_t k = read(fd, b->p + b->n, want);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		b->n += (size_t)k;
		b->p[b->n] = 0;
		if (k == 0)
			return 0;
	}
}

int buf_write_fd(int fd, struct str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text = str_skip(text, (size_t)n);
	}
	return 0;
}
