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
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	ARENA_CEILING = 256 * 1024 * 1024, /* bytes */
	BODY_LIMIT = 16 * 1024 * 1024,     /* bytes of a request body that are read, and dropped */
	BODY_SECONDS = 10,
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

	if (left > BODY_LIMIT)
		left = BODY_LIMIT;
	sigaction(SIGALRM, &wake, NULL);
	alarm(left > 0 ? BODY_SECONDS : 0);
	while (left > 0) {
		ssize_t n = read(STDIN_FILENO, sink, sizeof(sink));
		if (n <= 0)
			break;
		left -= n;
	}
	alarm(0);
}

static int print(const struct response *response)
{
	struct buf out = BUF_EMPTY;
	int result = 0;

	response_write(response, &out);
	for (size_t done = 0; done < out.n && !result;) {
		ssize_t n = write(STDOUT_FILENO, out.p + done, out.n - done);
		if (n < 0 && errno != EINTR)
			result = 1;
		else if (n > 0)
			done += (size_t)n;
	}
	buf_release(&out);
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
