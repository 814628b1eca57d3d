/* progress.c: counts -> a line that is written over itself, on a terminal only.
 *
 * No colours and no control sequences but the carriage return, so any terminal
 * will do; never as wide as the terminal, so it never wraps.  Nothing at all
 * is said of what takes no time.
 */
#include "progress.h"

#include "clock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 300, STEP_MS = 100, USUAL_WIDTH = 80, WIDEST_BAR = 40, LINE = 200 };

static size_t width(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
		return USUAL_WIDTH;
	return size.ws_col < LINE ? size.ws_col : LINE;
}

/* `text`, what is left of the line before, and back to the beginning. */
static void write_line(struct progress *p, const char *text)
{
	char line[2 * LINE + 4];
	size_t room = width(p->fd) - 1, n = strlen(text);

	if (n > room)
		n = room;
	size_t blank = p->columns > n ? p->columns - n : 0;
	if (n + blank > room) /* the window was made smaller */
		blank = room - n;
	int length = snprintf(line, sizeof(line), "\r%.*s%*s\r", (int)n, text, (int)blank, "");
	p->columns = n;
	if (length > 0 && write(p->fd, line, (size_t)length) < 0)
		p->terminal = false;
}

void progress_start(struct progress *p, int fd)
{
	const char *term = getenv("TERM");

	*p = (struct progress){
		.fd = fd,
		.terminal = isatty(fd) && !(term && !strcmp(term, "dumb")),
		.next = clock_ms() + PATIENCE_MS,
	};
}

void progress_show(void *context, size_t done, size_t total)
{
	static const char full[] = "########################################";
	struct progress *p = context;
	char text[LINE];

	if (!p->terminal || !total || (clock_ms() < p->next && !(done == total && p->columns)))
		return;
	p->next = clock_ms() + STEP_MS;
	int percent = (int)(done * 100 / total), bar = percent * WIDEST_BAR / 100;
	size_t room = width(p->fd);
	if (done == total)
		snprintf(text, sizeof(text), "%zu rendered; making the lists and the search", done);
	else if (room < USUAL_WIDTH)
		snprintf(text, sizeof(text), "%3d %% %zu of %zu", percent, done, total);
	else
		snprintf(text, sizeof(text), "%3d %% [%.*s%*s] %zu of %zu", percent, bar, full, WIDEST_BAR - bar, "",
			 done, total);
	write_line(p, text);
}

void progress_end(struct progress *p)
{
	if (p->terminal && p->columns)
		write_line(p, "");
}
