/* gateway_cgi.c: the environment -> one response on standard output. */
#include "gateway_cgi.h"

#include "access.h"
#include "clock.h"
#include "config.h"
#include "log.h"
#include "request.h"
#include "respond.h"
#include "response.h"
#include "site.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
	ARENA_CEILING = 256 * 1024 * 1024, /* bytes */
	BODY_LIMIT = 16 * 1024 * 1024,     /* bytes of a request body that are read, and dropped */
	BODY_SECONDS = 10,
	HEAP_AT_ONCE = 1024 * 1024, /* bytes of addresses; memory is taken when it is touched */
};

/* A script called without a path, /cgi-bin/cartolina.cgi, is the home page:
 * its own name is not a path of the site's. */
static bool is_this_program(const char *script_name)
{
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	const char *file = getenv("SCRIPT_FILENAME"), *last = strrchr(script_name, '/');

	if (n < 0 || !last)
		return false;
	program[n] = 0;
	const char *base = strrchr(program, '/'), *link = file ? strrchr(file, '/') : NULL;
	return (base && !strcmp(base, last)) ||
	       (link && !strcmp(link, last) && access(file, X_OK) == 0);
}

static const char *variable(void *context, const char *name)
{
	const char *value = getenv(name);
	bool *at_root = context;

	if (*at_root && !strcmp(name, "PATH_INFO"))
		return "/";
	return value;
}

static bool asks_for_root(void)
{
	const char *path = getenv("PATH_INFO"), *uri = getenv("DOCUMENT_URI"), *script = getenv("SCRIPT_NAME");

	return !(path && path[0]) && !(uri && uri[0]) && script && is_this_program(script);
}

static void do_nothing(int signal_number)
{
	(void)signal_number;
}

/* A body is of no use here, but a server that is still writing it when this
 * process ends may take that for a failure and lose the answer. */
static void drain_input(void)
{
	const char *length = getenv("CONTENT_LENGTH");
	long long left = length ? atoll(length) : 0;
	char sink[16 * 1024];

	/* Without SA_RESTART, the alarm ends the read. */
	struct sigaction wake = {.sa_handler = do_nothing};

	if (left <= 0)
		return;
	if (left > BODY_LIMIT)
		left = BODY_LIMIT;
	sigaction(SIGALRM, &wake, NULL);
	alarm(BODY_SECONDS);
	while (left > 0) {
		ssize_t n = read(STDIN_FILENO, sink, sizeof(sink));
		if (n <= 0)
			break;
		left -= n;
	}
	alarm(0);
}

/* Head and body from where they are, at once as a rule. */
static int print(const struct response *response)
{
	struct buf head = BUF_EMPTY;
	struct str body = response->without_body ? STR_LIT("") : response->body;

	response_write_head(response, &head);
	struct iovec parts[] = {{head.p, head.n}, {(void *)body.p, body.n}};
	ssize_t n = writev(STDOUT_FILENO, parts, 2);
	size_t done = n > 0 ? (size_t)n : 0, of_body = done > head.n ? done - head.n : 0;
	int result = buf_failed(&head) || (n < 0 && errno != EINTR) ||
		     buf_write_fd(STDOUT_FILENO, str_skip(buf_view(&head), done)) ||
		     buf_write_fd(STDOUT_FILENO, str_skip(body, of_body));
	buf_release(&head);
	return result;
}

/* The web server's log has the time. */
static void set_up_log(const struct config *config)
{
	if (config->log != LOG_TO_STDERR || config->log_format != LOG_PLAIN)
		log_setup(&(struct log_options){.target = config->log, .format = config->log_format});
}

int gateway_cgi_run(const char *config_file)
{
	struct arena arena, request_arena;
	struct config config;
	struct request request;
	struct response response;
	struct site *site = NULL;
	struct buf err = BUF_EMPTY;
	bool at_root = asks_for_root(), answered = false;
	int64_t begun = clock_us();

	mallopt(M_TOP_PAD, HEAP_AT_ONCE);
	arena_init(&arena, 0);
	arena_init(&request_arena, ARENA_CEILING);
	int failed = config_load(&arena, config_file, getenv("SCRIPT_FILENAME"), &config, &err);
	if (!failed)
		set_up_log(&config);
	if (failed || site_open(&site, &config, SITE_REFRESH_SELF, &err)) {
		log_lines(buf_view(&err));
		response_internal_error(&response);
	} else {
		request_read(&request_arena, &config, variable, &at_root, time(NULL), &request);
		respond(site, &request, &request_arena, &response);
		answered = true;
	}
	drain_input();
	int result = print(&response);
	if (answered && config.access_log)
		access_note(&(struct access){
			.config = &config,
			.request = &request,
			.response = &response,
			.id = access_id(&request_arena, variable, &at_root),
			.microseconds = (uint64_t)(clock_us() - begun),
			.cut_off = result != 0,
		}, NULL);
	/* Nothing is given back: the process ends, and the system takes it all. */
	return result;
}
